import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { writePickedUp } from '../../../support/picked-up-tickets.ts';
import {
  createTicket,
  linesPath,
  NOBODY,
  newTicket,
  PRODUCT,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeLine,
} from '../../../support/tickets.ts';

/** PUTs that change no value. The ticket has a VIN, no voucher code, and a line of each of two products. */

let ticket: Ticket;
let byReference: string;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner, { voucher_code: null });
  await writeLine(ticket.id, PRODUCT);
  await writeLine(ticket.id, NOBODY);
  byReference = referencePath(ticket.preparer_external_reference);
});

const line = (product_id: string, quantity = 1) => ({ product_id, quantity });
const values = { ...ticketUpdate, voucher_code: null };
const { preparer_external_reference: _reference, voucher_code: _code, ...body } = newTicket;
const inLowerCase = { vin: newTicket.vin.toLowerCase() };

type Put = [what: string, path: () => string, body: object, other: object];

/** Each with a body that changes nothing, and members that would change something. */
const puts: Put[] = [
  ['by id', () => ticketPath(ticket.id), values, { voucher_code: 'OTHER1' }],
  [
    'by id, with the VIN in lower case',
    () => ticketPath(ticket.id),
    { ...values, ...inLowerCase },
    { vin: null },
  ],
  [
    'by reference, without lines and voucher code',
    () => byReference,
    body,
    { voucher_code: 'A1B2' },
  ],
  [
    'by reference, with the VIN in lower case and the lines in another order',
    () => byReference,
    {
      ...body,
      ...inLowerCase,
      voucher_code: null,
      product_lines: [line(PRODUCT.toUpperCase()), line(NOBODY)],
    },
    { product_lines: [line(PRODUCT), line(NOBODY, 2)] },
  ],
  [
    'by reference, with the lines, unlike one with a line less',
    () => byReference,
    { ...body, product_lines: [line(NOBODY), line(PRODUCT)] },
    { product_lines: [line(NOBODY)] },
  ],
  ['of a line', () => linesPath(ticket.id, PRODUCT), { quantity: 1 }, { quantity: 2 }],
];

const put = (path: string, content: object, headers: Record<string, string> = {}) =>
  api.request('PUT', path, { as: partner, body: content, headers });

describe.each(puts)('a PUT %s that changes no value', (_what, path, same, other) => {
  test('writes nothing, and answers what a GET does, with the present tag', async () => {
    const before = await allRows();
    const conditions: Record<string, string>[] = [
      {},
      { 'if-match': '"1-1"' },
      { 'if-match': '*' },
      { 'if-none-match': '"1-7"' },
    ];
    for (const headers of conditions) {
      const response = await put(path(), same, headers);
      expect(response.status).toBe(200);
      expect(response.headers.get('etag')).toBe('"1-1"');
      expect(response.headers.has('location')).toBe(false);
      expect(response.headers.get('x-d1-bookmark')).toBeTruthy();
      const read = await api.get(path(), partner);
      expect(response.headers.get('content-location')).toBe(ORIGIN + path());
      expect(await response.json()).toEqual(await read.json());
    }
    expect(await allRows()).toEqual(before);
  });

  test.each<[string, string]>([
    ['if-match', '"1-2"'],
    ['if-none-match', '"1-1"'],
    ['if-none-match', '*'],
  ])('is a 412 with %s: %s', async (name, tag) => {
    const before = await allRows();
    expect((await put(path(), same, { [name]: tag })).status).toBe(412);
    expect(await allRows()).toEqual(before);
  });

  test('is unlike one that changes one value', async () => {
    const changed = await put(path(), { ...same, ...other }, { 'if-match': '"1-1"' });
    const tag = changed.headers.get('etag') as string;
    expect([changed.status, tag === '"1-1"']).toEqual([200, false]);
    const again = await put(path(), { ...same, ...other }, { 'if-match': tag });
    expect([again.status, again.headers.get('etag')]).toEqual([200, tag]);
  });
});

test('a key of a PUT by reference that changes nothing is kept, and its replay is the first response', async () => {
  for (const [key, content] of [
    ['"a"', body],
    ['"b"', { ...body, product_lines: [line(PRODUCT), line(NOBODY)] }],
  ] as const) {
    const headers = { 'idempotency-key': key, 'if-match': '*' };
    const etag = (await api.get(byReference, partner)).headers.get('etag');
    const before = await allRows();
    const first = await put(byReference, content, headers);
    expect([first.status, first.headers.get('etag')]).toEqual([200, etag]);
    const { idempotency_keys: _keys, ...others } = await allRows();
    expect(others).toEqual({ ...before, idempotency_keys: undefined });
    await put(linesPath(ticket.id, PRODUCT), { quantity: 9 });
    await put(byReference, { ...body, vin: null, product_lines: [] });
    const replay = await put(byReference, content, headers);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(replay.headers.get('etag')).toBe(etag);
    expect(await replay.text()).toBe(await first.text());
    await put(byReference, { ...body, product_lines: [line(PRODUCT), line(NOBODY)] });
  }
});

test('refusals precede the comparison: another customer, a picked-up ticket, an ambiguous reference', async () => {
  const pickedUp = await writePickedUp(partner);
  const other = { ...body, customer_id: crypto.randomUUID() };
  expect((await put(byReference, other)).status).toBe(400);
  expect((await put(ticketPath(ticket.id), { ...values, customer_id: NOBODY })).status).toBe(400);
  expect((await put(ticketPath(pickedUp.id), values)).status).toBe(410);
  expect((await put(linesPath(pickedUp.id, PRODUCT), { quantity: 1 })).status).toBe(410);
  await createTicket(api, partner, { voucher_code: null });
  expect((await put(byReference, body)).status).toBe(409);
});

import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, makePartnerOf, partner } from '../../../support/each-test.ts';
import { sync } from '../../../support/syncs.ts';
import {
  CUSTOMER,
  linesPath,
  newTicket,
  PRODUCT,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

/** An entity tag belongs to one ticket or line: none that was created anew, or took over a reference, has it again. */

const { preparer_external_reference: REFERENCE, ...body } = newTicket;
const path = referencePath(REFERENCE);

beforeEach(makeApiAndPartner);

const send = (method: string, to: string, headers: Record<string, string> = {}, content?: object) =>
  api.request(method, to, { as: partner, headers, body: content });

/** Writes the ticket with the reference and one line, and returns it with its tag. */
async function put(values: object = {}) {
  const product_lines = [{ product_id: PRODUCT, quantity: 1 }];
  const response = await send('PUT', path, {}, { ...body, product_lines, ...values });
  expect(response.ok).toBe(true);
  const { id } = await response.json<Ticket>();
  return { id, tag: response.headers.get('etag') as string };
}

/** Expects that no request with a tag finds the resource in that state, or changes it. */
async function expectOld(tag: string, to: string, content: object): Promise<void> {
  const before = await allRows();
  const read = await send('GET', to, { 'if-none-match': tag });
  expect([read.status, read.headers.get('etag') === tag], to).toEqual([200, false]);
  const ifMatch = { 'if-match': tag };
  for (const response of [
    await send('GET', to, ifMatch),
    await send('PUT', to, ifMatch, content),
    await send('DELETE', to, ifMatch),
  ]) {
    expect(response.status, to).toBe(412);
  }
  expect(await allRows()).toEqual(before);
}

/** Expects that a tag fits neither path of a ticket, and does not let a customer pick it up. */
async function expectOldOfTicket(tag: string, id: string): Promise<void> {
  await expectOld(tag, path, { ...body, vin: null });
  await expectOld(tag, ticketPath(id), { ...ticketUpdate, vin: null });
  const customer = { customer_id: CUSTOMER };
  const response = await send('POST', `${ticketPath(id)}/pick-up`, { 'if-match': tag }, customer);
  expect(response.status).toBe(412);
}

describe('a tag of a ticket', () => {
  const deletions: [string, (id: string) => Promise<unknown>][] = [
    ['by reference', () => send('DELETE', path)],
    ['by id', (id) => send('DELETE', ticketPath(id))],
    [
      'by a sync',
      () => sync(api, partner, { preparer_external_reference: REFERENCE, deleted: true }),
    ],
  ];

  test.each(deletions)(
    'fits no ticket that has its reference after a deletion %s',
    async (_how, remove) => {
      const first = await put();
      await remove(first.id);
      const second = await put();
      expect(second.id).not.toBe(first.id);
      await expectOldOfTicket(first.tag, second.id);
    },
  );

  test('fits no ticket that takes its reference over', async () => {
    const first = await put();
    const renamed = { ...ticketUpdate, preparer_external_reference: 'another' };
    await send('PUT', ticketPath(first.id), {}, renamed);
    const second = await put();
    await expectOldOfTicket(first.tag, second.id);
  });
});

/** What a request can do about the line of the ticket; `0` removes it. */
const lineWrites: Record<string, (id: string, quantity: number) => Promise<unknown>> = {
  'by its path': (id, quantity) =>
    quantity === 0
      ? send('DELETE', linesPath(id, PRODUCT))
      : send('PUT', linesPath(id, PRODUCT), {}, { quantity }),
  'by reference': (_id, quantity) => put(linesOf(quantity)),
  'by a sync': (_id, quantity) => sync(api, partner, { ...newTicket, ...linesOf(quantity) }),
};

const linesOf = (quantity: number) => ({
  product_lines: quantity === 0 ? [] : [{ product_id: PRODUCT, quantity }],
});

describe.each(Object.entries(lineWrites))('a tag of a line that is written %s', (_how, write) => {
  test('fits no second line of the product, whatever the clocks say', async () => {
    const { id } = await put();
    const line = linesPath(id, PRODUCT);
    await send('DELETE', line);
    const now = api.now;
    const tags: string[] = [];
    // Another isolate has a clock that is late.
    for (const [time, quantity] of [
      [now + 1, 1],
      [now + 1, 2],
      [now + 1, 0],
      [now + 1, 1],
      [now, 0],
      [now, 1],
      [now, 2],
    ] as const) {
      api.now = time;
      await write(id, quantity);
      if (quantity > 0) {
        tags.push((await send('GET', line)).headers.get('etag') as string);
      }
    }
    expect(new Set(tags).size).toBe(5);
    for (const tag of tags.slice(0, -1)) {
      await expectOld(tag, line, { quantity: 7 });
    }
  });
});

/** Changes of one reference, its ticket and two products. */
const step = fc.record({
  how: fc.constantFrom('delete', 'update', ...Object.keys(lineWrites)),
  quantity: fc.nat(2),
});

test('every tag belongs to one ticket or line in one state, after any writes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 25, size: 'max' }),
      async (steps) => {
        await makePartnerOf(api);
        let { id } = await put();
        /** What was shown with each tag, by the path. */
        const shown = new Map<string, string>();
        for (const { how, quantity } of steps) {
          if (how === 'delete') {
            await send('DELETE', path);
            ({ id } = await put());
          } else if (how === 'update') {
            await send('PUT', ticketPath(id), {}, { ...ticketUpdate, vehicle_model_id: quantity });
          } else {
            await lineWrites[how]?.(id, quantity);
          }
          for (const to of [path, linesPath(id, PRODUCT)]) {
            const response = await send('GET', to);
            const text = await response.text();
            const tag = response.headers.get('etag');
            if (response.status === 200 && tag !== null) {
              const key = `${to === path ? 'ticket' : 'line'} ${tag}`;
              expect(shown.get(key) ?? text, key).toBe(text);
              shown.set(key, text);
            }
          }
        }
      },
    ),
    { numRuns: Math.ceil(Number(env.RACE_RUNS) / 5), endOnFailure: true },
  );
});

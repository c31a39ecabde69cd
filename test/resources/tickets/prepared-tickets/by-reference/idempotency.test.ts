import { beforeEach, expect, test } from 'vitest';
import { TICKETS } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { databaseOf } from '../../../../support/homes.ts';
import {
  NOBODY,
  newTicket,
  PRODUCT,
  referencePath,
  storedRows,
  ticketPath,
} from '../../../../support/tickets.ts';

const REFERENCE = 'WORKSHOP-77';
const path = referencePath(REFERENCE);
const { preparer_external_reference: _reference, ...body } = newTicket;

beforeEach(makeApiAndPartner);

function put(values: object = {}, headers: Record<string, string> = {}) {
  const options = {
    as: partner,
    body: { ...body, product_lines: [{ product_id: PRODUCT, quantity: 1 }], ...values },
    headers: { 'idempotency-key': '"one"', ...headers },
  };
  return api.request('PUT', path, options);
}

async function told(response: Response) {
  const names = ['etag', 'location', 'content-location'];
  return {
    status: response.status,
    text: await response.text(),
    headers: names.map((name) => response.headers.get(name)),
  };
}

async function expectReplayed(first: Response, again: Response) {
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await told(again)).toEqual(await told(first));
}

test.each(['changed', 'deleted'])(
  'a replay answers the creation although the ticket was %s since, and writes nothing',
  async (fate) => {
    const first = await put();
    expect(first.status).toBe(201);
    if (fate === 'deleted') {
      await api.delete(path, partner);
    } else {
      await api.put(path, partner, { ...body, vin: null, product_lines: [] });
    }
    const before = await storedRows();
    await expectReplayed(first, await put({}, { 'if-match': '"1-99"' }));
    expect(await storedRows()).toEqual(before);
  },
);

test.each<[string, object]>([
  ['with lines', {}],
  ['without lines', { product_lines: undefined }],
])(
  'a replay answers the replacement %s although the ticket and its lines were replaced since',
  async (_what, values) => {
    const product_lines = [{ product_id: NOBODY, quantity: 7 }];
    await api.put(path, partner, { ...body, product_lines });
    const replace = () => put({ vin: null, ...values }, { 'if-match': '"1-1"' });
    const first = await replace();
    expect(first.status).toBe(200);
    await api.put(path, partner, { ...body, product_lines: [] });
    const before = await storedRows();
    await expectReplayed(first, await replace());
    expect(await storedRows()).toEqual(before);
  },
);

test('a replay of a key from before responses had lines answers with the present ones', async () => {
  const product_lines = [{ product_id: NOBODY, quantity: 7 }];
  await api.put(path, partner, { ...body, product_lines });
  const first = await put({ product_lines: undefined });
  await databaseOf(partner)
    .prepare("UPDATE idempotency_keys SET result = json_remove(result, '$.product_lines')")
    .run();
  await expectReplayed(first, await put({ product_lines: undefined }));
});

test.each<[string, object]>([
  ['other values', { vin: null }],
  ['other lines', { product_lines: [] }],
  ['no lines', { product_lines: undefined }],
])('a key that came with %s is refused', async (_what, values) => {
  await put();
  const before = await storedRows();
  const response = await put(values);
  expect(response.status).toBe(422);
  expect(await storedRows()).toEqual(before);
});

test('a key of a POST is refused, and one of a PUT at POST', async () => {
  const ticket = { ...newTicket, preparer_external_reference: REFERENCE };
  const post = (key: string) =>
    api.request('POST', TICKETS, {
      as: partner,
      body: ticket,
      headers: { 'idempotency-key': key },
    });
  expect((await put({ product_lines: undefined })).status).toBe(201);
  expect((await post('"one"')).status).toBe(422);
  const { id } = await (await post('"two"')).json<{ id: string }>();
  await api.delete(ticketPath(id), partner);
  const keyed = await put({ product_lines: undefined }, { 'idempotency-key': '"two"' });
  expect(keyed.status).toBe(422);
});

test('a refusal does not use the key up', async () => {
  await api.put(path, partner, body);
  expect((await put({ customer_id: NOBODY })).status).toBe(400);
  expect((await put({}, { 'if-match': '"1-99"' })).status).toBe(412);
  expect((await put({}, { 'if-match': '"1-1"' })).status).toBe(200);
  expect((await put({}, { 'if-match': '"1-1"' })).headers.get('idempotent-replayed')).toBe('true');
});

test('50 parallel requests with one key write once', async () => {
  const headers = { ...(await partner.headers(api)), 'idempotency-key': '"crowd"' };
  const responses = await Promise.all(
    Array.from({ length: 50 }, () => api.request('PUT', path, { body, headers })),
  );
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(await Promise.all(responses.map((response) => response.text()))).size).toBe(1);
  expect(responses.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
  expect((await storedRows()).tickets).toMatchObject([{ version: 1 }]);
});

import { beforeEach, expect, test } from 'vitest';
import { BATCHES, TestApi, TICKETS } from '../../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../../support/each-test.ts';
import { disorder, expectExactCounts } from '../../../../support/naive-list.ts';
import {
  newTicket,
  PRODUCT,
  referencePath,
  storedRows,
  type Ticket,
} from '../../../../support/tickets.ts';

const REFERENCE = 'WORKSHOP-77';
const path = referencePath(REFERENCE);
const ticket = { ...newTicket, preparer_external_reference: REFERENCE };

let headers: Record<string, string>;

beforeEach(async () => {
  // So small that many of the tickets begin a part of a bucket.
  await makePartnerOf(new TestApi({}, { ticketsPerPart: 1 }));
  headers = await partner.headers(api);
});

const put = (i: number) =>
  api.request('PUT', path, {
    headers,
    body: {
      ...ticket,
      vin: i % 2 ? null : ticket.vin,
      vehicle_model_id: i,
      product_lines: i % 3 ? [{ product_id: PRODUCT, quantity: i + 1 }] : [],
    },
  });
const remove = () => api.request('DELETE', path, { headers });
const post = () => api.request('POST', TICKETS, { headers, body: ticket });

/** Sends all at the same time; gives the responses by their status. */
async function crowd(count: number, send: (i: number) => Promise<Response>) {
  const responses = await Promise.all(Array.from({ length: count }, (_, i) => send(i)));
  await expectExactCounts();
  expect(await disorder()).toEqual([]);
  const groups = Map.groupBy(responses, ({ status }) => status);
  return (status: number) => groups.get(status) ?? [];
}

test('50 parallel PUTs with one new reference make one ticket', async () => {
  const answered = await crowd(50, put);
  expect([answered(201).length, answered(200).length]).toEqual([1, 49]);
  const all = [...answered(201), ...answered(200)];
  const tickets = await Promise.all(all.map((response) => response.json<Ticket>()));
  expect(new Set(tickets.map(({ id }) => id)).size).toBe(1);
  // Each took effect on its own, and the last one is what is there, lines included.
  const tags = all.map((response) => response.headers.get('etag'));
  expect(new Set(tags).size).toBe(50);
  const last = tickets[tags.indexOf('"1-50"')] as Ticket;
  expect(await (await api.get(path, partner)).json()).toEqual(last);
  const i = last.vehicle_model_id;
  const { lines } = await storedRows();
  expect(lines).toMatchObject(i % 3 ? [{ product_id: PRODUCT, quantity: i + 1 }] : []);
});

test('50 parallel PUTs with If-None-Match: * make one ticket and change it never', async () => {
  const create = (i: number) =>
    api.request('PUT', path, {
      headers: { ...headers, 'if-none-match': '*' },
      body: { ...ticket, vehicle_model_id: i },
    });
  const answered = await crowd(50, create);
  expect([answered(201).length, answered(412).length]).toEqual([1, 49]);
  const [made] = answered(201) as [Response];
  expect(await (await api.get(path, partner)).json()).toEqual(await made.json());
});

test('PUTs against DELETEs have one order: each creation is followed by one deletion at most', async () => {
  const answered = await crowd(100, (i) => (i % 2 ? remove() : put(i)));
  const { tickets } = await storedRows();
  const [created, deleted] = [answered(201), answered(204)];
  expect(created.length + answered(200).length).toBe(50);
  expect(deleted.length + answered(404).length).toBe(50);
  expect(created.length - deleted.length).toBe(tickets?.length);
  expect(tickets?.length).toBeLessThanOrEqual(1);
});

test('PUTs against POSTs of the same reference have one order', async () => {
  const answered = await crowd(40, (i) => (i % 4 === 3 ? post() : put(i)));
  const tickets = (await storedRows()).tickets as Ticket[];
  const created = await Promise.all(answered(201).map((response) => response.json<Ticket>()));
  // A PUT creates the ticket only if it comes before every POST.
  expect([10, 11]).toContain(created.length);
  expect(tickets.map(({ id }) => id).sort()).toEqual(created.map(({ id }) => id).sort());
  expect(answered(200).length + answered(409).length).toBe(40 - created.length);
  expect((await put(0)).status).toBe(409);
});

test('PUTs against DELETEs and batches of the same reference have one order', async () => {
  const batch = () =>
    api.request('POST', BATCHES, { headers, body: { prepared_tickets: [ticket, ticket] } });
  const sends = [put, remove, batch];
  const answered = await crowd(45, (i) => (sends[i % 3] as typeof put)(i));
  const [created, deleted, refused] = [answered(201), answered(204), answered(409)];
  const settled = [created, deleted, refused, answered(200), answered(404)];
  expect(settled.flat().length).toBe(45);
  const { tickets } = await storedRows();
  const batches = 15;
  const createdByPut = created.length - batches;
  expect(tickets?.length).toBe(2 * batches + createdByPut - deleted.length);
  // From the first batch on, two tickets or more share the reference.
  expect(refused.length).toBeGreaterThan(0);
  expect((await put(0)).status).toBe(409);
});

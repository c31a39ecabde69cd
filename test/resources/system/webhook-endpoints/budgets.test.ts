import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { START } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  ENDPOINTS,
  endpointPath,
  HOOK,
  makeEndpoint,
} from '../../../support/endpoints.ts';
import { feedCursor } from '../../../support/partners.ts';
import { createTicket, NOBODY } from '../../../support/tickets.ts';

/** The D1 budgets of webhook endpoints, with so many events that a statement which reads each is beyond them. */
const EVENTS = 500;
const DELIVERIES = 500;

let made: CreatedEndpoint;

beforeEach(async () => {
  await makeApiAndPartner();
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
     SELECT ?2, i, format('00000000-0000-4000-8000-%012d', i), 'client.updated', ?3, ?4 FROM n`,
  )
    .bind(EVENTS, partner.partnerId, START, NOBODY)
    .run();
  made = await makeEndpoint(api, partner);
  await env.DB.batch([
    env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO webhook_deliveries SELECT ?1, i, format('00000000-0000-4000-8000-%012d', i),
         'client.updated', i, 1, ?3, 5, 204, NULL, NULL FROM n`,
    ).bind(made.id, DELIVERIES, START),
    env.DB.prepare('UPDATE webhook_endpoints SET newest_delivery = ?').bind(DELIVERIES),
  ]);
});

/** The rows that a request reads, with those of the lookup of its credentials, and the rows that it writes. */
type Budget = readonly [read: number, written: number];

/** Expects a number of round trips, and at most the rows of a budget, which include those of the gate. */
async function expectCost(
  sent: Promise<Response>,
  [read, written]: Budget,
  trips = 1,
): Promise<void> {
  const response = await sent;
  expect(response.ok, await response.clone().text()).toBe(true);
  const timing = response.headers.get('server-timing') ?? '';
  const cost = /trips=(\d+) read=(\d+) written=(\d+)/.exec(timing)?.slice(1).map(Number);
  const [roundTrips, rowsRead, rowsWritten] = cost as [number, number, number];
  expect(roundTrips).toBe(trips);
  expect(rowsRead).toBeLessThanOrEqual(read);
  expect(rowsWritten).toBeLessThanOrEqual(written);
  // Without this, a database that reports no rows would be within any budget.
  expect([rowsRead > 0, rowsWritten > 0]).toEqual([true, written > 0]);
}

const path = (below = '') => endpointPath(made, below);
const post = (to: string, body?: object, headers: Record<string, string> = {}) =>
  api.request('POST', to, { as: partner, body, headers });

test('GET: 5 rows for a list of one, and 3 for one', async () => {
  await expectCost(api.get(ENDPOINTS, partner), [5, 0]);
  await expectCost(api.get(path(), partner), [3, 0]);
});

test('GET of deliveries: 4 rows and those of the page, at any offset', async () => {
  for (const offset of [0, 1, 250, 490]) {
    const query = `?limit=10&offset=${offset}`;
    await expectCost(api.get(path(`/deliveries${query}`), partner), [4 + 10, 0]);
  }
});

test('POST: 2 trips, 18 rows read and 7 written, and with a key 21 and 9', async () => {
  const url = `${HOOK}/2`;
  await expectCost(post(ENDPOINTS, { url }), [18, 7], 2);
  await expectCost(post(ENDPOINTS, { url }, { 'idempotency-key': 'k' }), [21, 9], 2);
});

test('POST beside an endpoint with the same URL: the latest 20 deliveries of that one more', async () => {
  await expectCost(post(ENDPOINTS, { url: HOOK }), [18 + 20, 7], 2);
});

test('PUT: 1 trip, 10 rows read and 3 written, and 2 trips with 17 and 3 if the receiver is asked', async () => {
  const { url, description, event_types, disabled } = made;
  const body = { url, description, event_types, disabled };
  await expectCost(api.put(path(), partner, body), [10, 3]);
  await expectCost(api.put(path(), partner, { ...body, url: `${HOOK}/2` }), [17, 3], 2);
});

test('rotation: 10 rows read and 5 written', async () => {
  await expectCost(post(path('/secrets'), { overlap_seconds: 60 }), [10, 5]);
});

test('a test delivery: 6 rows read and none written before the response', async () => {
  await expectCost(post(path('/test-deliveries')), [6, 0]);
});

test('a replay: 10 rows read and 1 written', async () => {
  const after = await feedCursor(partner.partnerId, 3);
  await expectCost(post(path('/replays'), { after }), [10, 1]);
});

test('a replay of one event: 12 rows read and none written before the response', async () => {
  await createTicket(api, partner);
  await expectCost(post(path('/replays'), { sequence: EVENTS + 2 }), [12, 0]);
});

test('an attempt: 7 rows read and 1 written, and none written if it does not wait', async () => {
  await env.DB.prepare('UPDATE webhook_endpoints SET next_attempt_at = 4e12').run();
  await expectCost(post(path('/attempts')), [7, 1]);
  await expectCost(post(path('/attempts')), [7, 0]);
});

test('DELETE: 12 rows read and 3 written, however many deliveries there are', async () => {
  await expectCost(api.delete(path(), partner), [12, 3]);
});

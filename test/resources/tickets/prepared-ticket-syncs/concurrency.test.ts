import { beforeEach, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { followEvents, stateAfter } from '../../../support/events.ts';
import { everywhere } from '../../../support/homes.ts';
import { disorder, expectExactCounts } from '../../../support/naive-list.ts';
import { listPickedUp } from '../../../support/picked-up-tickets.ts';
import {
  deletionOf,
  order,
  outcomesOf,
  type SyncResult,
  sendSync,
} from '../../../support/syncs.ts';
import { isThorough } from '../../../support/thorough.ts';
import { CUSTOMER, listTickets, PRODUCT, referencePath } from '../../../support/tickets.ts';

const REFERENCES = ['A', 'B', 'C', 'D', 'E', 'F'];
const VIN = 'JH4KA7630PC007649';
const ROUNDS = isThorough ? 12 : 2;

let headers: Record<string, string>;
/** The ids of the tickets by reference, before the callers begin. */
let ids: Map<string, string>;

beforeEach(async () => {
  // So small that many of the tickets begin a part of a bucket.
  await makePartnerOf(new TestApi({}, { ticketsPerPart: 2 }));
  headers = await partner.headers(api);
});

/** The values that caller `i` wants. Most of them can be picked up. */
const wanted = (i: number) => ({
  vin: i % 5 ? VIN : null,
  vehicle_model_id: i,
  product_lines: [{ product_id: i % 2 ? PRODUCT : CUSTOMER, quantity: 1 + (i % 3) }],
});

async function syncAll(items: readonly object[]): Promise<SyncResult[]> {
  const response = await sendSync(api, partner, items, headers);
  expect(response.status).toBe(200);
  return (await response.json<{ result: SyncResult[] }>()).result;
}

/** Expects that each reference has one ticket at most, and that counts and events agree with the tickets. */
async function expectOneOrder(): Promise<void> {
  await expectExactCounts();
  expect(await disorder()).toEqual([]);
  const { result } = await listTickets(api, partner, { limit: 100 });
  const references = result.map((ticket) => ticket.preparer_external_reference);
  expect(new Set(references).size).toBe(references.length);
  const stored = await everywhere<{ id: string; version: number }>(
    'SELECT id, version FROM prepared_tickets',
  );
  const expected = stored.map(({ id, version }) => [`prepared_ticket ${id}`, version]).sort();
  expect(stateAfter(await followEvents(api, partner))).toEqual(Object.fromEntries(expected));
}

test('parallel syncs of the same new references make one ticket for each', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 * ROUNDS }, (_, i) =>
      syncAll(REFERENCES.toSorted(() => (i % 2 ? -1 : 1)).map((name) => order(name, wanted(i)))),
    ),
  );
  const statuses = answers.flatMap(outcomesOf);
  expect(statuses.filter((status) => status === '201 changed')).toHaveLength(REFERENCES.length);
  expect(statuses.filter((status) => status.startsWith('200'))).toHaveLength(
    (8 * ROUNDS - 1) * REFERENCES.length,
  );
  // Each sync took effect as a whole: the tickets have the values of one of them.
  const { result } = await listTickets(api, partner);
  expect(new Set(result.map(({ vehicle_model_id }) => vehicle_model_id)).size).toBe(1);
  await expectOneOrder();
});

/** Sends a request, and returns whether it has this status. */
async function succeeds(status: number, method: string, path: string, body?: unknown) {
  return Number((await api.request(method, path, { headers, body })).status === status);
}

/** What callers do to a reference. Each returns how many prepared tickets there are more after it. */
const callers: ((i: number, reference: string) => Promise<number>)[] = [
  async (i) => {
    const items = REFERENCES.map((name, n) =>
      n === i % 7 ? deletionOf(name) : order(name, wanted(i + n)),
    );
    const outcomes = outcomesOf(await syncAll(items));
    const countOf = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    return countOf('201 changed') - countOf('204 changed');
  },
  async (i, reference) => {
    const { preparer_external_reference: _reference, ...body } = order(reference, wanted(i));
    return succeeds(201, 'PUT', referencePath(reference), body);
  },
  async (_i, reference) => -(await succeeds(204, 'DELETE', referencePath(reference))),
  async (i, reference) => {
    const path = `${TICKETS}/${ids.get(reference)}/pick-up`;
    return i % 2 ? -(await succeeds(201, 'POST', path, { customer_id: CUSTOMER })) : 0;
  },
];

test('syncs against PUTs by reference, pick-ups and deletions have one order', async () => {
  const first = outcomesOf(await syncAll(REFERENCES.map((name) => order(name, wanted(4)))));
  let tickets = first.length;
  for (let round = 0; round < ROUNDS; round++) {
    const { result } = await listTickets(api, partner);
    ids = new Map(result.map((ticket) => [ticket.preparer_external_reference, ticket.id]));
    const changes = await Promise.all(
      Array.from({ length: 32 }, (_, i) => {
        const caller = callers[i % callers.length] as (typeof callers)[number];
        return caller(i + 7 * round, REFERENCES[(i + round) % REFERENCES.length] as string);
      }),
    );
    tickets = changes.reduce((sum, change) => sum + change, tickets);
    expect((await listTickets(api, partner)).total).toBe(tickets);
    await expectOneOrder();
  }
  expect((await listPickedUp(api, partner)).total).toBeGreaterThan(0);
});

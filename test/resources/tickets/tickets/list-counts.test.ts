import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { Database } from '../../../../src/db/client.ts';
import { ownedSql } from '../../../../src/db/owned.ts';
import { pickedUpBook } from '../../../../src/resources/tickets/books.repository.ts';
import {
  addToCounts,
  facetsOfBook,
  newestPlace,
  reservedTime,
  reserveTickets,
} from '../../../../src/resources/tickets/buckets.repository.ts';
import type { FilterName, PeriodBound } from '../../../../src/resources/tickets/tickets/filters.ts';
import { START, TestApi } from '../../../support/api.ts';
import { wrongCounts } from '../../../support/counts.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { homeOf } from '../../../support/homes.ts';
import { naiveList } from '../../../support/naive-list.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { listPickedUp, recountPickedUp } from '../../../support/picked-up-tickets.ts';
import { CUSTOMER, NOBODY } from '../../../support/tickets.ts';

/** So few that a handful of tickets has several buckets. */
const TICKETS_PER_PART = 2;
const TICKETS = 30;

const shared = new TestApi();
const db = new Database(env.DB, undefined, 10_000);

/** Moves ticket `i` to the book of picked-up tickets as a pick-up does, at a time that also goes back. */
async function pickUp({ partnerId }: TestPartner, i: number): Promise<void> {
  const now = START + 10 * Math.floor(i / 3) - (i % 7 === 0 ? 15 : 0);
  const customer = i % 3 === 0 ? CUSTOMER : NOBODY;
  await db.write({
    reserve: reserveTickets(
      pickedUpBook,
      { partnerId, now, ticketsPerPart: TICKETS_PER_PART },
      1,
      sql`true`,
    ),
    count: addToCounts(
      pickedUpBook,
      partnerId,
      newestPlace(pickedUpBook, partnerId),
      sql`SELECT ${facetsOfBook.customer(customer)} AS facet, 1 AS tickets`,
    ),
    insert: ownedSql`INSERT INTO tickets (ticket_number, id, partner_id, created_at, customer_id,
        vehicle_model_id, preparer_external_reference, picked_up_at)
      VALUES (${(i * 7) % TICKETS}, ${crypto.randomUUID()}, ${partnerId}, ${START}, ${customer},
        ${i}, ${`R${i % 4}`}, ${reservedTime(pickedUpBook, partnerId)})`,
  });
}

const rowsOf = async (statement: string) => (await env.DB.prepare(statement).all()).results;

beforeEach(async () => {
  await makePartnerOf(shared);
  const other = await makePartner({ home: homeOf(partner) });
  for (let i = 0; i < TICKETS; i++) {
    await pickUp(partner, i);
    if (i < 5) {
      await pickUp(other, i);
    }
  }
});

test('each pick-up is counted, and each picked_up_at is after the earlier ones', async () => {
  expect(await wrongCounts(env.DB)).toEqual([]);
  const inOrder = await rowsOf(
    `SELECT picked_up_at FROM tickets WHERE partner_id = ${partner.partnerId} ORDER BY vehicle_model_id`,
  );
  const times = inOrder.map(({ picked_up_at }) => picked_up_at as number);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  const [counted] = await rowsOf(
    `SELECT count(*) AS buckets FROM picked_up_counts
     WHERE partner_id = ${partner.partnerId} AND facet = 'all'`,
  );
  expect(counted?.buckets).toBeGreaterThan(2);
});

test('a recount finds and corrects wrong counts', async () => {
  const list = await listPickedUp(api, partner);
  await env.DB.prepare(
    "UPDATE picked_up_counts SET part_1 = part_1 + 1 WHERE facet <> 'all'",
  ).run();
  expect(await wrongCounts(env.DB)).not.toEqual([]);
  await env.DB.batch(recountPickedUp());
  expect(await wrongCounts(env.DB)).toEqual([]);
  expect(await listPickedUp(api, partner)).toEqual(list);
});

const bounds = [undefined, START + 9, START + 40, START + 200];
const periods = bounds.flatMap((after) =>
  bounds.map((before) => ({
    ...(after !== undefined && { picked_up_after: after }),
    ...(before !== undefined && { picked_up_before: before }),
  })),
);
const values = Object.entries({
  customer_id: CUSTOMER,
  preparer_external_reference: 'R1',
} satisfies Record<Exclude<FilterName, PeriodBound | 'ticket_number'>, string>);
/** Every combination of the filters that can find several tickets. */
const filters = Array.from(
  { length: 2 ** values.length },
  (_, bits): Record<string, string> =>
    Object.fromEntries(values.filter((_entry, i) => bits & (1 << i))),
);

const lists = filters.flatMap((filter) =>
  periods.flatMap((period) => [0, 1, 6, 13].map((offset) => ({ filter, period, offset }))),
);

test(`each of ${lists.length} lists equals one that reads every row`, async () => {
  const book = { table: 'tickets', time: 'picked_up_at' };
  for (const { filter, period, offset } of lists) {
    const page = { limit: 4, offset };
    const expected = await naiveList(partner.partnerId, { ...filter, ...period }, page, book);
    const times = Object.entries(period).map(([name, time]) => [
      name,
      new Date(time).toISOString(),
    ]);
    const query = { ...filter, ...Object.fromEntries(times), ...page };
    const { result, total } = await listPickedUp(api, partner, query);
    expect({ ids: result.map(({ id }) => id), total }, JSON.stringify(query)).toEqual(expected);
  }
});

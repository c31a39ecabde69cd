import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Batch } from '../../../scripts/homes/batch.ts';
import { compareCounts, repairCounts } from '../../../scripts/operate/compare-counts.ts';
import { preparedRecountPages as pages } from '../../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { START, TestApi } from '../../support/api.ts';
import { executeIn, wrongCounts } from '../../support/counts.ts';
import { runCron } from '../../support/cron.ts';
import { stillWorld } from '../../support/dependencies.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { homeOf } from '../../support/homes.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  listTickets,
  NOBODY,
  PRODUCT,
  putLine,
  ticketPath,
} from '../../support/tickets.ts';

/** So few that a handful of tickets has several buckets, and several pages. */
const TICKETS_PER_PART = 1;
const SIZES = { tickets: 6, counts: 4 };
const IMPORTED = 40;

let other: TestPartner;
let ids: readonly string[];

const run = (sql: string) => env.DB.prepare(sql).run();
const execute = executeIn(env.DB);
const wrong = () => wrongCounts(env.DB, SIZES);
const repair = (using: Batch = execute, ...partners: TestPartner[]) => {
  const partnerIds = partners.map(({ partnerId }) => partnerId);
  return repairCounts(pages, using, partnerIds, SIZES);
};

/** Inserts tickets with lines by SQL, every second one without a VIN, and no count. Every tenth has the time of the next. */
async function importTickets({ partnerId }: TestPartner, first: number): Promise<void> {
  await run(`WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${IMPORTED - 1})
    INSERT INTO prepared_tickets (ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin, preparer_external_reference)
    SELECT 1000 + n, printf('00000000-0000-4000-8000-%06x%06x', ${partnerId}, n), ${partnerId}, ${first} + (n + (n % 10 = 0)) * 10,
      iif(n % 3 = 0, '${CUSTOMER}', '${NOBODY}'), 0, iif(n % 2 = 0, 'JH4KA7630PC007649', NULL), '' FROM numbers`);
  await run(`INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
    SELECT ticket_number, '${PRODUCT}', partner_id, created_at, 1 FROM prepared_tickets
    WHERE partner_id = ${partnerId} AND ticket_number >= 1000`);
}

beforeEach(async () => {
  await makePartnerOf(new TestApi({}, { ticketsPerPart: TICKETS_PER_PART }));
  other = await makePartner({ home: homeOf(partner) });
  const made: string[] = [];
  for (let i = 0; i < 12; i++) {
    api.now += 1000;
    const customer_id = i % 3 === 0 ? CUSTOMER : NOBODY;
    const { id } = await createTicket(api, partner, { customer_id, vin: null });
    await createTicket(api, other, { customer_id });
    await putLine(api, partner, id, PRODUCT);
    made.push(id);
  }
  ids = made;
  await api.delete(ticketPath(ids[3] as string), partner);
  await api.delete(linesPath(ids[4] as string, PRODUCT), partner);
});

describe('a comparison', () => {
  test('finds nothing after writes through the API', async () => {
    expect(await wrong()).toEqual([]);
  });

  test.each(['all', 'no-vin', `customer:${NOBODY}`, `product:${PRODUCT}`])(
    'finds a count of %s that is too high, and one that is missing',
    async (facet) => {
      const at = `partner_id = ${partner.partnerId} AND facet = '${facet}' AND begun_at =
        (SELECT min(begun_at) FROM ticket_counts WHERE partner_id = ${partner.partnerId} AND facet = '${facet}' AND part_2 > 0)`;
      await run(`UPDATE ticket_counts SET part_2 = part_2 + 1 WHERE ${at}`);
      const [high, ...more] = await wrong();
      expect({ high, more }).toMatchObject({ high: { facet }, more: [] });
      expect((high?.kept ?? 0) - (high?.actual ?? 0)).toBe(1);
      if (facet !== 'all') {
        await run(`DELETE FROM ticket_counts WHERE ${at}`);
        expect(await wrong()).toMatchObject([{ facet, kept: 0, actual: high?.actual }]);
      }
    },
  );

  test('finds counts in a wrong part of their bucket', async () => {
    await run(`UPDATE ticket_counts SET part_2 = part_3, part_3 = part_2
      WHERE facet = 'no-vin' AND part_2 <> part_3 AND partner_id = ${partner.partnerId}`);
    expect(await wrong()).toMatchObject([{ facet: 'no-vin' }]);
  });

  test.each([
    ['whose facet has no ticket', 'product:nothing', 'min'],
    ["whose facet's last ticket is in another bucket", `customer:${CUSTOMER}`, '1 + min'],
    ['of an unknown facet', "what's this", 'min'],
  ])('finds a count %s', async (_what, facet, begun) => {
    await run(`INSERT INTO ticket_counts (partner_id, facet, begun_at, part_0)
      SELECT ${other.partnerId}, '${facet.replace("'", "''")}', ${begun}(begun_at), 3 FROM ticket_counts
      WHERE facet = 'all' AND partner_id = ${other.partnerId}`);
    const count = { partner_id: other.partnerId, facet, kept: 3, actual: 0 };
    expect(await wrong()).toMatchObject([count]);
    await repair();
    expect(await wrong()).toEqual([]);
  });

  test('finds tickets before the first bucket, and too many tickets in one', async () => {
    const stranger = await makePartner({ home: homeOf(partner) });
    await importTickets(stranger, START);
    await importTickets(other, api.now + 1000);
    const all = { facet: 'all', actual: IMPORTED };
    const found = await wrong();
    expect(found).toContainEqual(
      expect.objectContaining({ ...all, partner_id: stranger.partnerId, begun_at: -1, kept: 0 }),
    );
    // What is in a bucket that is too large is not compared: that would take too long.
    expect(found.filter(({ partner_id }) => partner_id === other.partnerId)).toMatchObject([
      { facet: 'all', kept: 4, actual: 44 },
    ]);
  });

  test('finds nothing wrong in what is written and merged meanwhile', async () => {
    let turn = 0;
    const disturbed: Batch = async (statements) => {
      turn += 1;
      api.now += 1000;
      const { id } = await createTicket(api, partner, { vin: null });
      await putLine(api, partner, id, PRODUCT);
      const gone = ids[turn];
      if (gone !== undefined) {
        await api.delete(ticketPath(gone), partner);
      }
      await runCron({ ...stillWorld, ticketsPerPart: TICKETS_PER_PART });
      return execute(statements);
    };
    expect(await compareCounts(pages, disturbed, undefined, SIZES)).toEqual([]);
    expect(turn).toBeGreaterThan(6);
  });
});

describe('a repair', () => {
  test('makes the counts of imported tickets, and leaves other partners alone', async () => {
    const stranger = await makePartner({ home: homeOf(partner) });
    await importTickets(stranger, START - 1_000_000);
    await importTickets(partner, START - 1_000_000);
    const countsOfOther = () =>
      env.DB.prepare(`SELECT * FROM ticket_counts WHERE partner_id = ${other.partnerId}`).all();
    const { results } = await countsOfOther();
    await repair(execute, partner, stranger);
    expect(await wrong()).toEqual([]);
    expect((await countsOfOther()).results).toEqual(results);
    for (const [as, total] of [
      [partner, 51],
      [stranger, 40],
    ] as const) {
      expect((await listTickets(api, as)).total).toBe(total);
      const ofProduct = await listTickets(api, as, { product_id: PRODUCT });
      expect(ofProduct.total).toBe(total === 51 ? 50 : 40);
    }
    const ticket = await createTicket(api, partner);
    expect((await listTickets(api, partner)).result[0]?.id).toBe(ticket.id);
    expect(await wrong()).toEqual([]);
  });

  test('is right while the partner writes', async () => {
    await importTickets(partner, START - 1_000_000);
    const disturbed: Batch = async (statements) => {
      await createTicket(api, partner, { vin: null });
      const { result } = await listTickets(api, partner, { limit: 1, offset: 20 });
      await api.delete(ticketPath(result[0]?.id as string), partner);
      return execute(statements);
    };
    await repair(disturbed, partner);
    expect(await wrong()).toEqual([]);
  });

  test('keeps the newest time of a partner whose tickets are all gone', async () => {
    for (const { id } of (await listTickets(api, other)).result) {
      await api.delete(ticketPath(id), other);
    }
    const newest = () =>
      env.DB.prepare(
        `SELECT max(newest_at) AS at FROM ticket_counts WHERE partner_id = ${other.partnerId}`,
      ).first('at');
    const before = await newest();
    await repair(execute, other);
    expect(before).toBe(api.now);
    expect(await newest()).toBe(before);
    expect((await listTickets(api, other)).total).toBe(0);
  });

  test('fails if a bucket was merged with which it has to go on', async () => {
    await importTickets(partner, START - 1_000_000);
    let batches = 0;
    const merging: Batch = async (statements) => {
      batches += statements.length > 1 ? 1 : 0;
      if (batches === 2) {
        await runCron({ ...stillWorld, ticketsPerPart: 400 });
      }
      return execute(statements);
    };
    await expect(repair(merging, partner)).rejects.toThrow('merged');
    await repair(execute, partner);
    expect(await wrongCounts(env.DB)).toEqual([]);
  });
});

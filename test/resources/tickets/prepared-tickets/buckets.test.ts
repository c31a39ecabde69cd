import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { partnerIdOfOperator } from '../../../../src/db/partner-id.ts';
import { sparseRuns } from '../../../../src/resources/tickets/prepared-tickets/merge-buckets.repository.ts';
import { START, TestApi } from '../../../support/api.ts';
import { runCron } from '../../../support/cron.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { expectExactCounts, keptCounts } from '../../../support/naive-list.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket, listTickets, newTicket, ticketPath } from '../../../support/tickets.ts';

/** Tickets that fill a part; a bucket has four parts. */
const TICKETS_PER_PART = 2;

beforeEach(async () => {
  await makePartnerOf(new TestApi({}, { ticketsPerPart: TICKETS_PER_PART }));
});

const timeOf = ({ created_at }: { created_at: string }) => Date.parse(created_at) - START;

async function buckets(): Promise<number> {
  const row = await env.DB.prepare(
    "SELECT count(*) AS n FROM ticket_counts WHERE facet = 'all'",
  ).first<{ n: number }>();
  return row?.n ?? 0;
}

const merge = () => runCron({ ...stillWorld, ticketsPerPart: TICKETS_PER_PART });

describe('created_at', () => {
  test('is the time of the clock', async () => {
    api.now = START + 5;
    expect(timeOf(await createTicket(api, partner))).toBe(5);
  });

  test('never goes back for a partner, whatever the clocks say', async () => {
    const times: number[] = [];
    for (const now of [10, 3, 7, 12, 0]) {
      api.now = START + now;
      times.push(timeOf(await createTicket(api, partner)));
    }
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('never goes back behind a ticket that was deleted', async () => {
    api.now = START + 100;
    const { id } = await createTicket(api, partner);
    await api.delete(ticketPath(id), partner);
    await merge();
    api.now = START;
    expect(timeOf(await createTicket(api, partner))).toBe(100);
  });

  test('of one partner does not depend on the clocks of another', async () => {
    api.now = START + 100;
    await createTicket(api, partner);
    api.now = START;
    expect(timeOf(await createTicket(api, await makePartner()))).toBe(0);
  });

  test('is a millisecond later where a part begins, so that parts are spans of time', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      times.push(timeOf(await createTicket(api, partner)));
    }
    expect(times).toEqual([0, 0, 1, 1, 2]);
  });
});

describe('buckets', () => {
  test('hold four full parts each, however close together the tickets come', async () => {
    for (let i = 0; i < 24; i++) {
      await createTicket(api, partner);
    }
    expect(await buckets()).toBe(3);
    await expectExactCounts();
  });

  test('are merged when deletions made them sparse, and every list stays as it was', async () => {
    const tickets: { id: string }[] = [];
    for (let i = 0; i < 64; i++) {
      const customer_id = `00000000-0000-0000-0000-00000000000${i % 3}`;
      tickets.push(await createTicket(api, partner, { ...newTicket, customer_id }));
    }
    for (const { id } of tickets.filter((_ticket, i) => i % 8 !== 0)) {
      await api.delete(ticketPath(id), partner);
    }
    expect(await buckets()).toBe(8);
    const queries: Record<string, string | number>[] = [
      {},
      { offset: 3 },
      { offset: 7 },
      { customer_id: '00000000-0000-0000-0000-000000000001' },
    ];
    const pages = () =>
      Promise.all(queries.map((query) => listTickets(api, partner, { limit: 3, ...query })));
    const before = await pages();
    await merge();
    // Eight tickets fill one bucket; the newest bucket is never merged, for tickets still come into it.
    expect(await buckets()).toBe(2);
    expect(await pages()).toEqual(before);
    await expectExactCounts();
    const empty = await env.DB.prepare(
      "SELECT count(*) AS n FROM ticket_counts WHERE facet <> 'all' AND part_0 + part_1 + part_2 + part_3 = 0",
    ).first<{ n: number }>();
    expect(empty?.n).toBe(0);
    await createTicket(api, partner);
    await expectExactCounts();
  });

  test('are left alone by a second run', async () => {
    for (let i = 0; i < 20; i++) {
      await createTicket(api, partner);
    }
    await merge();
    const before = await keptCounts();
    await merge();
    expect(await keptCounts()).toEqual(before);
  });
});

describe('sparseRuns', () => {
  const bucket = (partner: number, begun_at: number, tickets: number) => ({
    partner_id: partnerIdOfOperator(partner),
    begun_at,
    tickets,
  });

  test.each([
    ['none', [], []],
    ['one bucket', [bucket(1, 0, 0)], []],
    ['two, of which the newest is left alone', [bucket(1, 0, 0), bucket(1, 5, 0)], []],
    [
      'neighbours that fit into one',
      [bucket(1, 0, 4), bucket(1, 5, 4), bucket(1, 9, 0)],
      [{ partner_id: 1, begun_at: 0, ended_at: 9, tickets: 8 }],
    ],
    ['neighbours that do not fit', [bucket(1, 0, 4), bucket(1, 5, 5), bucket(1, 9, 0)], []],
    [
      'a run that ends where the next bucket would be too much',
      [
        bucket(1, 0, 1),
        bucket(1, 1, 1),
        bucket(1, 2, 8),
        bucket(1, 3, 0),
        bucket(1, 4, 1),
        bucket(1, 5, 0),
      ],
      [
        { partner_id: 1, begun_at: 0, ended_at: 2, tickets: 2 },
        { partner_id: 1, begun_at: 2, ended_at: 4, tickets: 8 },
      ],
    ],
    [
      'the buckets of two partners, each on its own',
      [bucket(1, 0, 1), bucket(1, 1, 1), bucket(2, 0, 1), bucket(2, 1, 1), bucket(2, 2, 1)],
      [{ partner_id: 2, begun_at: 0, ended_at: 2, tickets: 2 }],
    ],
  ])('of %s', (_what, given, expected) => {
    expect(sparseRuns(given, 8)).toEqual(expected);
  });
});

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { cursorOf } from '../../../../src/http/requests/cursor.ts';
import { feedScope } from '../../../../src/resources/system/events/feed-place.ts';
import { DAY_MS, START, TestApi } from '../../../support/api.ts';
import { runCron } from '../../../support/cron.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { EVENTS, followEvents, readEvents } from '../../../support/events.ts';
import { eu, homesOf, twoHomes, useEu } from '../../../support/homes.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';

useEu();

beforeEach(makeApiAndPartner);

const read = (after: string, as = partner, from = api) =>
  from.get(`${EVENTS}?after=${encodeURIComponent(after)}`, as);

/** Creates a ticket and returns the cursor after its event. */
async function advance(): Promise<string> {
  await createTicket(api, partner);
  return (await readEvents(api, partner, { after: 'latest' })).next;
}

async function expectExpired(response: Response): Promise<void> {
  expect(response.status).toBe(410);
  expect(await response.json()).toMatchObject({
    type: '/problems/cursor-expired',
    detail: expect.stringContaining('after=latest'),
  });
}

describe('a cursor is refused as a violation', () => {
  test('if it was altered at any character', async () => {
    const cursor = await advance();
    for (let i = 0; i < cursor.length; i++) {
      const other = cursor[i] === 'A' ? 'B' : 'A';
      const altered = cursor.slice(0, i) + other + cursor.slice(i + 1);
      await expectViolations(await read(altered), ['query after invalid_format']);
    }
    for (const altered of [
      `${cursor}A`,
      cursor.slice(1),
      cursor.slice(0, -1),
      'Latest',
      '1',
      'x',
    ]) {
      await expectViolations(await read(altered), ['query after invalid_format']);
    }
  });

  test("if it is another partner's", async () => {
    const other = await makePartner();
    await createTicket(api, other);
    const { next } = await readEvents(api, other);
    await advance();
    await expectViolations(await read(next), ['query after invalid_format']);
  });

  test('if it is of another list', async () => {
    await createTicket(api, partner);
    await createTicket(api, partner);
    const page = await api.get('/v2/tickets/prepared-ticket-export?limit=1', partner);
    const cursor = /after=([\w-]+)/.exec(page.headers.get('link') ?? '')?.[1] as string;
    await expectViolations(await read(cursor), ['query after invalid_format']);
  });

  test.each([
    [[Number.NaN, 1]],
    [[1, Number.NaN]],
    [[1, 1.5]],
    [[1]],
    [[1, 1, 1]],
    [[]],
    [[1, 1e300]],
  ])('if its digest is right, but %j is no place', async (numbers) => {
    const scope = feedScope(partner.partnerId, { expected: '' });
    await expectViolations(await read(await cursorOf(scope, numbers as [number, number])), [
      'query after invalid_format',
    ]);
  });
});

test.each([
  ['?limit=0', 'query limit out_of_range'],
  ['?limit=1001', 'query limit out_of_range'],
  ['?limit=', 'query limit empty_parameter'],
  ['?after=', 'query after empty_parameter'],
  ['?type=', 'query type empty_parameter'],
  ['?type=prepared_ticket.lost', 'query type invalid_format'],
  ['?type=prepared_ticket.created,', 'query type invalid_format'],
  ['?type=prepared_ticket.created,client.lost', 'query type invalid_format'],
  ['?type=prepared_ticket.created, client.created', 'query type invalid_format'],
  ['?type=client.created,client.updated,client.created', 'query type repeated_item'],
  ['?type=client.created&type=client.created', 'query type repeated_parameter'],
  ['?offset=1', 'query offset unknown_parameter'],
  [`?after=${'A'.repeat(201)}`, 'query after too_long'],
])('%s is a violation', async (query, violation) => {
  await expectViolations(await api.get(EVENTS + query, partner), [violation as never]);
});

describe('a cursor expires', () => {
  const remove = (now: number) => runCron({ ...stillWorld, now: () => now });

  test('when the events after it were removed, 30 days after they happened', async () => {
    const { next: start } = await readEvents(api, partner);
    const first = await advance();
    const second = await advance();
    api.now = START + 10 * DAY_MS;
    const third = await advance();
    await remove(START + 30 * DAY_MS);
    expect(await followEvents(api, partner)).toHaveLength(3);
    await remove(START + 30 * DAY_MS + 1);
    expect((await followEvents(api, partner)).map(({ sequence }) => sequence)).toEqual([3]);
    await expectExpired(await read(start));
    await expectExpired(await read(first));
    expect((await readEvents(api, partner, { after: second })).result).toHaveLength(1);
    expect((await readEvents(api, partner, { after: third })).result).toEqual([]);
  });

  test('but the newest event of each partner stays, so that its sequence goes on', async () => {
    const other = await makePartner();
    await createTicket(api, other);
    const cursor = await advance();
    await remove(START + 365 * DAY_MS);
    expect(await followEvents(api, partner)).toHaveLength(1);
    expect(await followEvents(api, other)).toHaveLength(1);
    expect((await readEvents(api, partner, { after: cursor })).result).toEqual([]);
    api.now = START + 365 * DAY_MS;
    await createTicket(api, partner);
    const { result } = await readEvents(api, partner, { after: cursor });
    expect(result.map(({ sequence }) => sequence)).toEqual([2]);
  });

  test('in bounded batches, however many events there are', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
       INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
       SELECT ?, i, 'e' || i, 'client.updated', ?, 'x' FROM n`,
    )
      .bind(partner.partnerId, START)
      .run();
    await remove(START + 31 * DAY_MS);
    const { results } = await env.DB.prepare('SELECT sequence FROM events').all();
    expect(results).toEqual([{ sequence: 1200 }]);
  });

  test.each([0, 1])(
    'when the feed goes back to %d events, as by a restore, whatever the epoch is',
    async (kept) => {
      await advance();
      const second = await advance();
      const third = await advance();
      await env.DB.prepare('DELETE FROM events WHERE sequence > ?').bind(kept).run();
      await expectExpired(await read(third));
      await expectExpired(await read(second));
      const { next } = await readEvents(api, partner, { after: 'latest' });
      await advance();
      const { result } = await readEvents(api, partner, { after: next });
      expect(result.map(({ sequence }) => sequence)).toEqual([kept + 1]);
    },
  );

  test.each([
    ['2', '1'],
    ['1', '2'],
  ])('when the epoch changes from %s to %s', async (before, after) => {
    const old = new TestApi({ EVENTS_EPOCH: before });
    await createTicket(old, partner);
    const { next } = await readEvents(old, partner);
    const restored = new TestApi({ EVENTS_EPOCH: after });
    await expectExpired(await read(next, partner, restored));
    const fresh = await readEvents(restored, partner, { after: 'latest' });
    expect((await readEvents(restored, partner, { after: fresh.next })).result).toEqual([]);
  });

  test('when the epoch of the home changes, and not when that of another home does', async () => {
    const european = await makePartner({ home: eu });
    const old = new TestApi(twoHomes);
    await createTicket(old, european);
    const { next } = await readEvents(old, european);
    const mainRestored = new TestApi({ ...twoHomes, EVENTS_EPOCH: '2' });
    expect((await readEvents(mainRestored, european, { after: next })).result).toEqual([]);
    await expectExpired(await read(next, european, new TestApi({ HOMES: homesOf({ epoch: 2 }) })));
  });
});

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { EXPORT, exportPath, linesOf, writeTickets } from '../../../support/exports.ts';
import { captureLog, retryAtOnce } from '../../../support/faults.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import type { TestPartner } from '../../../support/partners.ts';
import { textOf } from '../../../support/texts.ts';
import { CUSTOMER, PRODUCT } from '../../../support/tickets.ts';

/** More than two round trips read. */
const COUNT = 2500;

let d1: FaultyD1;

beforeEach(async () => {
  d1 = new FaultyD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
});

/** The line that tells how an export ended. */
const endOf = () => api.log.filter(({ event }) => event === 'export');

/** Sends a request first, so that the credentials cost nothing. */
async function open(path: string = EXPORT, headers = {}): Promise<Response> {
  await api.get(`${TICKETS}?limit=0`, partner);
  d1.calls = 0;
  api.log.length = 0;
  return api.open(path, partner, headers);
}

describe('a fault of the database', () => {
  test.each([undefined, 'text/csv'])(
    'in the middle makes the body fail instead of ending it, for %s',
    async (accept) => {
      await writeTickets(partner, COUNT, 0);
      await open();
      const logged = captureLog();
      d1.plan((call) => (call === 3 ? 'broken' : undefined));
      const response = await api.open(EXPORT, partner, accept ? { accept } : {});
      expect(response.status).toBe(200);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      expect((await reader.read()).done).toBe(false);
      await expect(reader.read()).rejects.toThrow();
      expect(endOf()).toMatchObject([{ outcome: 'failed', tickets: 1000 }]);
      expect(logged.text()).toContain('DatabaseFault');
    },
  );

  test('that passes is met by a second try, and the body is whole', async () => {
    await writeTickets(partner, COUNT, 0);
    await open();
    retryAtOnce();
    // A slow machine must not reach the deadline.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    d1.plan((call) => (call === 3 ? 'before' : undefined));
    expect(await linesOf(await api.open(EXPORT, partner))).toHaveLength(COUNT);
  });

  test('before the first ticket is a problem', async () => {
    await open();
    captureLog();
    d1.plan(() => 'overloaded');
    expect((await api.get(EXPORT, partner)).status).toBe(503);
  });
});

describe('a body', () => {
  test('is read from the database as it is read by the caller, and no further', async () => {
    await writeTickets(partner, COUNT, 0);
    const response = await open();
    expect(d1.calls).toBe(1);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    expect(d1.calls).toBe(2);
    await reader.read();
    expect(d1.calls).toBe(3);
    await reader.cancel();
    expect(d1.calls).toBe(3);
    expect(endOf()).toMatchObject([{ outcome: 'cancelled', tickets: 2000 }]);
  });

  test('of a HEAD is not read at all, and neither is its end looked for', async () => {
    await writeTickets(partner, 3);
    const { headers } = await open(exportPath({ limit: 1 }));
    expect(headers.get('link')).toContain('rel="next"');
    d1.calls = 0;
    const head = await api.request('HEAD', exportPath({ limit: 1 }), { as: partner });
    expect(d1.calls).toBe(0);
    expect(head.status).toBe(200);
    expect(await textOf(head)).toBe('');
    expect(head.headers.get('link')).not.toContain('rel="next"');
  });

  test('of a HEAD does not hide what is wrong with the request', async () => {
    const head = async (path: string, as?: TestPartner, headers = {}) =>
      (await api.request('HEAD', path, { as, headers })).status;
    expect(await head(EXPORT)).toBe(401);
    expect(await head(exportPath({ limit: 0 }), partner)).toBe(400);
    expect(await head(exportPath({ after: 'x' }), partner)).toBe(400);
    expect(await head(EXPORT, partner, { accept: 'image/png' })).toBe(406);
    expect(await head(EXPORT, partner)).toBe(200);
  });

  test('may be read for longer than one request waits for the database', async () => {
    await writeTickets(partner, COUNT, 0);
    const response = await open();
    vi.useFakeTimers();
    try {
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      for (let part = 0; part < 3; part++) {
        expect((await reader.read()).done).toBe(false);
        vi.setSystemTime(Date.now() + 60_000);
        vi.advanceTimersByTime(60_000);
      }
      expect((await reader.read()).done).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is told of in the log once it has ended, without what it held', async () => {
    await writeTickets(partner, 3);
    await textOf(await open(exportPath({ customer_id: CUSTOMER })));
    expect(endOf()).toMatchObject([
      { outcome: 'complete', tickets: 3, partner: partner.partnerId, trips: 2, rows_written: 0 },
    ]);
    expect(JSON.stringify(api.log)).not.toMatch(/REFERENCE|160c0c4b/);
  });
});

describe('budgets: one trip for 1,000 tickets beside the first, and 3 rows read for each', () => {
  beforeEach(async () => {
    await writeTickets(partner, COUNT, 0);
  });

  const everything = { customer_id: CUSTOMER };

  test.each<[query: Record<string, string | number>, tickets: number, rowsOfOne: number]>([
    [{}, COUNT, 3],
    [{ limit: 2500 }, COUNT, 3],
    [{ limit: 1000 }, 1000, 3],
    [{ limit: 1001 }, 1001, 3],
    [everything, COUNT, 3],
    [{ vin: '' }, COUNT, 3],
    [{ preparer_external_reference: 'REFERENCE_3' }, COUNT / 5, 3],
    [{ preparer_external_reference: 'REFERENCE_3', limit: 100 }, 100, 3],
    // Of several filters the most selective one is walked, once for the end of the page and once for it.
    [{ ...everything, preparer_external_reference: 'REFERENCE_3' }, COUNT / 5, 5],
  ])('%j', async (query, tickets, rowsOfOne) => {
    const response = await open(exportPath(query));
    expect(await linesOf(response)).toHaveLength(tickets);
    const [{ trips, rows_read } = {}] = endOf() as { trips?: number; rows_read?: number }[];
    expect(trips).toBe(1 + Math.ceil(tickets / 1000));
    expect(rows_read).toBeGreaterThan(tickets);
    expect(rows_read).toBeLessThanOrEqual(10 + rowsOfOne * tickets);
  });

  test('of a product: 6 rows, for each ticket is found by its line', async () => {
    await env.DB.prepare(
      `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, ?, partner_id, created_at, 1 FROM prepared_tickets WHERE partner_id = ?`,
    )
      .bind(PRODUCT, partner.partnerId)
      .run();
    expect(await linesOf(await open(exportPath({ product_id: PRODUCT })))).toHaveLength(COUNT);
    const [{ rows_read } = {}] = endOf() as { rows_read?: number }[];
    expect(rows_read).toBeLessThanOrEqual(10 + 6 * COUNT);
  });

  test('in CSV: 2 rows, for the lines are not read', async () => {
    await (await open(EXPORT, { accept: 'text/csv' })).text();
    const [{ rows_read } = {}] = endOf() as { rows_read?: number }[];
    expect(rows_read).toBeLessThanOrEqual(10 + 2 * COUNT);
  });

  test('of a later page: as of the first', async () => {
    const first = await open(exportPath({ limit: 1200 }));
    const { pathname, search } = new URL(
      /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '',
    );
    await textOf(first);
    const second = await open(pathname + search);
    expect(await linesOf(second)).toHaveLength(1200);
    const [{ trips, rows_read } = {}] = endOf() as { trips?: number; rows_read?: number }[];
    expect(trips).toBe(3);
    expect(rows_read).toBeLessThanOrEqual(10 + 3 * 1200);
  });
});

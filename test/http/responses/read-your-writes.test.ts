import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN, TestApi, TICKETS } from '../../support/api.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { eu, main, useEu } from '../../support/homes.ts';
import { ReplicaD1 } from '../../support/replica-d1.ts';
import { textOf } from '../../support/texts.ts';
import { createTicket, linesPath, ticketPath, ticketUpdate } from '../../support/tickets.ts';

/** The bookmark of a state that no database ever has. */
const FUTURE = 'ffffffff-ffffffff-ffffffff-ffffffffffffffffffffffffffffffff';
const FIRST = '00000000-00000000-00000000-00000000000000000000000000000000';

useEu();

let d1: ReplicaD1;
/** A ticket that the primary has and the replica lacks. */
let path: string;
/** The bookmark of D1 for the state of the replica. */
let older: string;

const isolate = () => new TestApi({ [main.binding]: d1.db });

const bookmarkOf = (response: Response) => response.headers.get('x-d1-bookmark');

/** Sends a GET with a bookmark, and returns the response. `d1.servedBy` then says who served it. */
function read(at: string, bookmark?: string | null): Promise<Response> {
  d1.servedBy.length = 0;
  const headers: Record<string, string> = bookmark ? { 'x-d1-bookmark': bookmark } : {};
  return api.request('GET', at, { as: partner, headers });
}

beforeEach(async () => {
  d1 = new ReplicaD1(main.database, eu.database);
  await makePartnerOf(isolate(), { home: main });
  older = await d1.catchUp();
  path = ticketPath((await createTicket(api, partner)).id);
});

/** Makes the isolate confirm the caller, so that reads do without the gate. */
const confirm = () => read('/v2/system/partner');

describe('a read of a confirmed caller', () => {
  beforeEach(confirm);

  test('without a bookmark sees every earlier write, whoever made it', async () => {
    expect((await read(path)).status).toBe(200);
    expect(d1.servedBy).toEqual(['primary']);
    useApi(isolate());
    await api.request('PUT', path, { as: partner, body: { ...ticketUpdate, vin: null } });
    expect(await (await read(path)).json()).toMatchObject({ vin: null });
  });

  test('with the bookmark of a write sees it, and a replica serves it as soon as it has it', async () => {
    const written = await api.request('PUT', path, { as: partner, body: ticketUpdate });
    expect((await read(path, bookmarkOf(written))).status).toBe(200);
    expect(d1.servedBy).toEqual(['primary']);
    await d1.catchUp();
    expect((await read(path, bookmarkOf(written))).status).toBe(200);
    expect(d1.servedBy).toEqual(['replica']);
  });

  test('with the bookmark of an older state can see that state, also in several calls', async () => {
    const response = await read(path, `0.1.${older}`);
    expect(response.status).toBe(404);
    expect(d1.servedBy).toEqual(['replica', 'replica']);
    expect(bookmarkOf(response)).toBe(`0.1.${older}`);
  });

  test.each([
    ['another home', () => `1.1.${older}`],
    ['another epoch', () => `0.2.${older}`],
    ['no home', () => older],
  ])('with a bookmark of %s sees every earlier write', async (_what, bookmark) => {
    const response = await read(path, bookmark());
    expect(response.status).toBe(200);
    expect(d1.servedBy).toEqual(['primary']);
    expect(bookmarkOf(response)).toMatch(/^0\.1\./);
    expect(bookmarkOf(response)).not.toContain(older);
  });

  test('with a bookmark that somebody made up never gets it back', async () => {
    const future = await read(path, `0.1.${FUTURE}`);
    expect([future.status, bookmarkOf(future)]).toEqual([200, null]);
    const past = await read(TICKETS, `0.1.${FIRST}`);
    expect([past.status, bookmarkOf(past)]).toEqual([200, `0.1.${older}`]);
    const next = await read(path);
    expect(bookmarkOf(next)).not.toContain(FUTURE);
    expect(bookmarkOf(next)).toMatch(/^0\.1\.0/);
  });

  test('of events is served by the primary, whatever bookmark was sent', async () => {
    const events = await read(`/v2/system/events?after=${partner.cursor}`, `0.1.${older}`);
    expect((await events.json<{ result: unknown[] }>()).result).toHaveLength(1);
    expect(d1.servedBy).toEqual(['primary']);
  });

  test('of an export is served by the primary, page by page', async () => {
    const exported = await read('/v2/tickets/prepared-ticket-export', `0.1.${older}`);
    expect((await textOf(exported)).split('\n')).toHaveLength(2);
    expect(new Set(d1.servedBy)).toEqual(new Set(['primary']));
  });

  test('goes to the primary if the replica lags behind a migration', async () => {
    const changes = [
      ['ALTER TABLE prepared_tickets RENAME COLUMN vin TO later', path],
      ['ALTER TABLE prepared_tickets RENAME COLUMN later TO vin', undefined],
      ['ALTER TABLE product_lines RENAME TO later', linesPath(path.replace(`${TICKETS}/`, ''))],
      ['ALTER TABLE later RENAME TO product_lines', undefined],
    ] as const;
    for (const [change, at] of changes) {
      await eu.database.prepare(change).run();
      if (at !== undefined) {
        const response = await read(at, `0.1.${older}`);
        expect.soft(response.status, change).toBe(200);
        expect.soft(d1.servedBy).toEqual(['replica', 'primary']);
      }
    }
    expect(api.log.filter(({ event }) => event === 'fault')).toEqual([]);
  });
});

test('a read that must confirm its caller goes to the primary, whatever bookmark was sent', async () => {
  useApi(isolate());
  const response = await read(path, `0.1.${older}`);
  expect(response.status).toBe(200);
  expect(d1.servedBy).toEqual(['primary']);
});

test('a write goes to the primary, whatever bookmark was sent', async () => {
  await confirm();
  const headers = { 'x-d1-bookmark': `0.1.${older}` };
  d1.servedBy.length = 0;
  const response = await api.request('DELETE', path, { as: partner, headers });
  expect(response.status).toBe(204);
  expect(d1.servedBy).toEqual(['primary']);
  expect((await read(path)).status).toBe(404);
});

test('a bookmark follows the whole way from a write over a read to the next read', async () => {
  await confirm();
  const created = await api.post(TICKETS, partner, {
    ...ticketUpdate,
    customer_id: crypto.randomUUID(),
  });
  const location = (created.headers.get('location') as string).replace(ORIGIN, '');
  const first = await read(location, bookmarkOf(created));
  const second = await read(location, bookmarkOf(first));
  expect([first.status, second.status]).toEqual([200, 200]);
  const order = [created, first, second].map(bookmarkOf);
  expect(order).toEqual(order.toSorted());
});

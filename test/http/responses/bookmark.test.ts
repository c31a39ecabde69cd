import { beforeEach, describe, expect, test, vi } from 'vitest';
import { newApiKey } from '../../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../../support/api.ts';
import { callOf, protectedOperations, subjectOf } from '../../support/calls.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { FaultyD1 } from '../../support/faulty-d1.ts';
import { eu, homesOf, main, useEu } from '../../support/homes.ts';
import { makePartner, makeSpare, type TestPartner } from '../../support/partners.ts';
import { writePickedUp } from '../../support/picked-up-tickets.ts';
import {
  createTicket,
  NOBODY,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  ticketPath,
  ticketUpdate,
} from '../../support/tickets.ts';

/** The form of the header: the number and the epoch of the home, and a bookmark of D1. */
const BOOKMARK = /^0\.1\.[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;
const EARLIER = '00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683';
const PRIMARY = 'first-primary';

let d1: FaultyD1;

beforeEach(async () => {
  d1 = new FaultyD1(main.database);
  await makePartnerOf(new TestApi({ [main.binding]: d1.db }), { home: main });
});

const bookmarkOf = (response: Response) => response.headers.get('x-d1-bookmark');

describe('a response', () => {
  test.each(protectedOperations)('of $operationId has a bookmark', async (operation) => {
    const ticket = await createTicket(api, partner);
    await putLine(api, partner, ticket.id, PRODUCT);
    const pickedUp = await writePickedUp(partner);
    const spare = await makeSpare(partner);
    const subject = subjectOf(operation, { ticket, pickedUp, spare });
    const call = callOf(operation, subject, PRODUCT, partner);
    const response = await api.request(call.method, call.path, { ...call, as: partner });
    expect(response.ok).toBe(true);
    expect(bookmarkOf(response)).toMatch(BOOKMARK);
  });

  test('that says what the request saw has a bookmark, whatever its status is', async () => {
    const { id } = await createTicket(api, partner);
    const path = ticketPath(id);
    const pickedUp = await writePickedUp(partner);
    const withHeaders = (method: string, headers: Record<string, string>) =>
      api.request(method, path, { as: partner, headers });
    await createTicket(api, partner);
    const responses = [
      await withHeaders('GET', { 'if-none-match': '"1-1"' }),
      await api.put(path, partner, { ...ticketUpdate, customer_id: NOBODY }),
      await api.get(ticketPath(NOBODY), partner),
      await api.delete(ticketPath(NOBODY), partner),
      await api.get(referencePath(newTicket.preparer_external_reference), partner),
      await api.get(ticketPath(pickedUp.id), partner),
      await withHeaders('DELETE', { 'if-match': '"1-7"' }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([304, 400, 404, 404, 409, 410, 412]);
    for (const response of responses) {
      expect.soft(bookmarkOf(response), String(response.status)).toMatch(BOOKMARK);
    }
  });

  test('that needed the database only to confirm the caller has a bookmark', async () => {
    const unseen = await api.post(TICKETS, partner, {});
    const seen = await api.post(TICKETS, partner, {});
    expect([unseen.status, seen.status]).toEqual([400, 400]);
    expect(bookmarkOf(unseen)).toMatch(BOOKMARK);
    expect(bookmarkOf(seen)).toBeNull();
  });

  test('to a request without valid credentials has no bookmark', async () => {
    const other = await makePartner({ home: main });
    const [own, foreign] = [await partner.headers(api), await other.headers(api)];
    const withHeaders = (headers: Record<string, string>) =>
      api.request('POST', TICKETS, { body: newTicket, headers });
    const sent = { 'x-d1-bookmark': `0.1.${EARLIER}` };
    const reader = await partner.headers(api, ['prepared-tickets:read']);
    const refused = [
      await withHeaders(sent),
      await withHeaders({ ...own, ...sent, 'x-api-key': newApiKey('test') }),
      await withHeaders({ ...own, ...sent, 'x-api-key': foreign['x-api-key'] as string }),
      await withHeaders({ ...reader, ...sent }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 403, 403]);
    expect(refused.map(bookmarkOf)).toEqual([null, null, null, null]);
  });

  test('to a request for a token has no bookmark, whatever home the client is in', async () => {
    const body = new URLSearchParams({ grant_type: 'client_credentials' }).toString();
    const basic = btoa(`${partner.clientId}:${partner.clientSecret}`);
    const headers = {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const response = await api.request('POST', '/oauth2/token', { body, headers });
    expect([response.status, bookmarkOf(response)]).toEqual([200, null]);
  });

  test('to a replay has a bookmark, so that the ticket can be read', async () => {
    const request = { as: partner, body: newTicket, headers: { 'idempotency-key': 'k' } };
    await api.request('POST', TICKETS, request);
    const again = await api.request('POST', TICKETS, request);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(bookmarkOf(again)).toMatch(BOOKMARK);
  });
});

describe('a request', () => {
  /** Makes the isolate confirm the caller, so that reads do without the gate. */
  beforeEach(() => api.get(TICKETS, partner));

  /** Returns how the sessions began that a list used. */
  const sessionsOf = async (bookmark?: string) => {
    d1.sessions.length = 0;
    const headers: Record<string, string> =
      bookmark === undefined ? {} : { 'x-d1-bookmark': bookmark };
    const response = await api.request('GET', TICKETS, { as: partner, headers });
    expect(response.status).toBe(200);
    return d1.sessions;
  };

  test('with the bookmark of a write starts its session at that bookmark and sees the write', async () => {
    const created = await api.post(TICKETS, partner, newTicket);
    const bookmark = bookmarkOf(created) as string;
    const { id } = await created.json<{ id: string }>();
    d1.sessions.length = 0;
    const headers = { 'x-d1-bookmark': bookmark };
    const read = await api.request('GET', ticketPath(id), { as: partner, headers });
    expect(read.status).toBe(200);
    expect(bookmark).toBe(`0.1.${d1.sessions[0]}`);
    expect(d1.sessions).toHaveLength(1);
  });

  test('without a bookmark uses one session that begins at the primary', async () => {
    expect(await sessionsOf()).toEqual([PRIMARY]);
  });

  test('with any well-formed bookmark starts its session at that bookmark', async () => {
    expect(await sessionsOf(`0.1.${EARLIER}`)).toEqual([EARLIER]);
  });

  test('begins a new session at the primary for each attempt after a fault', async () => {
    vi.spyOn(scheduler, 'wait').mockResolvedValue(undefined);
    const failTwice = () => d1.plan((call) => (call <= 2 ? 'before' : undefined));
    failTwice();
    expect(await sessionsOf()).toEqual([PRIMARY, PRIMARY, PRIMARY]);
    failTwice();
    expect(await sessionsOf(`0.1.${EARLIER}`)).toEqual([EARLIER, PRIMARY, PRIMARY]);
    failTwice();
    d1.sessions.length = 0;
    expect((await api.get('/v2/system/events', partner)).status).toBe(200);
    expect(d1.sessions).toEqual([PRIMARY, PRIMARY, PRIMARY]);
    vi.restoreAllMocks();
  });

  test('for a column that no database has is a fault after one attempt at the primary', async () => {
    const headers = { 'x-d1-bookmark': `0.1.${EARLIER}` };
    d1.plan(() => 'broken');
    expect((await api.request('GET', TICKETS, { as: partner, headers })).status).toBe(500);
    expect(d1.calls).toBe(2);
    d1.plan(() => 'broken');
    expect((await api.get(TICKETS, partner)).status).toBe(500);
    expect(d1.calls).toBe(1);
  });

  test.each([
    '',
    'x',
    'first-primary',
    'first-unconstrained',
    EARLIER,
    `.${EARLIER}`,
    `0.${EARLIER}`,
    `00.1.${EARLIER}`,
    `0.1.0.1.${EARLIER}`,
    `0.1.${EARLIER.slice(1)}`,
    `0.1.${EARLIER}0`,
    `0.1.${EARLIER.replaceAll('-', '')}`,
    `0.1.${EARLIER.replace('8', 'g')}`,
    `0.1.${EARLIER}, 0.1.${EARLIER}`,
    '0.1.first-primary',
    "' OR 1=1 --",
    'f'.repeat(8000),
  ])('with a malformed bookmark ignores it: %s', async (bookmark) => {
    expect(await sessionsOf(bookmark)).toEqual([PRIMARY]);
  });

  test('with a bookmark of another home or epoch ignores it', async () => {
    expect(await sessionsOf(`1.1.${EARLIER}`)).toEqual([PRIMARY]);
    expect(await sessionsOf(`0.2.${EARLIER}`)).toEqual([PRIMARY]);
    api.bindings = { ...api.bindings, EVENTS_EPOCH: '2' as never };
    expect(await sessionsOf(`0.2.${EARLIER}`)).toEqual([EARLIER]);
    expect(await sessionsOf(`0.1.${EARLIER}`)).toEqual([PRIMARY]);
  });
});

describe('in another home than main', () => {
  useEu();
  let european: TestPartner;

  beforeEach(async () => {
    european = await makePartner({ home: eu });
    d1 = new FaultyD1(eu.database);
    useApi(new TestApi({ HOMES: homesOf({ epoch: 4 }), [eu.binding]: d1.db }));
  });

  test('a bookmark has the number and the epoch of the home, and only such a one is used', async () => {
    const bookmark = bookmarkOf(await api.post(TICKETS, european, newTicket)) as string;
    expect(bookmark).toMatch(/^1\.4\.[0-9a-f-]{59}$/);
    await api.get(TICKETS, european);
    const sessionWith = async (sent: string) => {
      d1.sessions.length = 0;
      const headers = { 'x-d1-bookmark': sent };
      await api.request('GET', TICKETS, { as: european, headers });
      return d1.sessions[0];
    };
    expect(`1.4.${await sessionWith(bookmark)}`).toBe(bookmark);
    for (const other of ['0.4.', '0.1.', '1.3.', '1.1.', '']) {
      expect(await sessionWith(bookmark.replace('1.4.', other))).toBe(PRIMARY);
    }
  });
});

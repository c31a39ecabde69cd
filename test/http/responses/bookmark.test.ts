import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../support/api.ts';
import { callOf, protectedOperations, subjectOf } from '../../support/calls.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { FaultyD1 } from '../../support/faulty-d1.ts';
import { eu, homesOf, main, useEu } from '../../support/homes.ts';
import { makePartner, makeSpare, type TestPartner } from '../../support/partners.ts';
import { writePickedUp } from '../../support/picked-up-tickets.ts';
import { createTicket, newTicket, PRODUCT, putLine, ticketPath } from '../../support/tickets.ts';

/** The form of the header: the number and the epoch of the home, and a bookmark of D1. */
const BOOKMARK = /^0\.1\.[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;
const EARLIER = '00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683';
const UNCONSTRAINED = 'first-unconstrained';
const PRIMARY = 'first-primary';

let d1: FaultyD1;

beforeEach(async () => {
  d1 = new FaultyD1(main.database);
  await makePartnerOf(new TestApi({ [main.binding]: d1.db }), { home: main });
});

const bookmarkOf = (response: Response) => response.headers.get('x-d1-bookmark');

describe('a response', () => {
  test.each(protectedOperations)(
    'of $operationId has a bookmark if and only if the operation writes',
    async (operation) => {
      const ticket = await createTicket(api, partner);
      await putLine(api, partner, ticket.id, PRODUCT);
      const pickedUp = await writePickedUp(partner);
      const spare = await makeSpare(partner);
      const subject = subjectOf(operation, { ticket, pickedUp, spare });
      const call = callOf(operation, subject, PRODUCT, partner);
      const response = await api.request(call.method, call.path, { ...call, as: partner });
      expect(response.ok).toBe(true);
      if (call.method === 'GET') {
        expect(bookmarkOf(response)).toBeNull();
      } else {
        expect(bookmarkOf(response)).toMatch(BOOKMARK);
      }
    },
  );

  test('to a rejected write has no bookmark', async () => {
    const refused = [
      await api.post(TICKETS, partner, {}),
      await api.delete(ticketPath(crypto.randomUUID()), partner),
      await api.request('POST', TICKETS, { body: newTicket }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 404, 401]);
    expect(refused.map(bookmarkOf)).toEqual([null, null, null]);
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
  const sent = async (bookmark?: string) => {
    d1.sessions.length = 0;
    const headers: Record<string, string> =
      bookmark === undefined ? {} : { 'x-d1-bookmark': bookmark };
    const response = await api.request('GET', TICKETS, { as: partner, headers });
    expect(response.status).toBe(200);
    // The other session looks up the credentials, which always begins at the primary.
    return d1.sessions.filter((constraint) => constraint !== PRIMARY);
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

  test('without a bookmark uses one unconstrained session', async () => {
    expect(await sent()).toEqual([UNCONSTRAINED]);
  });

  test('with any well-formed bookmark starts its session at that bookmark', async () => {
    expect(await sent(`0.1.${EARLIER}`)).toEqual([EARLIER]);
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
    expect(await sent(bookmark)).toEqual([UNCONSTRAINED]);
  });

  test('with a bookmark of another home or epoch ignores it', async () => {
    expect(await sent(`1.1.${EARLIER}`)).toEqual([UNCONSTRAINED]);
    expect(await sent(`0.2.${EARLIER}`)).toEqual([UNCONSTRAINED]);
    api.bindings = { ...api.bindings, EVENTS_EPOCH: '2' as never };
    expect(await sent(`0.2.${EARLIER}`)).toEqual([EARLIER]);
    expect(await sent(`0.1.${EARLIER}`)).toEqual([UNCONSTRAINED]);
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
    const sessionWith = async (sent: string) => {
      d1.sessions.length = 0;
      const headers = { 'x-d1-bookmark': sent };
      await api.request('GET', TICKETS, { as: european, headers });
      return d1.sessions.find((constraint) => constraint !== PRIMARY);
    };
    expect(`1.4.${await sessionWith(bookmark)}`).toBe(bookmark);
    for (const other of ['0.4.', '0.1.', '1.3.', '1.1.', '']) {
      expect(await sessionWith(bookmark.replace('1.4.', other))).toBe(UNCONSTRAINED);
    }
  });
});

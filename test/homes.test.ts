import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { issueAccessToken } from '../src/auth/access-tokens.ts';
import { configOf, signingKeysOf } from '../src/config.ts';
import { TestApi, TICKETS } from './support/api.ts';
import { clients, kinds } from './support/credentials.ts';
import { WatchedD1 } from './support/d1.ts';
import { ENDPOINTS, endpointPath, makeEndpoint } from './support/endpoints.ts';
import { followEvents, readEvents } from './support/events.ts';
import { captureLog } from './support/faults.ts';
import { FaultyD1 } from './support/faulty-d1.ts';
import {
  eu,
  homesOf,
  main,
  nameDatabase,
  rowsOf,
  type TestHome,
  twoHomes,
  useEu,
} from './support/homes.ts';
import { makePartner, TestPartner } from './support/partners.ts';
import { createTicket, newTicket, type TicketList, ticketPath } from './support/tickets.ts';
import { basic, requestToken } from './support/token-requests.ts';

useEu();

let european: TestPartner;
let other: TestPartner;
let api: TestApi;

beforeEach(async () => {
  european = await makePartner({ home: eu });
  other = await makePartner({ home: main });
  api = new TestApi(twoHomes);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Returns the round trips and rows that a response states. */
const costOf = (response: Response) =>
  /trips=\d+ read=\d+ written=\d+/.exec(response.headers.get('server-timing') ?? '')?.[0];

describe('a partner of another home than main', () => {
  test('has its tickets, lists, events and idempotency keys there, beside a partner of main', async () => {
    const body = newTicket;
    const headers = { 'idempotency-key': 'k' };
    for (const as of [european, other, european]) {
      expect((await api.request('POST', TICKETS, { as, body, headers })).status).toBe(201);
    }
    for (const as of [european, other]) {
      const list = await (await api.get(TICKETS, as)).json<TicketList>();
      expect(list).toMatchObject({ total: 1, result: [{ ...newTicket }] });
      expect(await followEvents(api, as)).toMatchObject([
        { sequence: 1, type: 'prepared_ticket.created' },
      ]);
    }
    for (const table of ['prepared_tickets', 'events', 'idempotency_keys', 'partners']) {
      expect(await rowsOf(table), table).toEqual([1, 1]);
    }
  });

  test('gets 404 for a ticket of a partner of main, and the other way round', async () => {
    for (const [owner, stranger] of [
      [european, other],
      [other, european],
    ] as const) {
      const { id } = await createTicket(api, owner);
      expect((await api.get(ticketPath(id), stranger)).status).toBe(404);
      expect((await api.delete(ticketPath(id), stranger)).status).toBe(404);
      expect((await api.get(ticketPath(id), owner)).status).toBe(200);
    }
  });

  test('cannot use an API key of another home, which is unknown there', async () => {
    for (const [token, key] of [
      [european, other],
      [other, european],
    ] as const) {
      const { authorization = '' } = await token.headers(api);
      const headers = { authorization, 'x-api-key': key.apiKey };
      const response = await api.request('GET', TICKETS, { headers });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ type: '/problems/api-key-invalid' });
    }
  });

  test.each(kinds)('creates and rotates its $names there', async (kind) => {
    const made = await kind.make(api, european);
    const rotated = await kind.rotate(api, european, made, 60);
    for (const { secret } of [made, rotated]) {
      expect(kind.isWellFormed(secret)).toBe(true);
      expect(secret.startsWith('pts_eu_')).toBe(kind === clients);
    }
    const [inMain, inHome] = await rowsOf(kind === clients ? 'clients' : 'api_keys');
    expect([inMain, inHome]).toEqual([1, 2]);
    expect((await kind.trySecret(api, european, rotated)).status).toBe(200);
  });

  test('has its webhook endpoints there, whose objects are woken with the home', async () => {
    const endpoint = await makeEndpoint(api, european);
    await makeEndpoint(api, other);
    expect(await rowsOf('webhook_endpoints')).toEqual([1, 1]);
    for (const action of [
      () => createTicket(api, european),
      () => api.request('POST', endpointPath(endpoint, '/attempts'), { as: european }),
      () => api.delete(endpointPath(endpoint), european),
    ]) {
      api.woken.length = 0;
      api.wokenHomes.length = 0;
      await action();
      expect(new Set(api.woken)).toEqual(new Set([endpoint.id]));
      expect(new Set(api.wokenHomes)).toEqual(new Set(['eu']));
    }
    expect(await (await api.get(ENDPOINTS, european)).json()).toMatchObject({ total: 0 });
  });

  test('receives test events, whose outcome is recorded there', async () => {
    const endpoint = await makeEndpoint(api, european);
    const sent = await api.request('POST', endpointPath(endpoint, '/test-deliveries'), {
      as: european,
    });
    expect(sent.status).toBe(202);
    expect(await rowsOf('webhook_deliveries')).toEqual([0, 1]);
  });

  test('replays its events from a cursor of the epoch of its home', async () => {
    const restored = new TestApi({ HOMES: homesOf({ epoch: 2 }) });
    const endpoint = await makeEndpoint(restored, european);
    await createTicket(restored, european);
    const { next } = await readEvents(restored, european);
    await eu.database.prepare('UPDATE webhook_endpoints SET position = 2').run();
    const replay = (from: TestApi, after: string) =>
      from.request('POST', endpointPath(endpoint, '/replays'), { as: european, body: { after } });
    expect((await replay(restored, next)).status).toBe(202);
    expect((await replay(new TestApi({ HOMES: homesOf({ epoch: 3 }) }), next)).status).toBe(410);
  });

  test('has the last use of its credentials recorded there', async () => {
    await eu.database.batch(
      ['clients', 'api_keys'].map((t) => eu.database.prepare(`UPDATE ${t} SET last_used_at = 0`)),
    );
    await api.get(TICKETS, european);
    expect(await rowsOf('clients WHERE last_used_at > 0')).toEqual([1, 1]);
    expect(await rowsOf('api_keys WHERE last_used_at > 0')).toEqual([1, 1]);
  });

  test('costs the same round trips and rows as one of main, which Server-Timing and the log state', async () => {
    const costs = [];
    for (const as of [other, european]) {
      const response = await api.post(TICKETS, as, newTicket);
      costs.push(costOf(response));
    }
    expect(costs[1]).toEqual(costs[0]);
    const logged = api.log.filter(({ event }) => event === 'request').slice(-2);
    expect(logged[1]?.trips).toBe(logged[0]?.trips);
    expect(logged[1]?.partner).toBe(european.partnerId);
  });
});

describe('a partner id without a home', () => {
  const statusOf = async (partnerId: number, bindings = {}) => {
    const d1 = new WatchedD1(main.database);
    const isolate = new TestApi({ ...twoHomes, [main.binding]: d1.db, ...bindings });
    const stranger = new TestPartner(partnerId, { apiKey: european.apiKey });
    const response = await isolate.get(TICKETS, stranger);
    return { response, calls: d1.calls };
  };

  test.each([2_000_000, 1_000_000_000_000, Number.MAX_SAFE_INTEGER, -1])(
    'makes the token invalid without a call of D1: %d',
    async (partnerId) => {
      const { response, calls } = await statusOf(partnerId);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ type: '/problems/token-invalid' });
      expect(calls).toBe(0);
    },
  );

  test('is that of a partner whose home is not configured any more', async () => {
    expect((await api.get(TICKETS, european)).status).toBe(200);
    const { response, calls } = await statusOf(european.partnerId, { HOMES: '[]' });
    expect(response.status).toBe(401);
    expect(calls).toBe(0);
  });
});

describe('a database that is not the one of its home', () => {
  /** A new binding for each isolate, because one that was verified stays so. */
  const isolate = (
    { binding, database }: Pick<TestHome, 'binding' | 'database'>,
    bindings: object = twoHomes,
  ) => {
    const d1 = new FaultyD1(database);
    return { d1, api: new TestApi({ ...bindings, [binding]: d1.db }) };
  };

  const rows: [string, { number: number; name: string } | undefined][] = [
    ['no row', undefined],
    ['the row of main', { number: 0, name: 'main' }],
    ['another name', { number: 1, name: 'us' }],
    ['another number', { number: 2, name: 'eu' }],
  ];

  test.each(rows)('answers 503 and writes nothing: eu has %s', async (_what, row) => {
    captureLog();
    await nameDatabase(eu.database, row);
    const { d1, api } = isolate(eu);
    for (let i = 1; i <= 2; i++) {
      const response = await api.post(TICKETS, european, newTicket);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).not.toBeNull();
      expect(await response.text()).not.toMatch(/home|eu/);
      expect(d1.calls, 'it is not attempted again within the request').toBe(i);
    }
    expect(await rowsOf('prepared_tickets')).toEqual([0, 0]);
    expect(api.log.filter(({ event }) => event === 'fault')[0]).toMatchObject({
      error: 'WrongHome',
      home: 'eu',
    });
    await nameDatabase(eu.database, eu);
    expect((await api.post(TICKETS, european, newTicket)).status, 'it is asked anew').toBe(201);
  });

  test('answers 503 if it also has the row of its home', async () => {
    captureLog();
    await eu.database.prepare("INSERT INTO home (number, name) VALUES (2, 'us')").run();
    const { api } = isolate(eu);
    expect((await api.get(TICKETS, european)).status).toBe(503);
  });

  test('answers 503 for main too, which needs no row, but must have no other one', async () => {
    captureLog();
    try {
      await nameDatabase(main.database, eu);
      expect((await isolate(main, {}).api.get(TICKETS, other)).status).toBe(503);
      await nameDatabase(main.database, { number: 0, name: 'main' });
      expect((await isolate(main, {}).api.get(TICKETS, other)).status).toBe(200);
    } finally {
      await nameDatabase(main.database);
    }
  });

  test('answers 503 if the table is missing, because a migration is', async () => {
    captureLog();
    const { api } = isolate({ ...eu, database: env.DB_FRESH });
    expect((await api.get(TICKETS, european)).status).toBe(503);
  });

  test('is not written to by a single statement either', async () => {
    captureLog();
    await eu.database.prepare('UPDATE clients SET last_used_at = 0').run();
    await nameDatabase(eu.database);
    const { api } = isolate(eu);
    await requestToken(api, basic(european));
    expect(await rowsOf('clients WHERE last_used_at > 0')).toEqual([1, 0]);
  });

  test('does not disturb the partners of the other home', async () => {
    captureLog();
    await nameDatabase(eu.database);
    const { api } = isolate(eu);
    expect((await api.get(TICKETS, european)).status).toBe(503);
    expect((await api.get(TICKETS, other)).status).toBe(200);
  });
});

describe('the first call of an isolate', () => {
  test('verifies the home in the same round trip, and reads no row in main', async () => {
    const [first, second] = [1, 2].map(() => new FaultyD1(main.database).db);
    // Both isolates look up the credentials; the second one has verified its binding before.
    await new TestApi({ [main.binding]: second }).get('/health/ready');
    const costs = [];
    for (const db of [first, second]) {
      costs.push(costOf(await new TestApi({ [main.binding]: db }).get(TICKETS, other)));
    }
    expect(costs[0]).toEqual(costs[1]);
  });

  test('verifies the home again after a fault', async () => {
    const d1 = new FaultyD1(eu.database);
    const isolate = new TestApi({ ...twoHomes, [eu.binding]: d1.db });
    d1.plan((call) => (call === 1 ? 'overloaded' : undefined));
    captureLog();
    expect((await isolate.get(TICKETS, european)).status).toBe(503);
    await nameDatabase(eu.database);
    expect((await isolate.get(TICKETS, european)).status).toBe(503);
  });
});

test('a token for a partner of another home than that of its client is of no use there', async () => {
  const config = configOf(env);
  const token = await issueAccessToken(await signingKeysOf(config), config.issuer, api.now, {
    clientId: other.clientId,
    partnerId: european.partnerId,
    scope: 'prepared-tickets:read',
    tokenId: crypto.randomUUID(),
  });
  const headers = { authorization: `Bearer ${token}`, 'x-api-key': european.apiKey };
  const response = await api.request('GET', TICKETS, { headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ type: '/problems/token-invalid' });
});

test('only src/homes.ts chooses the binding of a database and opens one', () => {
  const sources = import.meta.glob('../src/**/*.ts', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const others = Object.entries(sources).filter(([path]) => path !== '../src/homes.ts');
  expect(others.length).toBeGreaterThan(100);
  expect(others.filter(([, text]) => /\benv\.DB|new Database\b/.test(text))).toEqual([]);
});

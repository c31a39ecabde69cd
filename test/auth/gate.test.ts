import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { ADMINISTRATIVE } from '../../src/auth/scopes.ts';
import { newApiKey } from '../../src/auth/secrets.ts';
import { catalogue } from '../../src/problems/catalogue.ts';
import { START, TestApi, TICKETS } from '../support/api.ts';
import { protectedOperations, scopeOf } from '../support/calls.ts';
import { apiKeys, clients } from '../support/credentials.ts';
import { allRows, WatchedD1 } from '../support/d1.ts';
import type { DocumentedOperation } from '../support/document.ts';
import { api, makePartnerOf, partner } from '../support/each-test.ts';
import { homeOf } from '../support/homes.ts';
import { makePartner } from '../support/partners.ts';
import type { ProblemBody } from '../support/problems.ts';
import { type RefusedCaller, refuse, revokedCallers } from '../support/refused-callers.ts';
import { Scene } from '../support/scene.ts';
import { linesPath, newTicket, PRODUCT, ticketPath } from '../support/tickets.ts';

/** Tests the gate: the statement that decides about a caller in the first D1 call of a request. */

let d1: WatchedD1;

beforeEach(async () => {
  d1 = new WatchedD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
});

/** Expects the refusal of a caller, in one round trip that reads and writes nothing. */
async function expectRefused(response: Response, { problem }: RefusedCaller): Promise<void> {
  const { status, type } = catalogue[problem];
  const { type: received } = await response.clone().json<ProblemBody>();
  expect([response.status, received]).toEqual([status, type]);
  expect(response.headers.get('server-timing')).toContain('trips=1 read=0 written=0');
}

test.each(revokedCallers)(
  '$what writes nothing more after a confirmation, and reads nothing in the isolate of such a write',
  async (caller) => {
    expect((await api.get(TICKETS, partner)).status).toBe(200);
    await refuse(caller, partner, await makePartner({ home: homeOf(partner) }));
    expect((await api.get(TICKETS, partner)).status, 'a read within 60 seconds').toBe(200);
    const before = await allRows();
    await expectRefused(await api.post(TICKETS, partner, newTicket), caller);
    await expectRefused(await api.get(TICKETS, partner), caller);
    expect(await allRows()).toEqual(before);
  },
);

test('a token without the scope is refused after its credentials are found right', async () => {
  const headers = await partner.headers(api, ['events:read']);
  const get = (isolate: TestApi) => isolate.request('GET', TICKETS, { headers });
  expect((await get(api)).status).toBe(403);
  expect(await d1.cost(() => get(api)), 'the caller is confirmed').toBe(0);
  await env.DB.prepare('DELETE FROM api_keys WHERE id = ?').bind(partner.apiKeyId).run();
  expect((await get(new TestApi())).status).toBe(401);
});

describe('a wrong API key is refused in place of', () => {
  const ticket = crypto.randomUUID();
  const requests: [what: string, status: number, method: string, path: string, sent?: object][] = [
    ['an invalid body', 400, 'POST', TICKETS, { body: {} }],
    ['a malformed body', 400, 'POST', TICKETS, { body: '{' }],
    [
      'an unsupported media type',
      415,
      'POST',
      TICKETS,
      { body: 'x', headers: { 'content-type': 'text/plain' } },
    ],
    ['an invalid query', 400, 'GET', `${TICKETS}?limit=x`],
    ['an unknown parameter', 400, 'GET', `${TICKETS}?x=1`],
    ['an invalid path', 400, 'GET', linesPath(ticket, 'x')],
    [
      'an invalid precondition',
      400,
      'PUT',
      ticketPath(ticket),
      { body: newTicket, headers: { 'if-match': 'x' } },
    ],
    ['an invalid cursor', 400, 'GET', '/v2/system/events?after=x'],
    [
      'a format that is not offered',
      406,
      'GET',
      '/v2/tickets/prepared-ticket-export',
      { headers: { accept: 'image/png' } },
    ],
    ['a ticket that does not exist', 404, 'GET', ticketPath(ticket)],
    [
      'a stale precondition',
      404,
      'PUT',
      ticketPath(ticket),
      { body: newTicket, headers: { 'if-match': '"9"' } },
    ],
    ['a HEAD of an export', 200, 'HEAD', '/v2/tickets/prepared-ticket-export'],
  ];

  test.each(requests)('%s (%d)', async (_what, status, method, path, sent) => {
    const call = async (isolate: TestApi, apiKey: string) => {
      const { headers, ...rest } = { headers: {}, ...sent };
      const credentials = { ...(await partner.headers(api)), 'x-api-key': apiKey };
      return isolate.request(method, path, { ...rest, headers: { ...credentials, ...headers } });
    };
    const refused = await call(api, newApiKey('test'));
    expect(refused.status).toBe(401);
    expect(refused.headers.get('server-timing')).toContain('trips=1 read=0 written=0');
    const { headers: expected } = await new TestApi().request('GET', TICKETS, {
      headers: { ...(await partner.headers(api)), 'x-api-key': newApiKey('test') },
    });
    expect([...refused.headers.keys()].sort()).toEqual([...expected.keys()].sort());
    const accepted = await call(api, partner.apiKey);
    expect(accepted.status).toBe(status);
    // A 404 takes a second trip, which looks whether the ticket was picked up.
    const trips = status === 404 ? 2 : 1;
    expect(accepted.headers.get('server-timing')).toContain(`trips=${trips} `);
  });

  test('the change of a credential that authenticates the request (409)', async () => {
    for (const [kind, id] of [
      [clients, partner.clientId],
      [apiKeys, partner.apiKeyId],
    ] as const) {
      const path = kind.pathOf({ id });
      const headers = { ...(await partner.headers(api)), 'x-api-key': newApiKey('test') };
      expect((await api.request('DELETE', path, { headers })).status).toBe(401);
      const response = await api.delete(path, partner);
      expect(response.status).toBe(409);
      expect(response.headers.get('server-timing')).toContain('trips=1');
    }
  });
});

describe('a successful request takes one round trip, whether its caller was seen before or not:', () => {
  /** It asks the receiver between two. */
  const trips = (operationId: string) => (operationId === 'createWebhookEndpoint' ? 2 : 1);

  test.each(protectedOperations.map((operation) => [operation.operationId, operation] as const))(
    '%s',
    async (operationId, operation) => {
      const scene = await Scene.set();
      /** Returns the rows that the operation reads. */
      const rowsRead = async (as: Scene, what: string) => {
        const response = await as.succeed(operation);
        expect(response.ok, await response.clone().text()).toBe(true);
        const timing = response.headers.get('server-timing') ?? '';
        expect(timing, what).toContain(`trips=${trips(operationId)} `);
        return Number(/read=(\d+)/.exec(timing)?.[1]);
      };
      scene.api = new TestApi();
      const unseen = await rowsRead(scene, 'unseen');
      if (operation.method === 'GET') {
        const more = unseen - (await rowsRead(scene, 'seen'));
        expect(more, 'the rows of the gate').toBe(isAlwaysConfirmed(operation) ? 0 : 2);
      } else {
        const other = await Scene.set();
        other.api = scene.api;
        await other.api.get(TICKETS, other.partner);
        await rowsRead(other, 'seen');
      }
    },
  );
});

/** Returns whether each request of an operation is confirmed anew. */
const isAlwaysConfirmed = (operation: DocumentedOperation) =>
  (ADMINISTRATIVE as readonly unknown[]).includes(scopeOf(operation));

test('a request fails with 503 after one series of attempts if D1 does not answer, and not after two', async () => {
  d1.fault = new Error('D1_ERROR: D1 DB is overloaded. Too many requests queued.');
  const cost = await d1.cost(async () => {
    expect((await api.get(TICKETS, partner)).status).toBe(503);
  });
  expect(cost).toBe(1);
});

test('a key that was rotated in the request of its rotation is confirmed no longer than its overlap', async () => {
  const path = `${apiKeys.pathOf({ id: partner.apiKeyId })}/secrets`;
  expect((await api.post(path, partner, { overlap_seconds: 30 })).status).toBe(201);
  const list = () => api.get(TICKETS, partner);
  expect((await list()).status).toBe(200);
  expect((await new TestApi().get(TICKETS, partner)).status).toBe(200);
  api.now = START + 29_999;
  expect((await api.post(TICKETS, partner, newTicket)).status).toBe(201);
  api.now = START + 30_000;
  expect((await list()).status).toBe(401);
  expect((await api.put(linesPath(PRODUCT, PRODUCT), partner, { quantity: 1 })).status).toBe(401);
});

import { beforeEach, describe, expect, test } from 'vitest';
import { BATCHES, comparableHeaders, TestApi, TICKETS } from '../../support/api.ts';
import { itemsOf } from '../../support/batches.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { allRows } from '../../support/d1.ts';
import { operations } from '../../support/document.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { EXPORT } from '../../support/exports.ts';
import { captureLog } from '../../support/faults.ts';
import { homeOf } from '../../support/homes.ts';
import { makePartner } from '../../support/partners.ts';
import { policyHeader, statusesOf } from '../../support/rate-limits.ts';
import { refuse, revokedCallers } from '../../support/refused-callers.ts';
import { operationNamed, Scene, TOKEN } from '../../support/scene.ts';
import { newTicket } from '../../support/tickets.ts';

/** `test/contract.test.ts` compares the forced problems of each operation with the real ones. */

/** The isolate of most tests, whose keys are of the kind `test`. It has not seen the partner of a test before. */
const shared = new TestApi();

beforeEach(async () => {
  shared.log.length = 0;
  await makePartnerOf(shared);
});

const list = (prefer: string) => api.request('GET', TICKETS, { as: partner, headers: { prefer } });
const create = (prefer: string, headers: Record<string, string> = {}, body: unknown = newTicket) =>
  api.request('POST', TICKETS, { as: partner, body, headers: { prefer, ...headers } });
const appliedIn = ({ headers }: Response) => headers.get('preference-applied');

describe('a preference for a problem', () => {
  test.each([
    ['problem=quota-exceeded', 429, 'problem=quota-exceeded'],
    ['Problem = "quota-exceeded"', 429, 'problem=quota-exceeded'],
    ['CODE=429', 429, 'code=429'],
    ['respond-async, code="503"; wait=1', 503, 'code=503'],
    ['code=403', 403, 'code=403'],
    // The first one that the operation can give counts.
    ['problem=token-expired, code=429', 401, 'problem=token-expired'],
    ['code=429, problem=token-expired', 429, 'code=429'],
    ['problem=not-ready, code=429', 429, 'code=429'],
  ])('%j gets %i', async (prefer, status, applied) => {
    const response = await list(prefer);
    expect(response.status).toBe(status);
    expect(appliedIn(response)).toBe(applied);
  });

  test.each([
    'problem=not-ready',
    'problem=nonsense',
    'problem=about:blank',
    'problem',
    'code=409',
    'code=200',
    'code=4290',
    'code=',
    'note="code=429"',
    // Of several with one name, the first one counts.
    'problem=nonsense, problem=quota-exceeded',
    'code=200, code=429',
    'code=429, note='.padEnd(1001, 'x'),
  ])('%j is ignored, because the operation cannot give it', async (prefer) => {
    const response = await list(prefer);
    expect(response.status).toBe(200);
    expect(appliedIn(response)).toBeNull();
  });

  test('gets the first problem of a status in the document', async () => {
    expect(await (await create('code=400')).json()).toMatchObject({
      type: '/problems/violations',
      violations: [{ in: 'body', pointer: '#/vin', code: 'too_short' }],
    });
    expect(await (await create('code=401')).json()).toMatchObject({
      type: '/problems/credentials-missing',
    });
  });

  test('gets it without a body for a HEAD request', async () => {
    const options = { as: partner, headers: { prefer: 'code=503' } };
    const response = await api.request('HEAD', TICKETS, options);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.text()).toBe('');
  });

  test('is applied beside lenient handling, where an operation knows it', async () => {
    const prefer = 'handling=lenient, code=429';
    const body = { prepared_tickets: itemsOf(1) };
    const options = { as: partner, headers: { prefer } };
    const batch = await api.request('POST', BATCHES, { ...options, body });
    expect([batch.status, appliedIn(batch)]).toEqual([429, prefer]);
    expect(appliedIn(await list(prefer))).toBe('code=429');
  });

  test('gets the support address of the deployment, as the real problem has it', async () => {
    useApi(new TestApi({ SUPPORT_CONTACT: 'help@example.com' }));
    const { detail } = await (await list('code=500')).json<{ detail: string }>();
    expect(detail).toContain('send the request_id to help@example.com');
  });

  test('has no effect at the token endpoint, which authenticates its callers itself', async () => {
    const scene = await Scene.set();
    const headers = { prefer: 'problem=quota-exceeded, code=503' };
    const response = await scene.send(operationNamed(TOKEN), { headers });
    expect([response.status, appliedIn(response)]).toEqual([200, null]);
  });
});

describe('a forced problem does nothing', () => {
  test('before the request is validated', async () => {
    const response = await create('code=503', { 'content-type': 'text/plain' }, '{');
    expect(response.status).toBe(503);
    const query = { as: partner, headers: { prefer: 'code=503' } };
    expect((await api.request('GET', `${TICKETS}?colour=red`, query)).status).toBe(503);
  });

  test('writes no row and uses no idempotency key, and precedes a replay', async () => {
    const key = { 'idempotency-key': '"k"' };
    const before = await allRows();
    expect((await create('code=503', key)).status).toBe(503);
    expect(await allRows()).toEqual(before);
    const created = await create('', key);
    expect([created.status, created.headers.has('idempotent-replayed')]).toEqual([201, false]);
    expect((await create('code=503', key)).status).toBe(503);
    expect((await create('', key)).headers.get('idempotent-replayed')).toBe('true');
  });

  test('is logged as forced, and as no fault', async () => {
    const log = captureLog();
    await list('code=500');
    await list('');
    expect(api.log.map(({ event, status, forced }) => ({ event, status, forced }))).toEqual([
      { event: 'request', status: 500, forced: true },
      { event: 'request', status: 200, forced: undefined },
    ]);
    expect(log.lines).toEqual([]);
  });
});

describe('a caller gets a forced problem only after the credentials and the rate limits', () => {
  test.each(revokedCallers)('gets the refusal of its credentials with $what', async (caller) => {
    await refuse(caller, partner, await makePartner({ home: homeOf(partner) }));
    const response = await list('code=503');
    expect(response.status).toBe(
      caller.problem === 'apiKeyInvalid' || caller.problem === 'tokenInvalid' ? 401 : 403,
    );
    expect(appliedIn(response)).toBeNull();
    expect(api.log.map(({ forced }) => forced)).toEqual([undefined]);
  });

  test('gets the 403 of a token without the scope', async () => {
    const headers = await partner.headers(api, ['prepared-tickets:read']);
    const prefer = 'code=503';
    const options = { body: newTicket, headers: { ...headers, prefer } };
    expect((await api.request('POST', TICKETS, options)).status).toBe(403);
  });

  test('counts each one against the policies of its operation', async () => {
    const ofPartner = new CountingLimit(2);
    const heavy = new CountingLimit();
    useApi(new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: ofPartner, HEAVY_LIMIT: heavy }));
    const send = (prefer = 'code=503') =>
      api.request('GET', EXPORT, { as: partner, headers: { prefer } });
    const first = await send('problem=quota-exceeded');
    expect(first.headers.get('ratelimit-policy')).toBe(policyHeader(['partner', 'exports']));
    expect(await statusesOf(send, 2)).toEqual([503, 429]);
    expect([...ofPartner.counts.values(), ...heavy.counts.values()]).toEqual([3, 2]);
    expect(appliedIn(await send())).toBeNull();
  });
});

describe('with keys of the kind live, a request with the preference gets what it gets without', () => {
  const live = new TestApi({ API_KEYS: 'live' });

  /** Returns what equal responses about different resources share. */
  async function likenessOf(response: Response) {
    const headers = Object.keys(comparableHeaders(response)).sort();
    const type = response.headers.get('content-type');
    const isJson = type === 'application/json';
    const members = isJson ? Object.keys(await response.json<object>()) : [];
    return { status: response.status, type, headers, members };
  }

  test.each(operations)('$operationId', async (operation) => {
    const scene = await Scene.set();
    const send = async (on: Scene, headers: Record<string, string>) => {
      on.api = live;
      return likenessOf(await on.succeed(operation, { headers }));
    };
    const sent = await send(scene, { prefer: 'problem=token-invalid, code=500' });
    expect(sent.status).toBeLessThan(300);
    const other = operation.method === 'GET' ? scene : await Scene.set();
    expect(sent).toEqual(await send(other, {}));
  });
});

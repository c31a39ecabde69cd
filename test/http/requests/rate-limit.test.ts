import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newApiKey, newClientSecret } from '../../../src/auth/secrets.ts';
import { rateLimitPolicies } from '../../../src/http/requests/rate-limit.ts';
import { catalogue } from '../../../src/problems/catalogue.ts';
import wranglerToml from '../../../wrangler.toml?raw';
import { TestApi, TICKETS } from '../../support/api.ts';
import { callOf, protectedOperations } from '../../support/calls.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { apiKeys } from '../../support/credentials.ts';
import { allRows, WatchedD1 } from '../../support/d1.ts';
import { captureLog } from '../../support/faults.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { newTicket } from '../../support/tickets.ts';
import { basic, type ClientProof, post, requestToken } from '../../support/token-requests.ts';

let ofPartner: CountingLimit;
let ofAddress: CountingLimit;
let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  ofPartner = new CountingLimit(3);
  ofAddress = new CountingLimit(3);
  api = new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress });
  partner = await makePartner();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Holds an answer against what the draft says of a quota that was exceeded. */
async function expectExceeded(response: Response, policy: keyof typeof rateLimitPolicies) {
  const { name, quota, windowSeconds, problem } = rateLimitPolicies[policy];
  const { type, title } = catalogue[problem];
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe(String(windowSeconds));
  expect(response.headers.get('ratelimit-policy')).toBe(`"${name}";q=${quota};w=${windowSeconds}`);
  expect(response.headers.has('ratelimit'), 'no invented remaining count').toBe(false);
  expect(await response.json()).toEqual({
    type,
    title,
    status: 429,
    detail: expect.stringContaining('Retry-After'),
    'violated-policies': [name],
    request_id: response.headers.get('x-request-id'),
  });
}

async function statusesOf(send: () => Promise<Response>, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) {
    statuses.push((await send()).status);
  }
  return statuses;
}

const list = (as?: TestPartner) => api.get(TICKETS, as);

describe('requests of a partner', () => {
  test('pass up to the quota, and then are told to wait', async () => {
    expect(await statusesOf(() => list(partner), 4)).toEqual([200, 200, 200, 429]);
    await expectExceeded(await list(partner), 'partner');
  });

  test('do not count against another partner', async () => {
    await statusesOf(() => list(partner), 4);
    expect((await list(await makePartner())).status).toBe(200);
    expect(ofPartner.counts.size).toBe(2);
  });

  test('count together, whatever the operation, its client and its key', async () => {
    for (const operation of protectedOperations) {
      const call = callOf(operation);
      await api.request(call.method, call.path, { ...call, as: partner });
    }
    expect([...ofPartner.counts]).toEqual([
      [String(partner.partnerId), protectedOperations.length],
    ]);
  });

  test('beyond the quota write nothing, and cost D1 nothing', async () => {
    await statusesOf(() => list(partner), 3);
    const before = await allRows();
    const refused = await api.post(TICKETS, partner, newTicket);
    await expectExceeded(refused, 'partner');
    expect(refused.headers.get('server-timing')).toContain('trips=0');
    expect(await allRows()).toEqual(before);
  });

  test('beyond the quota cost D1 nothing, also where it is asked each time who calls', async () => {
    const headers = await partner.headers(api);
    const manage = () => api.request('GET', '/v2/system/clients', { headers });
    expect(await statusesOf(manage, 4)).toEqual([200, 200, 200, 429]);
    expect((await manage()).headers.get('server-timing')).toContain('trips=0');
  });

  test('are told the policy with every answer, and no number that nobody knows', async () => {
    for (const path of [TICKETS, `${TICKETS}?limit=-1`, `${TICKETS}/${crypto.randomUUID()}`]) {
      const { headers } = await api.get(path, partner);
      expect(headers.get('ratelimit-policy'), path).toBe('"partner";q=50;w=10');
      const others = [...headers.keys()].filter((name) => /ratelimit/i.test(name));
      expect(others).toEqual(['ratelimit-policy']);
    }
  });
});

describe('wrong credentials', () => {
  const from = (address: string, headers: Record<string, string> = {}) =>
    api.request('GET', TICKETS, { headers: { 'cf-connecting-ip': address, ...headers } });
  const wrong = { authorization: 'Bearer x' };
  const guess = (address: string) => from(address, wrong);

  test('count against their address, and then are told to wait', async () => {
    expect(await statusesOf(() => guess('192.0.2.1'), 4)).toEqual([401, 401, 401, 429]);
    await expectExceeded(await guess('192.0.2.1'), 'refusedCredentials');
    expect((await guess('2001:db8::1')).status).toBe(401);
    expect(ofPartner.counts.size).toBe(0);
  });

  test('count, whichever they are', async () => {
    const good = await partner.headers(api);
    const other = await makePartner();
    const refusals = [
      { ...good, authorization: 'Bearer x' },
      { ...good, authorization: 'Bearer' },
      { ...good, 'x-api-key': 'x' },
      { ...good, 'x-api-key': newApiKey('test') },
      { ...good, 'x-api-key': other.apiKey },
    ];
    ofAddress = new CountingLimit();
    api = new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress });
    for (const headers of refusals) {
      expect([401, 403]).toContain((await from('192.0.2.1', headers)).status);
    }
    expect([...ofAddress.counts]).toEqual([
      ['192.0.2.1', 2],
      [`192.0.2.1 key ${partner.clientId}`, 3],
    ]);
  });

  test('do not count those that are missing, late, or good for something else', async () => {
    const good = await partner.headers(api);
    const narrow = await partner.headers(api, ['prepared-tickets:write']);
    expect((await from('192.0.2.1')).status).toBe(401);
    expect((await from('192.0.2.1', { authorization: good.authorization as string })).status).toBe(
      401,
    );
    expect((await from('192.0.2.1', { ...good, authorization: 'Basic x' })).status).toBe(401);
    expect((await from('192.0.2.1', narrow)).status).toBe(403);
    api.now += 3_600_000;
    expect((await from('192.0.2.1', good)).status).toBe(401);
    expect(ofAddress.counts.size).toBe(0);
  });

  test('a token without the scope counts against its partner', async () => {
    const narrow = await partner.headers(api, ['prepared-tickets:write']);
    expect(await statusesOf(() => from('192.0.2.1', narrow), 4)).toEqual([403, 403, 403, 429]);
  });

  test('beyond the quota nothing is looked up', async () => {
    const d1 = new WatchedD1();
    api = new TestApi({ ...api.bindings, DB: d1.db, PARTNER_LIMIT: new CountingLimit() });
    const headers = { ...(await partner.headers(api)), 'x-api-key': newApiKey('test') };
    expect(await d1.cost(() => statusesOf(() => from('192.0.2.1', headers), 3))).toBe(3);
    expect(await d1.cost(() => statusesOf(() => from('192.0.2.1', headers), 9))).toBe(0);
    expect((await from('192.0.2.1', await partner.headers(api))).status).toBe(429);
  });

  test('do not stop credentials that are known to be good, at the same address', async () => {
    const good = await partner.headers(api);
    expect((await from('192.0.2.1', good)).status).toBe(200);
    await statusesOf(() => guess('192.0.2.1'), 5);
    expect((await from('192.0.2.1', good)).status).toBe(200);
  });

  test('do not stop them later either, when they are looked up again, but once they are refused', async () => {
    const key = await apiKeys.make(api, partner);
    const good = await apiKeys.caller(partner, key).headers(api);
    const statuses = async () => {
      await statusesOf(() => guess('192.0.2.1'), 5);
      const answers = Array.from({ length: 3 }, () => from('192.0.2.1', good));
      ofPartner.counts.clear();
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    expect((await from('192.0.2.1', good)).status).toBe(200);
    for (let minute = 1; minute <= 2; minute++) {
      api.now += 60_000;
      expect(await statuses()).toEqual([200, 200, 200]);
    }
    ofPartner.counts.clear();
    await apiKeys.change(api, partner, key, { disabled: true });
    api.now += 60_000;
    expect(await statuses()).toEqual([401, 401, 401]);
    expect((await from('192.0.2.1', good)).status).toBe(429);
  });

  test('are forgiven after a minute', async () => {
    await statusesOf(() => guess('192.0.2.1'), 5);
    api.now += 60_000;
    ofAddress.counts.clear();
    expect((await from('192.0.2.1', await partner.headers(api))).status).toBe(200);
    expect(ofAddress.counts.size, 'a good attempt counts no more').toBe(0);
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
    ['2001:db8::1', '2001:0db8:0:0:1::'],
    ['::1', '0:0:0:0:9::'],
  ])('of one IPv6 network count together: %s and %s', async (one, another) => {
    await statusesOf(() => guess(one), 3);
    expect((await guess(another)).status).toBe(429);
    expect((await guess('2001:db8:1:3::1')).status).toBe(401);
  });

  test('attempts at once count each', async () => {
    const statuses = await Promise.all(Array.from({ length: 8 }, () => guess('192.0.2.1')));
    expect(statuses.filter(({ status }) => status === 401)).toHaveLength(3);
  });
});

describe.each([
  ['client_secret_basic', basic],
  ['client_secret_post', post],
])('wrong secrets by %s', (name, proof) => {
  const wrong = () => proof({ clientId: partner.clientId, clientSecret: newClientSecret() });
  const from = (address: string, { headers, form }: ClientProof) =>
    requestToken(api, { headers: { ...headers, 'cf-connecting-ip': address }, form });

  test('ten in a row slow down the caller, not the partner', async () => {
    const d1 = new WatchedD1();
    api = new TestApi({ RATE_LIMITS: 'on', DB: d1.db, ADDRESS_LIMIT: new CountingLimit(10) });
    const statuses = await statusesOf(() => from('192.0.2.66', wrong()), 10);
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(await d1.cost(() => statusesOf(() => from('192.0.2.66', wrong()), 10))).toBe(0);
    await expectExceeded(await from('192.0.2.66', wrong()), 'refusedCredentials');
    await expectExceeded(await from('192.0.2.66', proof(partner)), 'refusedCredentials');
    expect((await from('192.0.2.1', proof(partner))).status).toBe(200);
    expect((await api.get(TICKETS, partner)).status).toBe(200);
  });

  test("the runtime's own limiter does it too", async () => {
    api = new TestApi({ RATE_LIMITS: 'on' });
    const statuses = await statusesOf(() => from(name, wrong()), 21);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    // Two windows may share them: one more than both let pass is too many in any case.
    expect(statuses.at(-1)).toBe(429);
    expect((await from('192.0.2.1', proof(partner))).status).toBe(200);
  });

  test('other errors of the token endpoint do not count', async () => {
    const { headers, form } = proof(partner);
    for (const parameters of [{ scope: 'x' }, { grant_type: 'password' }]) {
      await requestToken(api, { headers, form }, parameters as never);
    }
    await requestToken(api, { headers: {}, form: {} });
    expect(ofAddress.counts.size).toBe(0);
  });
});

test('what needs no credentials is not limited', async () => {
  for (const path of ['/health', '/openapi.json', '/docs', '/.well-known/jwks.json', '/nothing']) {
    expect(await statusesOf(() => api.get(path), 5)).not.toContain(429);
  }
  expect([ofPartner.counts.size, ofAddress.counts.size]).toEqual([0, 0]);
});

test('a limiter that fails lets the request pass, and is logged', async () => {
  captureLog();
  const broken = { limit: async () => Promise.reject(new Error('no limiter')) };
  api = new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: broken });
  expect((await list(partner)).status).toBe(200);
  expect(api.log.filter(({ event }) => event === 'fault')).toMatchObject([
    { message: 'no limiter' },
  ]);
});

describe('the configuration', () => {
  test('off counts nothing', async () => {
    api = new TestApi({ RATE_LIMITS: 'off', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress });
    expect(await statusesOf(() => list(partner), 5)).toEqual([200, 200, 200, 200, 200]);
    expect((await list(partner)).headers.has('ratelimit-policy')).toBe(false);
    await list();
    expect([ofPartner.counts.size, ofAddress.counts.size]).toEqual([0, 0]);
  });

  test('is on unless it says off, and nothing else', async () => {
    api = new TestApi({ RATE_LIMITS: undefined, PARTNER_LIMIT: ofPartner });
    expect(await statusesOf(() => list(partner), 4)).toContain(429);
    captureLog();
    expect((await new TestApi({ RATE_LIMITS: 'no' }).get('/health')).status).toBe(503);
  });

  test('in wrangler.toml is what is announced', () => {
    const blocks = wranglerToml.split('[[ratelimits]]').slice(1);
    const configured = blocks.map((block) => {
      const [, name] = /^name = "(.+)"$/m.exec(block) ?? [];
      const [, limit, period] = /^simple = \{ limit = (\d+), period = (\d+) \}$/m.exec(block) ?? [];
      return { name, quota: Number(limit), windowSeconds: Number(period) };
    });
    const announced = Object.values(rateLimitPolicies).map(({ binding, quota, windowSeconds }) => ({
      name: binding,
      quota,
      windowSeconds,
    }));
    // Two policies may share a binding, and then have its numbers.
    const distinct = new Set(announced.map((each) => JSON.stringify(each)));
    expect(configured).toEqual([...distinct].map((text) => JSON.parse(text)));
    expect(wranglerToml).toMatch(/^RATE_LIMITS = "on"$/m);
    const namespaces = [...wranglerToml.matchAll(/^namespace_id = "(.+)"$/gm)].map(([, id]) => id);
    expect(new Set(namespaces).size).toBe(blocks.length);
    expect(rateLimitPolicies.partner).toMatchObject({ quota: 50, windowSeconds: 10 });
    expect(rateLimitPolicies.refusedCredentials).toMatchObject({ quota: 10, windowSeconds: 60 });
  });

  test("the runtime's own limiter stops the request that is one too many", async () => {
    api = new TestApi({ RATE_LIMITS: 'on' });
    const { quota } = rateLimitPolicies.partner;
    const statuses = await statusesOf(() => list(partner), quota);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // Two windows may share the requests: one more than both let pass is too many in any case.
    expect(await statusesOf(() => list(partner), quota + 1)).toContain(429);
    expect((await list(await makePartner())).status).toBe(200);
  });
});

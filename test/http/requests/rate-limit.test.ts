import { beforeEach, describe, expect, test } from 'vitest';
import { rateLimitPolicies } from '../../../src/http/requests/rate-limit.ts';
import type { HeavyKind } from '../../../src/policy.ts';
import { catalogue } from '../../../src/problems/catalogue.ts';
import wranglerToml from '../../../wrangler.toml?raw';
import { TestApi, TICKETS } from '../../support/api.ts';
import { sendBatch } from '../../support/batches.ts';
import { callOf, protectedOperations } from '../../support/calls.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { allRows, WatchedD1 } from '../../support/d1.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { ENDPOINTS } from '../../support/endpoints.ts';
import { EXPORT } from '../../support/exports.ts';
import { captureLog } from '../../support/faults.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { expectExceeded, policyHeader, statusesOf } from '../../support/rate-limits.ts';
import { newTicket, PRODUCT } from '../../support/tickets.ts';
import { type TestEndpoint, writeEndpoint } from '../../support/webhooks.ts';

let ofPartner: CountingLimit;
let ofAddress: CountingLimit;

beforeEach(async () => {
  ofPartner = new CountingLimit(3);
  ofAddress = new CountingLimit(3);
  await makePartnerOf(
    new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress }),
  );
});

const list = (as?: TestPartner) => api.get(TICKETS, as);

describe('the requests of a partner', () => {
  test('return 429 with Retry-After beyond the quota', async () => {
    expect(await statusesOf(() => list(partner), 4)).toEqual([200, 200, 200, 429]);
    await expectExceeded(await list(partner), 'partner');
  });

  test('do not count against another partner', async () => {
    await statusesOf(() => list(partner), 4);
    expect((await list(await makePartner())).status).toBe(200);
    expect(ofPartner.counts.size).toBe(2);
  });

  test('count together for all operations, clients and API keys', async () => {
    for (const operation of protectedOperations) {
      const call = callOf(operation);
      await api.request(call.method, call.path, { ...call, as: partner });
    }
    expect([...ofPartner.counts]).toEqual([
      [String(partner.partnerId), protectedOperations.length],
    ]);
  });

  test('write nothing and cause no query to D1 beyond the quota', async () => {
    await statusesOf(() => list(partner), 3);
    const before = await allRows();
    const refused = await api.post(TICKETS, partner, newTicket);
    await expectExceeded(refused, 'partner');
    expect(refused.headers.get('server-timing')).toContain('trips=0');
    expect(await allRows()).toEqual(before);
  });

  test('cause no query to D1 beyond the quota, also for operations that bypass the credential cache', async () => {
    const headers = await partner.headers(api);
    const manage = () => api.request('GET', '/v2/system/clients', { headers });
    expect(await statusesOf(manage, 4)).toEqual([200, 200, 200, 429]);
    expect((await manage()).headers.get('server-timing')).toContain('trips=0');
  });

  test('get the policy, and no remaining count, with every response', async () => {
    for (const path of [TICKETS, `${TICKETS}?limit=-1`, `${TICKETS}/${crypto.randomUUID()}`]) {
      const { headers } = await api.get(path, partner);
      expect(headers.get('ratelimit-policy'), path).toBe('"partner";q=50;w=10');
      const others = [...headers.keys()].filter((name) => /ratelimit/i.test(name));
      expect(others).toEqual(['ratelimit-policy']);
    }
  });
});

describe('the requests that take much of the time of the database', () => {
  const CUSTOMER_ID = newTicket.customer_id;
  const REFERENCE = 'preparer_external_reference=R';
  const both = `${TICKETS}?customer_id=${CUSTOMER_ID}&${REFERENCE}`;
  const kinds: [HeavyKind, () => Promise<Response>][] = [
    ['batches', () => sendBatch(api, partner, [newTicket])],
    ['exports', () => api.get(EXPORT, partner)],
    ['searches', () => api.get(both, partner)],
  ];
  let ofKind: CountingLimit;
  let d1: WatchedD1;

  beforeEach(() => {
    ofKind = new CountingLimit(2);
    d1 = new WatchedD1();
    const limits = { PARTNER_LIMIT: new CountingLimit(), HEAVY_LIMIT: ofKind };
    useApi(new TestApi({ RATE_LIMITS: 'on', DB: d1.db, ...limits }));
  });

  test.each(kinds)(
    '%s return 429 beyond their own quota, without a query to D1',
    async (name, send) => {
      const statuses = await statusesOf(send, 2);
      expect(statuses.every((status) => status < 300)).toBe(true);
      const before = await allRows();
      // The credentials would have to be looked up again.
      api.now += 60_000;
      const cost = await d1.cost(async () => expectExceeded(await send(), name, ['partner', name]));
      expect(cost).toBe(0);
      expect(await allRows()).toEqual(before);
    },
  );

  test.each(kinds)(
    '%s do not count against the other kinds and other partners',
    async (name, send) => {
      await statusesOf(send, 3);
      for (const [other, sendOther] of kinds) {
        expect((await sendOther()).status === 429, other).toBe(other === name);
      }
      await makePartnerOf(api);
      expect((await send()).status).toBeLessThan(300);
      expect(ofKind.counts.size).toBe(kinds.length + 1);
    },
  );

  test.each(kinds)('%s are announced beside the policy of the partner', async (name, send) => {
    const { headers } = await send();
    expect(headers.get('ratelimit-policy')).toBe(policyHeader(['partner', name]));
  });

  test('count against nothing of their own once the partner is beyond its quota', async () => {
    useApi(
      new TestApi({
        RATE_LIMITS: 'on',
        PARTNER_LIMIT: new CountingLimit(0),
        HEAVY_LIMIT: ofKind,
      }),
    );
    for (const [, send] of kinds) {
      await expectExceeded(await send(), 'partner');
    }
    expect(ofKind.counts.size).toBe(0);
  });

  test('a HEAD of the export counts like a GET', async () => {
    await api.request('HEAD', EXPORT, { as: partner });
    expect([...ofKind.counts.values()]).toEqual([1]);
  });

  test.each<[path: string, isSearch: boolean]>([
    [TICKETS, false],
    [`${TICKETS}?limit=1000&offset=999999`, false],
    [`${TICKETS}?created_after=2019-08-24T14:15:22Z&created_before=2029-08-24T14:15:22Z`, false],
    [`${TICKETS}?customer_id=${CUSTOMER_ID}&created_after=2019-08-24T14:15:22Z`, false],
    [`${TICKETS}?vin=`, false],
    [`${TICKETS}?vin=${newTicket.vin}&created_after=2019-08-24T14:15:22Z`, false],
    [`${TICKETS}?${REFERENCE}`, false],
    [`${TICKETS}?product_id=${PRODUCT}`, false],
    [`${TICKETS}?ticket_number=1&customer_id=${CUSTOMER_ID}&${REFERENCE}`, false],
    [both, true],
    [`${TICKETS}?vin=&customer_id=${CUSTOMER_ID}`, true],
    [`${TICKETS}?product_id=${PRODUCT}&customer_id=${CUSTOMER_ID}&limit=0`, true],
    [`${TICKETS}?product_id=${PRODUCT}&%76in=`, true],
    ['/v2/tickets/tickets', false],
    [`/v2/tickets/tickets?customer_id=${CUSTOMER_ID}`, false],
    [`/v2/tickets/tickets?customer_id=${CUSTOMER_ID}&${REFERENCE}`, true],
    [`/v2/tickets/tickets?ticket_number=1&${REFERENCE}`, false],
  ])(
    'a list is a search if it has several filters that could find its tickets: %s',
    async (path, isSearch) => {
      expect((await api.get(path, partner)).status).toBe(200);
      expect([...ofKind.counts.keys()]).toEqual(isSearch ? [`searches ${partner.partnerId}`] : []);
    },
  );
});

describe('the requests that reach a receiver of webhooks', () => {
  let ofReceiver: CountingLimit;
  let d1: WatchedD1;
  let endpoint: TestEndpoint;
  const calls: [name: string, body?: object][] = [
    ['test-deliveries'],
    // The cursor is not valid, which costs nothing to find out, and counts all the same.
    ['replays', { after: 'x' }],
  ];
  const send = ([name, body]: [name: string, body?: object]) =>
    api.post(`${ENDPOINTS}/${endpoint.id}/${name}`, partner, body);

  beforeEach(async () => {
    endpoint = await writeEndpoint(partner);
    ofReceiver = new CountingLimit(6);
    d1 = new WatchedD1();
    const limits = { PARTNER_LIMIT: new CountingLimit(), RECEIVER_LIMIT: ofReceiver };
    useApi(new TestApi({ RATE_LIMITS: 'on', DB: d1.db, ...limits }));
    api.fetch = async () => new Response(null, { status: 204 });
  });

  test('count together for all endpoints of a partner, and return 429 without a query to D1', async () => {
    for (let i = 0; i < 6; i++) {
      const { headers } = await send(calls[i % calls.length] as (typeof calls)[number]);
      expect(headers.get('ratelimit-policy')).toBe(policyHeader(['partner', 'replays']));
    }
    expect([...ofReceiver.counts]).toEqual([[`replays ${partner.partnerId}`, 6]]);
    // The credentials would have to be looked up again.
    api.now += 60_000;
    for (const call of calls) {
      const cost = await d1.cost(async () =>
        expectExceeded(await send(call), 'replays', ['partner', 'replays']),
      );
      expect(cost, call[0]).toBe(0);
    }
    await makePartnerOf(api);
    endpoint = await writeEndpoint(partner);
    expect((await send(['test-deliveries'])).status).toBe(202);
  });
});

test('public operations are not limited', async () => {
  for (const path of ['/health', '/openapi.json', '/docs', '/.well-known/jwks.json', '/nothing']) {
    expect(await statusesOf(() => api.get(path), 5)).not.toContain(429);
  }
  expect([ofPartner.counts.size, ofAddress.counts.size]).toEqual([0, 0]);
});

test('a request is allowed if the limiter fails, and the fault is logged', async () => {
  captureLog();
  const broken = { limit: async () => Promise.reject(new Error('no limiter')) };
  useApi(new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: broken }));
  expect((await list(partner)).status).toBe(200);
  expect(api.log.filter(({ event }) => event === 'fault')).toMatchObject([
    { message: 'no limiter' },
  ]);
});

test('the page of the problem names every policy that it reports', () => {
  const { remedy } = catalogue.quotaExceeded;
  for (const { name, problem } of Object.values(rateLimitPolicies)) {
    expect(remedy.split(/[ ,.:]+/).includes(name), name).toBe(problem === 'quotaExceeded');
  }
});

describe('the rate limit configuration', () => {
  test('counts no requests if RATE_LIMITS is off', async () => {
    useApi(new TestApi({ RATE_LIMITS: 'off', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress }));
    expect(await statusesOf(() => list(partner), 5)).toEqual([200, 200, 200, 200, 200]);
    expect((await list(partner)).headers.has('ratelimit-policy')).toBe(false);
    await list();
    expect([ofPartner.counts.size, ofAddress.counts.size]).toEqual([0, 0]);
  });

  test('counts requests without RATE_LIMITS, and rejects any value other than on and off', async () => {
    useApi(new TestApi({ RATE_LIMITS: undefined, PARTNER_LIMIT: ofPartner }));
    expect(await statusesOf(() => list(partner), 4)).toContain(429);
    captureLog();
    expect((await new TestApi({ RATE_LIMITS: 'no' }).get('/health')).status).toBe(503);
  });

  test('in wrangler.toml agrees with the announced policies', () => {
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
    // Policies that share a binding must have the same numbers.
    const distinct = new Set(announced.map((each) => JSON.stringify(each)));
    for (const kind of ['batches', 'exports', 'searches'] as const) {
      expect(rateLimitPolicies[kind]).toMatchObject({ quota: 10, windowSeconds: 10 });
    }
    for (const kind of ['consents', 'replays'] as const) {
      expect(rateLimitPolicies[kind]).toMatchObject({ quota: 6, windowSeconds: 60 });
    }
    expect(configured).toEqual([...distinct].map((text) => JSON.parse(text)));
    expect(wranglerToml).toMatch(/^RATE_LIMITS = "on"$/m);
    const namespaces = [...wranglerToml.matchAll(/^namespace_id = "(.+)"$/gm)].map(([, id]) => id);
    expect(new Set(namespaces).size).toBe(blocks.length);
    expect(rateLimitPolicies.partner).toMatchObject({ quota: 50, windowSeconds: 10 });
    expect(rateLimitPolicies.refusedCredentials).toMatchObject({ quota: 10, windowSeconds: 60 });
  });

  test('makes the limiter of the runtime reject requests beyond the quota', async () => {
    useApi(new TestApi({ RATE_LIMITS: 'on' }));
    const { quota } = rateLimitPolicies.partner;
    const statuses = await statusesOf(() => list(partner), quota);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // The requests may fall into two windows. One more than both windows allow must return 429.
    expect(await statusesOf(() => list(partner), quota + 1)).toContain(429);
    expect((await list(await makePartner())).status).toBe(200);
  });
});

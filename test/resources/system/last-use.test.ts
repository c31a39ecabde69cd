import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../../../src/auth/secrets.ts';
import { HOUR_MS, isoTime, START, TestApi, TICKETS } from '../../support/api.ts';
import { apiKeys, clients, type Made } from '../../support/credentials.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { retryAtOnce } from '../../support/faults.ts';
import { FaultyD1, type Plan } from '../../support/faulty-d1.ts';
import { homes } from '../../support/homes.ts';
import { MeteredD1 } from '../../support/metered-d1.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { basic, requestToken } from '../../support/token-requests.ts';
import { faultyTokens } from '../../support/tokens.ts';

let client: Made;
let key: Made;
/** The caller that uses the new client and the new key. */
let caller: TestPartner;

/** `partner` reads the credentials. The last use of its own ones is recent. */
beforeEach(async () => {
  await makePartnerOf(new TestApi(), { lastUsedAt: START + 24 * HOUR_MS });
  client = await clients.make(api, partner);
  key = await apiKeys.make(api, partner);
  caller = apiKeys.caller(clients.caller(partner, client), key);
});

/** Returns `last_used_at` of the client and the key. */
async function lastUses() {
  const isolate = new TestApi();
  return {
    client: (await clients.read(isolate, partner, client)).last_used_at,
    key: (await apiKeys.read(isolate, partner, key)).last_used_at,
  };
}

const list = () => api.get(TICKETS, caller);
const token = () => requestToken(api, basic(caller));

describe('last_used_at', () => {
  test('is null before the first use', async () => {
    expect(await lastUses()).toEqual({ client: null, key: null });
  });

  test('of the client and of the API key is set by a request', async () => {
    api.now += 1234;
    expect((await list()).status).toBe(200);
    expect(await lastUses()).toEqual({ client: isoTime(START + 1234), key: isoTime(START + 1234) });
  });

  test('of the client is set by a token request', async () => {
    api.now += 1234;
    expect((await token()).status).toBe(200);
    expect(await lastUses()).toEqual({ client: isoTime(START + 1234), key: null });
  });

  test('is also set by a retired secret that is still valid', async () => {
    await clients.rotate(api, partner, client, 3600);
    await apiKeys.rotate(api, partner, key, 3600);
    await token();
    await list();
    expect(await lastUses()).toEqual({ client: isoTime(START), key: isoTime(START) });
  });

  test('is not set by requests of another partner', async () => {
    const other = await makePartner({ lastUsedAt: null });
    const before = await lastUses();
    await api.get(TICKETS, other);
    expect(await lastUses()).toEqual(before);
  });
});

describe('a use is recorded', () => {
  let d1: MeteredD1;
  const isolate = () => new TestApi({ DB: d1.db });

  beforeEach(() => {
    d1 = new MeteredD1();
    useApi(isolate());
  });

  test('at most once an hour for all requests and isolates together', async () => {
    expect(await d1.writtenBy(list)).toBe(2);
    for (let minute = 0; minute < 60; minute += 10) {
      for (const each of [api, isolate(), isolate()]) {
        useApi(each);
        api.now = START + minute * 60_000;
        expect(await d1.writtenBy(list)).toBe(0);
        expect(await d1.writtenBy(token)).toBe(0);
      }
    }
    useApi(isolate());
    api.now = START + HOUR_MS - 1;
    expect(await d1.writtenBy(list)).toBe(0);
    useApi(isolate());
    api.now = START + HOUR_MS;
    expect(await d1.writtenBy(list)).toBe(2);
    expect(await lastUses()).toEqual({
      client: isoTime(START + HOUR_MS),
      key: isoTime(START + HOUR_MS),
    });
  });

  test('once for concurrent requests in several isolates', async () => {
    const crowd = Array.from({ length: 10 }, isolate);
    const use = () =>
      Promise.all(
        crowd.flatMap((each) => [each.get(TICKETS, caller), requestToken(each, basic(caller))]),
      );
    expect(await d1.writtenBy(use)).toBe(2);
  });

  test('separately for the client and the API key', async () => {
    expect(await d1.writtenBy(token)).toBe(1);
    expect(await d1.writtenBy(list)).toBe(1);
  });
});

describe('a use is not recorded', () => {
  /** Requests with invalid credentials, each of which contains one valid credential. */
  const refused: Record<string, () => Promise<Response>> = {
    'a wrong secret': () =>
      requestToken(api, basic({ ...caller, clientSecret: newClientSecret(homes[0]) })),
    'an unknown client': () => requestToken(api, basic({ ...caller, clientId: partner.apiKeyId })),
    'an unknown key': () =>
      api.get(TICKETS, apiKeys.caller(caller, { ...key, secret: newApiKey('test') })),
    'a malformed key': () => api.get(TICKETS, apiKeys.caller(caller, { ...key, secret: 'x' })),
    'an unknown client with a valid key': () =>
      api.get(TICKETS, clients.caller(caller, { ...client, id: partner.apiKeyId })),
    "another partner's key": async () =>
      api.get(TICKETS, apiKeys.caller(caller, { ...key, secret: (await makePartner()).apiKey })),
    "another partner's token": async () =>
      api.get(TICKETS, apiKeys.caller(await makePartner(), key)),
    'a token that has expired': async () =>
      api.request('GET', TICKETS, {
        headers: {
          authorization: `Bearer ${await faultyTokens.expired?.(caller, api.now)}`,
          'x-api-key': caller.apiKey,
        },
      }),
    'no token': () => api.request('GET', TICKETS, { headers: { 'x-api-key': caller.apiKey } }),
  };

  test.each(Object.entries(refused))('for %s', async (_what, send) => {
    expect((await send()).ok).toBe(false);
    expect(await lastUses()).toEqual({ client: null, key: null });
  });

  test.each(['disabled', 'expired'])('for credentials that are %s', async (state) => {
    const chosen = state === 'disabled' ? { disabled: true } : { expires_at: isoTime(START) };
    for (const [kind, made] of [
      [clients, client],
      [apiKeys, key],
    ] as const) {
      await kind.change(api, partner, made, chosen);
      for (const response of [await list(), await kind.trySecret(api, partner, made)]) {
        expect(response.ok).toBe(false);
      }
      expect(await lastUses()).toEqual({ client: null, key: null });
      await kind.change(api, partner, made, { disabled: false, expires_at: null });
    }
  });
});

describe('a fault while a use is recorded does not affect the response, and the next use is recorded:', () => {
  /** In each request, the first query to D1 looks up the credentials and the second records the use. */
  async function expectUnharmed(send: (isolate: TestApi) => Promise<Response>, plan: Plan) {
    const d1 = new FaultyD1();
    const isolate = new TestApi({ DB: d1.db });
    d1.plan(plan);
    expect((await send(isolate)).status).toBe(200);
    expect(d1.calls).toBeGreaterThan(1);
    expect(isolate.log.filter(({ event }) => event === 'fault')).toEqual([]);
    expect(await lastUses()).toEqual({ client: null, key: null });
  }

  test.each(['before', 'overloaded', 'broken'] as const)('a token request, %s', async (fault) => {
    retryAtOnce();
    const send = (isolate: TestApi) => requestToken(isolate, basic(caller));
    await expectUnharmed(send, (call) => (call > 1 ? fault : undefined));
    await token();
    expect(await lastUses()).toEqual({ client: isoTime(START), key: null });
  });

  test.each(['overloaded', 'broken'] as const)('an API request, %s', async (fault) => {
    const send = (isolate: TestApi) => isolate.get(TICKETS, caller);
    await expectUnharmed(send, (call) => (call === 2 ? fault : undefined));
    await list();
    expect(await lastUses()).toEqual({ client: isoTime(START), key: isoTime(START) });
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../support/api.ts';
import { clients } from '../support/credentials.ts';
import { WatchedD1 } from '../support/d1.ts';
import { captureLog } from '../support/faults.ts';
import { homeOf } from '../support/homes.ts';
import { IdentityProvider, newProviderKey } from '../support/identity-provider.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import { TestWorld } from '../support/remote-source.ts';
import { createTicket, newTicket } from '../support/tickets.ts';

/**
 * Tests tokens of external identity providers over HTTP. For their verification see
 * trusted-issuers.test.ts.
 */

const garageKey = await newProviderKey('garage');
const insurerKey = await newProviderKey('insurer', 'RS256');

let world: TestWorld;
let d1: WatchedD1;
let api: TestApi;
let garage: TestPartner;
let insurer: TestPartner;
let garageProvider: IdentityProvider;
let insurerProvider: IdentityProvider;

/** Returns a new isolate that trusts both providers, each for its own partner. */
function newApi(): TestApi {
  const issuers = [
    garageProvider.settings({ partners: { garage: garage.partnerId } }),
    insurerProvider.settings({ partners: { garage: insurer.partnerId } }),
  ];
  const made = new TestApi({ DB: d1.db, TRUSTED_ISSUERS: JSON.stringify(issuers) });
  made.fetch = world.fetch;
  return made;
}

beforeEach(async () => {
  world = new TestWorld();
  d1 = new WatchedD1();
  [garage, insurer] = [await makePartner(), await makePartner()];
  garageProvider = new IdentityProvider(world, 'https://garage.test', garageKey);
  insurerProvider = new IdentityProvider(world, 'https://insurer.test', insurerKey);
  api = newApi();
});

const headers = async (token: string | Promise<string>, { apiKey }: TestPartner) => ({
  authorization: `Bearer ${await token}`,
  'x-api-key': apiKey,
});

const list = async (token: string | Promise<string>, as: TestPartner) =>
  api.request('GET', TICKETS, { headers: await headers(token, as) });

describe('a token of a trusted issuer', () => {
  test('is accepted with an API key of its partner and sees only the data of that partner', async () => {
    await createTicket(api, garage);
    const response = await list(garageProvider.token(), garage);
    expect(await response.json()).toMatchObject({ total: 1 });
    const other = await list(insurerProvider.token(), insurer);
    expect(await other.json()).toMatchObject({ total: 0 });
  });

  test("returns 403 with another partner's API key", async () => {
    const neighbour = await makePartner({ home: homeOf(garage) });
    expect((await list(garageProvider.token(), neighbour)).status).toBe(403);
  });

  test('returns 401 without an API key', async () => {
    const { authorization } = await headers(garageProvider.token(), garage);
    expect((await api.request('GET', TICKETS, { headers: { authorization } })).status).toBe(401);
  });

  test('grants exactly the scopes that the settings map', async () => {
    const create = async (scope: string) =>
      api.request('POST', TICKETS, {
        body: newTicket,
        headers: await headers(garageProvider.token({ claims: { scope } }), garage),
      });
    expect((await create('tickets.all')).status).toBe(201);
    expect((await create('tickets.read')).status).toBe(403);
    expect((await create('prepared-tickets:write')).status).toBe(403);
  });

  test('costs one fetch for authentication, then none, and no D1 call of its own', async () => {
    const credentials = await headers(garageProvider.token(), garage);
    const ask = () => api.request('GET', TICKETS, { headers: credentials });
    expect(await d1.cost(ask)).toBe(1);
    expect(await d1.cost(ask)).toBe(1);
    await list(garageProvider.token({ claims: { jti: 'another' } }), garage);
    expect(garageProvider.source.fetches).toBe(1);
  });

  test('is logged with its issuer and client', async () => {
    await list(garageProvider.token(), garage);
    const client = 'https://garage.test client';
    expect(api.log.at(-1)).toMatchObject({ partner: garage.partnerId, client });
  });

  test('is rejected once it has expired even if it is cached, and does not count as a failed attempt', async () => {
    let attempts = 0;
    const limit = { limit: async () => ({ success: ++attempts < 0 }) };
    api.bindings = { ...api.bindings, RATE_LIMITS: 'on', ADDRESS_LIMIT: limit } as never;
    const token = await garageProvider.token();
    expect((await list(token, garage)).status).toBe(200);
    api.now += 300_000;
    world.time = api.now;
    expect((await list(token, garage)).status).toBe(401);
    expect(attempts).toBe(0);
  });

  test('is rejected within 60 seconds after its API key is disabled', async () => {
    const token = await garageProvider.token();
    expect((await list(token, garage)).status).toBe(200);
    const spare = await makePartner();
    const path = `/v2/system/api-keys/${garage.apiKeyId}`;
    expect((await api.delete(path, spare)).status).toBe(404);
    await d1.db
      .prepare('UPDATE api_keys SET disabled_at = 0 WHERE id = ?')
      .bind(garage.apiKeyId)
      .run();
    api.now += 60_000;
    expect((await list(token, garage)).status).toBe(401);
  });
});

describe('when its partner is disabled', () => {
  test('a token is rejected, and a write is rejected even in an isolate that has it cached', async () => {
    const token = await garageProvider.token({ claims: { scope: 'tickets.all' } });
    expect((await list(token, garage)).status).toBe(200);
    await d1.db
      .prepare('UPDATE partners SET disabled_at = 0 WHERE id = ?')
      .bind(garage.partnerId)
      .run();
    const sent = { body: newTicket, headers: await headers(token, garage) };
    expect((await api.request('POST', TICKETS, sent)).status).toBe(401);
    api = newApi();
    expect((await list(token, garage)).status).toBe(401);
    expect((await list(insurerProvider.token(), insurer)).status).toBe(200);
  });
});

test('a token with credentials:manage creates clients until its API key is disabled', async () => {
  const scopes = { manage: 'credentials:manage' };
  const partners = { garage: garage.partnerId };
  const issuers = JSON.stringify([garageProvider.settings({ partners, scopes })]);
  api.bindings = { ...api.bindings, TRUSTED_ISSUERS: issuers } as never;
  const token = garageProvider.token({ claims: { scope: 'manage' } });
  const sent = { body: { name: 'x' }, headers: await headers(token, garage) };
  const create = () => api.request('POST', clients.path, sent);
  expect((await create()).status).toBe(201);
  d1.beforeBatch = () =>
    d1.db.prepare('UPDATE api_keys SET disabled_at = 0 WHERE id = ?').bind(garage.apiKeyId).run();
  expect((await create()).status).toBe(401);
  d1.beforeBatch = undefined;
  expect(await clients.total(new TestApi(), insurer)).toBe(1);
});

test('a cached client of an external issuer does not authenticate a disabled client with the same id', async () => {
  const made = await clients.make(api, garage);
  const { authorization = '' } = await clients.caller(garage, made).headers(api);
  await clients.change(api, garage, made, { disabled: true });
  const theirs = garageProvider.token({ claims: { client_id: made.id } });
  expect((await list(theirs, garage)).status).toBe(200);
  const key = `${garage.apiKey} ${garageProvider.issuer}`;
  for (const sent of [garage.apiKey, key]) {
    const headers = { authorization, 'x-api-key': sent };
    expect((await api.request('GET', TICKETS, { headers })).status).toBe(401);
  }
});

describe('a token is rejected without a D1 call', () => {
  const other = async () => newProviderKey('garage');

  test.each<[string, () => Promise<string>]>([
    [
      'if its issuer is not trusted',
      () => garageProvider.token({ claims: { iss: 'https://x.test' } }),
    ],
    [
      'if another key with the same kid signed it',
      async () => garageProvider.token({ key: await other() }),
    ],
    ['if the key of another issuer signed it', () => garageProvider.token({ key: insurerKey })],
    ['if its organisation is not listed', () => garageProvider.token({ claims: { org: '12' } })],
    [
      'if its iss is this API but an external key signed it',
      () => garageProvider.token({ claims: { iss: 'https://api.test' } }),
    ],
    ['if it has expired', () => garageProvider.token({ claims: { exp: 1 } })],
  ])('%s', async (_what, forge) => {
    const calls = d1.calls;
    const response = await list(forge(), garage);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(d1.calls).toBe(calls);
  });
});

describe('an unavailable issuer', () => {
  test.each(['has a fault', 'is out of reach', 'is huge', 'is no JSON'] as const)(
    'that %s causes 503 for its own tokens and leaves all others working',
    async (answer) => {
      captureLog();
      garageProvider.source.answer = answer;
      const response = await list(garageProvider.token(), garage);
      expect(response.status).toBe(503);
      expect(await response.text()).not.toMatch(/garage|secret words|10\.0\.0\.1/);
      expect((await list(insurerProvider.token(), insurer)).status).toBe(200);
      expect((await api.get(TICKETS, garage)).status).toBe(200);
    },
  );

  test('is fetched once by concurrent requests, and again after the cool-down', async () => {
    captureLog();
    garageProvider.source.answer = 'has a fault';
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => list(garageProvider.token(), garage)),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([503]));
    expect(garageProvider.source.fetches).toBe(1);
    garageProvider.source.answer = 'document';
    api.now += 30_000;
    expect((await list(garageProvider.token(), garage)).status).toBe(200);
  });
});

describe('TRUSTED_ISSUERS', () => {
  test.each([
    ['a text that is not JSON', '{'],
    ['a misspelled member', '[{"issuers":1}]'],
    ['a value that is not an array', '{}'],
  ])('with %s causes 503 and a log line that names the binding', async (_what, TRUSTED_ISSUERS) => {
    const log = captureLog();
    expect((await new TestApi({ TRUSTED_ISSUERS }).get('/health')).status).toBe(503);
    expect(log.text()).toContain('missing or wrong binding: TRUSTED_ISSUERS');
  });

  test('cannot contain the issuer of this API', async () => {
    captureLog();
    const us = { ...garageProvider.settings(), issuer: 'https://api.test' };
    const bindings = { TRUSTED_ISSUERS: JSON.stringify([us]) };
    expect((await new TestApi(bindings).get('/health')).status).toBe(503);
  });
});

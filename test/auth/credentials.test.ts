import { beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_TOKEN_LIFETIME_S } from '../../src/auth/access-tokens.ts';
import { sha256 } from '../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { WatchedD1 } from '../support/d1.ts';
import { api, makePartnerOf, partner } from '../support/each-test.ts';
import { databaseOf, everywhere, homeOf } from '../support/homes.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';

/** How long an isolate trusts a cached API key and client. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;

let d1: WatchedD1;
/** The D1 round trips of the list operation itself, with cached credentials. */
let ownCalls: number;

const list = (as: TestPartner = partner) => api.get(TICKETS, as);

beforeEach(async () => {
  d1 = new WatchedD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
  const headers = await partner.headers(api);
  await api.request('GET', TICKETS, { headers });
  ownCalls = await d1.cost(() => api.request('GET', TICKETS, { headers }));
});

async function deleteKey({ apiKey }: TestPartner) {
  await everywhere('DELETE FROM api_keys WHERE sha256 = ?', await sha256(apiKey));
}

async function deleteClient({ clientId }: TestPartner) {
  await everywhere('DELETE FROM clients WHERE id = ?', clientId);
}

describe('a cached API key and client', () => {
  test('cost one D1 call, then none for 60 seconds', async () => {
    const fresh = await makePartner({ home: homeOf(partner) });
    expect(await d1.cost(() => list(fresh))).toBe(ownCalls + 1);
    expect(await d1.cost(() => list(fresh))).toBe(ownCalls);
    api.now += CREDENTIAL_CACHE_TTL_MS - 1;
    expect(await d1.cost(() => list(fresh))).toBe(ownCalls);
    api.now += 1;
    expect(await d1.cost(() => list(fresh))).toBe(ownCalls + 1);
    expect(await d1.cost(() => list(fresh))).toBe(ownCalls);
  });

  test('are not looked up again for a new token of the same client', async () => {
    api.now += 1000;
    expect(await d1.cost(() => list())).toBe(ownCalls);
  });

  test('do not authenticate another client or another API key', async () => {
    const stranger = await makePartner({ home: homeOf(partner) });
    const headers = await partner.headers(api);
    const mixed = { ...headers, 'x-api-key': stranger.apiKey };
    expect((await api.request('GET', TICKETS, { headers: mixed })).status).toBe(403);
    expect((await api.request('GET', TICKETS, { headers: mixed })).status).toBe(403);
    expect((await list(stranger)).status).toBe(200);
  });

  test('are cached in their own isolate only', async () => {
    await deleteKey(partner);
    expect((await new TestApi().get(TICKETS, partner)).status).toBe(401);
  });
});

describe('within 60 seconds of its deletion', () => {
  test('an API key is rejected', async () => {
    await deleteKey(partner);
    api.now += CREDENTIAL_CACHE_TTL_MS;
    expect((await list()).status).toBe(401);
  });

  test('a client is rejected', async () => {
    await deleteClient(partner);
    api.now += CREDENTIAL_CACHE_TTL_MS;
    expect((await list()).status).toBe(401);
  });

  test('an API key is rejected even if it is in constant use', async () => {
    await deleteKey(partner);
    for (let elapsed = 0; elapsed < CREDENTIAL_CACHE_TTL_MS; elapsed += 20_000) {
      expect((await list()).status).toBe(200);
      api.now += 20_000;
    }
    expect((await list()).status).toBe(401);
  });
});

test('a rejected API key is accepted as soon as it exists', async () => {
  const fresh = await makePartner();
  await deleteKey(fresh);
  expect((await list(fresh)).status).toBe(401);
  await databaseOf(fresh)
    .prepare('INSERT INTO api_keys (sha256, partner_id, created_at) VALUES (?, ?, 0)')
    .bind(await sha256(fresh.apiKey), fresh.partnerId)
    .run();
  expect((await list(fresh)).status).toBe(200);
});

test('a cached token is rejected once it has expired', async () => {
  const headers = await partner.headers(api);
  api.now += ACCESS_TOKEN_LIFETIME_S * 1000 - 1;
  expect((await api.request('GET', TICKETS, { headers })).status).toBe(200);
  api.now += 1;
  expect((await api.request('GET', TICKETS, { headers })).status).toBe(401);
});

test('the Bearer scheme is case-insensitive (RFC 9110 §11.1)', async () => {
  const { authorization, ...headers } = await partner.headers(api);
  const lower = (authorization as string).replace('Bearer', 'bearer');
  const response = await api.request('GET', TICKETS, {
    headers: { ...headers, authorization: lower },
  });
  expect(response.status).toBe(200);
});

test('an authorization header with thousands of spaces after Bearer is rejected', async () => {
  const { authorization = '', ...headers } = await partner.headers(api);
  const statusWith = async (spaces: number) => {
    const spaced = authorization.replace(' ', ' '.repeat(spaces));
    return (await api.request('GET', TICKETS, { headers: { ...headers, authorization: spaced } }))
      .status;
  };
  expect(await statusWith(2)).toBe(200);
  expect(await statusWith(60_000)).toBe(401);
});

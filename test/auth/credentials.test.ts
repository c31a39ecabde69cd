import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_TOKEN_LIFETIME_S } from '../../src/auth/access-tokens.ts';
import { sha256 } from '../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { WatchedD1 } from '../support/d1.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';

/** Milliseconds that an isolate believes what D1 said. */
const TRUST = 60_000;

let d1: WatchedD1;
let api: TestApi;
let partner: TestPartner;
/** Round trips of the list itself, once the credentials are known. */
let own: number;

const list = (as: TestPartner = partner) => api.get(TICKETS, as);

beforeEach(async () => {
  d1 = new WatchedD1();
  api = new TestApi({ DB: d1.db });
  partner = await makePartner();
  const headers = await partner.headers(api);
  await api.request('GET', TICKETS, { headers });
  own = await d1.cost(() => api.request('GET', TICKETS, { headers }));
});

async function deleteKey({ apiKey }: TestPartner) {
  await env.DB.prepare('DELETE FROM api_keys WHERE sha256 = ?')
    .bind(await sha256(apiKey))
    .run();
}

async function deleteClient({ clientId }: TestPartner) {
  await env.DB.prepare('DELETE FROM clients WHERE id = ?').bind(clientId).run();
}

describe('a key and client seen before', () => {
  test('cost one D1 call the first time, and none for 60 seconds after', async () => {
    const fresh = await makePartner();
    expect(await d1.cost(() => list(fresh))).toBe(own + 1);
    expect(await d1.cost(() => list(fresh))).toBe(own);
    api.now += TRUST - 1;
    expect(await d1.cost(() => list(fresh))).toBe(own);
    api.now += 1;
    expect(await d1.cost(() => list(fresh))).toBe(own + 1);
    expect(await d1.cost(() => list(fresh))).toBe(own);
  });

  test('are not asked for again with a new token of the same client', async () => {
    api.now += 1000;
    expect(await d1.cost(() => list())).toBe(own);
  });

  test('do not vouch for another client or another key', async () => {
    const stranger = await makePartner();
    const headers = await partner.headers(api);
    const mixed = { ...headers, 'x-api-key': stranger.apiKey };
    expect((await api.request('GET', TICKETS, { headers: mixed })).status).toBe(403);
    expect((await api.request('GET', TICKETS, { headers: mixed })).status).toBe(403);
    expect((await list(stranger)).status).toBe(200);
  });

  test('are remembered by their own isolate only', async () => {
    await deleteKey(partner);
    expect((await new TestApi().get(TICKETS, partner)).status).toBe(401);
  });
});

describe('what is revoked is refused within 60 seconds', () => {
  test('a deleted key', async () => {
    await deleteKey(partner);
    api.now += TRUST;
    expect((await list()).status).toBe(401);
  });

  test('a deleted client', async () => {
    await deleteClient(partner);
    api.now += TRUST;
    expect((await list()).status).toBe(401);
  });

  test('use does not keep them alive', async () => {
    await deleteKey(partner);
    for (let elapsed = 0; elapsed < TRUST; elapsed += 20_000) {
      expect((await list()).status).toBe(200);
      api.now += 20_000;
    }
    expect((await list()).status).toBe(401);
  });
});

test('a key that was unknown works as soon as it exists', async () => {
  const fresh = await makePartner();
  await deleteKey(fresh);
  expect((await list(fresh)).status).toBe(401);
  await env.DB.prepare('INSERT INTO api_keys (sha256, partner_id, created_at) VALUES (?, ?, 0)')
    .bind(await sha256(fresh.apiKey), fresh.partnerId)
    .run();
  expect((await list(fresh)).status).toBe(200);
});

test('a token seen before is refused once it has expired', async () => {
  const headers = await partner.headers(api);
  api.now += ACCESS_TOKEN_LIFETIME_S * 1000 - 1;
  expect((await api.request('GET', TICKETS, { headers })).status).toBe(200);
  api.now += 1;
  expect((await api.request('GET', TICKETS, { headers })).status).toBe(401);
});

test('the scheme is read in any case (RFC 9110 §11.1)', async () => {
  const { authorization, ...headers } = await partner.headers(api);
  const lower = (authorization as string).replace('Bearer', 'bearer');
  const response = await api.request('GET', TICKETS, {
    headers: { ...headers, authorization: lower },
  });
  expect(response.status).toBe(200);
});

test('spaces that fill the memory are not taken for those of RFC 6750 §2.1', async () => {
  const { authorization = '', ...headers } = await partner.headers(api);
  const statusWith = async (spaces: number) => {
    const spaced = authorization.replace(' ', ' '.repeat(spaces));
    return (await api.request('GET', TICKETS, { headers: { ...headers, authorization: spaced } }))
      .status;
  };
  expect(await statusWith(2)).toBe(200);
  expect(await statusWith(60_000)).toBe(401);
});

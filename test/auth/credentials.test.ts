import { beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_TOKEN_LIFETIME_S } from '../../src/auth/access-tokens.ts';
import { sha256 } from '../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { clients } from '../support/credentials.ts';
import { api, makePartnerOf, partner } from '../support/each-test.ts';
import { databaseOf, everywhere, homeOf } from '../support/homes.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import { newTicket } from '../support/tickets.ts';

/** How long an isolate trusts a confirmed API key and client. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;

/** The rows that the list operation itself reads, for a confirmed caller. */
let ownRows: number;

/** Sends a list, which must take one round trip. Returns the number of rows that it reads. */
async function rowsOf(as: TestPartner = partner): Promise<number> {
  const timing = (await list(as)).headers.get('server-timing') ?? '';
  const [, trips, read] = /trips=(\d+) read=(\d+) written=0/.exec(timing) ?? [];
  expect(Number(trips)).toBe(1);
  return Number(read);
}

const list = (as: TestPartner = partner) => api.get(TICKETS, as);

beforeEach(async () => {
  await makePartnerOf(new TestApi());
  await list();
  ownRows = await rowsOf();
});

async function deleteKey({ apiKey }: TestPartner) {
  await everywhere('DELETE FROM api_keys WHERE sha256 = ?', await sha256(apiKey));
}

async function deleteClient({ clientId }: TestPartner) {
  await everywhere('DELETE FROM clients WHERE id = ?', clientId);
}

describe('a confirmed API key and client', () => {
  test('cost two rows in the round trip of the first request, then none for 60 seconds', async () => {
    const fresh = await makePartner({ home: homeOf(partner) });
    expect(await rowsOf(fresh)).toBe(ownRows + 2);
    expect(await rowsOf(fresh)).toBe(ownRows);
    api.now += CREDENTIAL_CACHE_TTL_MS - 1;
    expect(await rowsOf(fresh)).toBe(ownRows);
    api.now += 1;
    expect(await rowsOf(fresh)).toBe(ownRows + 2);
    expect(await rowsOf(fresh)).toBe(ownRows);
  });

  test('are confirmed by a write too, for 60 seconds from then on', async () => {
    const fresh = await makePartner({ home: homeOf(partner) });
    expect((await api.post(TICKETS, fresh, newTicket)).status).toBe(201);
    api.now += CREDENTIAL_CACHE_TTL_MS - 1;
    await api.post(TICKETS, fresh, newTicket);
    const withTwo = await rowsOf(fresh);
    api.now += CREDENTIAL_CACHE_TTL_MS - 1;
    expect(await rowsOf(fresh)).toBe(withTwo);
    api.now += 1;
    expect(await rowsOf(fresh)).toBe(withTwo + 2);
  });

  test('are not confirmed again for a new token of the same client', async () => {
    api.now += 1000;
    expect(await rowsOf()).toBe(ownRows);
  });

  test('are confirmed for each request that manages credentials', async () => {
    const gets = async () =>
      (await api.get(clients.path, partner)).headers.get('server-timing')?.match(/read=\d+/)?.[0];
    const first = await gets();
    expect(await gets()).toBe(first);
    await deleteKey(partner);
    expect((await api.get(clients.path, partner)).status).toBe(401);
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
  const fresh = await makePartner({ home: homeOf(partner) });
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

import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/auth/secrets.ts';
import { ORIGIN, START, TestApi, TICKETS } from '../../support/api.ts';
import { apiKeys, type Credential, clients, kinds } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { document } from '../../support/document.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';

beforeEach(makeApiAndPartner);

describe.each(kinds)('a new $name', (kind) => {
  const post = (body: object, headers: Record<string, string> = {}) =>
    api.request('POST', kind.path, { as: partner, body: { name: 'Workshop', ...body }, headers });

  test('is accepted at once in every isolate', async () => {
    const made = await kind.make(api, partner);
    for (const isolate of [api, new TestApi()]) {
      expect((await kind.trySecret(isolate, partner, made)).status).toBe(200);
      expect((await isolate.get(TICKETS, kind.caller(partner, made))).status).toBe(200);
    }
  });

  test('has a unique secret that matches the documented pattern and its checksum', async () => {
    const schema = kind === clients ? 'OAuthClientWithSecret' : 'ApiKeyWithSecret';
    const { properties } = document.components.schemas[schema];
    const made = [await kind.make(api, partner), await kind.make(api, partner)];
    for (const { secret } of made) {
      expect(secret).toMatch(new RegExp(properties.secret.pattern));
      expect(kind.isWellFormed(secret)).toBe(true);
    }
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(2);
  });

  test('returns its secret in only one response, which no cache may store', async () => {
    const once = { 'idempotency-key': 'once' };
    const response = await post({}, once);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const made = await kind.secretOf(response);
    const replay = await post({}, once);
    expect(await replay.clone().json()).toMatchObject({ secret: null });
    const others = [
      replay,
      await api.get(kind.pathOf(made), partner),
      await api.get(kind.path, partner),
      await api.put(kind.pathOf(made), partner, {
        ...(await kind.read(api, partner, made)),
        name: 'x',
      }),
      await api.post(`${kind.pathOf(made)}/secrets`, partner, { overlap_seconds: 60 }),
      await kind.trySecret(api, partner, made),
      await api.delete(kind.pathOf(made), partner),
    ];
    for (const other of others) {
      expect(other.ok).toBe(true);
      const told = [await other.text(), ...other.headers.values()].join();
      expect(told).not.toContain(made.secret);
    }
    expect(JSON.stringify(api.log)).not.toContain(made.secret);
  });

  test('is stored only with the SHA-256 of its secret', async () => {
    const { secret } = await kind.make(api, partner);
    const stored = JSON.stringify(await allRows());
    expect(stored).toContain(await sha256(secret));
    expect(stored).not.toContain(secret);
    // The random part of the secret is not stored either.
    expect(stored).not.toContain(secret.replace(/^.*_/, '').slice(0, 43));
  });

  test('has default values for all members except its name', async () => {
    const body = await (await post({})).json<Credential>();
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Workshop',
      ...(kind === clients && { scopes: ['prepared-tickets:read'] }),
      created_at: new Date(START).toISOString(),
      last_used_at: null,
      expires_at: null,
      disabled: false,
      retired_secret_expires_at: null,
      secret: expect.any(String),
    });
  });

  test('has the values of the request', async () => {
    const chosen = { name: 'Büro 🚗', expires_at: '2026-04-01T02:00:00.5+02:00', disabled: true };
    const made = await kind.secretOf(await post(chosen));
    expect(await kind.read(api, partner, made)).toMatchObject({
      ...chosen,
      expires_at: '2026-04-01T00:00:00.500Z',
    });
    const { status } = await kind.trySecret(api, partner, made);
    expect([400, 401], 'it was created disabled').toContain(status);
  });

  test('is returned with the Location and the ETag that a later read has', async () => {
    const response = await post({});
    const { id } = await response.clone().json<Credential>();
    const location = response.headers.get('location');
    expect(location).toBe(`${ORIGIN}${kind.pathOf({ id })}`);
    const read = await api.get(location as string, partner);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    const { secret: _secret, ...shown } = await response.json<Record<string, unknown>>();
    expect(await read.json()).toEqual(shown);
    expect(response.headers.has('idempotent-replayed')).toBe(false);
  });

  test('ignores the read-only members of the request', async () => {
    const own = { id: partner.clientId, created_at: null, last_used_at: 7 };
    const body = await (await post(own)).json<Credential>();
    expect(body.id).not.toBe(own.id);
    expect(body).toMatchObject({ created_at: new Date(START).toISOString(), last_used_at: null });
  });

  test('may have a name of 255 code points of several bytes each', async () => {
    const name = '🚗'.repeat(255);
    expect(await (await post({ name })).json()).toMatchObject({ name });
  });

  test('is first in the list, before older ones', async () => {
    const older = await kind.make(api, partner);
    api.now += 1;
    const newer = await kind.make(api, partner);
    const { result, total } = await (await api.get(kind.path, partner)).json<{
      result: Credential[];
      total: number;
    }>();
    expect(result.map(({ id }) => id)).toEqual([newer.id, older.id, kind.usedBy(partner).id]);
    expect(total).toBe(3);
  });
});

test.each([
  [['prepared-tickets:write', 'prepared-tickets:read']],
  [['prepared-tickets:write', 'prepared-tickets:read', 'prepared-tickets:write']],
])('scopes %j are stored without repetitions, in a fixed order', async (scopes) => {
  const { id } = await clients.make(api, partner, { scopes });
  expect((await clients.read(api, partner, { id })).scopes).toEqual([
    'prepared-tickets:read',
    'prepared-tickets:write',
  ]);
});

test('a new client and a new API key can be used together', async () => {
  const client = await clients.make(api, partner);
  const key = await apiKeys.make(api, partner);
  const caller = apiKeys.caller(clients.caller(partner, client), key);
  expect((await api.get(TICKETS, caller)).status).toBe(200);
});

test('a client with only credentials:manage can create clients with other scopes', async () => {
  const scopes = ['credentials:manage'];
  const manager = clients.caller(partner, await clients.make(api, partner, { scopes }));
  expect((await api.get(TICKETS, manager)).status).toBe(403);
  const made = await clients.make(api, manager);
  expect((await api.get(TICKETS, clients.caller(partner, made))).status).toBe(200);
});

import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, START, TestApi, TICKETS } from '../../support/api.ts';
import { apiKeys, type Credential, clients, kinds } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../support/each-test.ts';
import { makePartner } from '../../support/partners.ts';
import { newTicket } from '../../support/tickets.ts';

const KEY = '"8e03978e-40d5-43e8-bc93-6894a57f9324"';

beforeEach(makeApiAndPartner);

const isReplayed = ({ headers }: Response) => headers.get('idempotent-replayed') === 'true';

async function expectReused(response: Response) {
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ type: '/problems/idempotency-key-reused' });
}

describe.each(kinds)('the creation of a $name with an Idempotency-Key', (kind) => {
  const body = {
    name: 'Workshop',
    ...(kind === clients && { scopes: ['prepared-tickets:write'] }),
    expires_at: new Date(START + DAY_MS / 2).toISOString(),
    disabled: false,
  };
  const post = (changes: object = {}, key = KEY, as = partner) =>
    api.request('POST', kind.path, {
      as,
      body: { ...body, ...changes },
      headers: { 'idempotency-key': key },
    });

  /** Expects that a retry returned the first response, except for the secret. */
  async function expectReplay(made: Response, again: Response) {
    expect([made.status, again.status]).toEqual([201, 201]);
    expect([isReplayed(made), isReplayed(again)]).toEqual([false, true]);
    const first = await made.clone().json<object>();
    expect(await again.json()).toEqual({ ...first, secret: null });
    for (const name of ['etag', 'location', 'cache-control', 'content-type']) {
      expect(again.headers.get(name), name).toBe(made.headers.get(name));
    }
  }

  const idOf = async (response: Response) => response.clone().json<Credential>();

  test('takes effect once: a retry returns the first response without the secret', async () => {
    const made = await post();
    api.now += 5000;
    const before = await allRows();
    await expectReplay(made, await post());
    useApi(new TestApi());
    await expectReplay(made, await post());
    expect(await allRows()).toEqual(before);
  });

  test('returns the first response even if the $name was changed, rotated and used since', async () => {
    const made = await post();
    const { id } = await idOf(made);
    const secret = await kind.rotate(api, partner, await kind.secretOf(made), 60);
    await kind.trySecret(api, partner, secret);
    await kind.change(api, partner, { id }, { name: 'Other', expires_at: null, disabled: true });
    await expectReplay(made, await post());
    expect(await kind.read(api, partner, { id })).toMatchObject({ name: 'Other', disabled: true });
  });

  test('returns the first response even if the result was deleted since, and does not create it again', async () => {
    const made = await post();
    await api.delete(kind.pathOf(await idOf(made)), partner);
    await expectReplay(made, await post());
    expect(await kind.total(api, partner)).toBe(1);
  });

  test('returns the first response even if the result has expired since', async () => {
    const made = await post();
    api.now = START + DAY_MS / 2;
    await expectReplay(made, await post());
    api.now = START + DAY_MS - 1;
    await expectReplay(made, await post());
  });

  test('returns the first response even if the partner has five of them since', async () => {
    const made = await post();
    for (const key of ['2', '3', '4']) {
      expect((await post({}, key)).status).toBe(201);
    }
    expect((await post({}, '5')).status).toBe(409);
    await expectReplay(made, await post());
  });

  test.each([
    ['members in another order', () => Object.fromEntries(Object.entries(body).reverse())],
    ['read-only members, which are ignored', () => ({ ...body, id: 'x', created_at: 1 })],
    [
      'the same expiry with another offset',
      () => ({ ...body, expires_at: '2026-03-02T02:00:00+02:00' }),
    ],
    ['a default that is omitted', () => ({ ...body, disabled: undefined })],
  ])('returns the first response for an equivalent body: %s', async (_what, words) => {
    await expectReplay(await post(), await post(words()));
  });

  test.each([
    ['name', { name: 'Other' }],
    ['expiry', { expires_at: null }],
    ['state', { disabled: true }],
  ])('returns 422 for the same key with another %s', async (_what, changes) => {
    const made = await post();
    const before = await allRows();
    await expectReused(await post(changes));
    expect(await allRows()).toEqual(before);
    await expectReplay(made, await post());
  });

  test('takes effect once for twenty concurrent requests, one of which gets the secret', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post()));
    const [made, ...others] = answers.toSorted((a, b) => +isReplayed(a) - +isReplayed(b));
    for (const other of others) {
      await expectReplay(made as Response, other);
    }
    expect(await kind.total(api, partner)).toBe(2);
  });

  test('may use the key of an earlier one after 24 hours', async () => {
    const made = await post({ expires_at: null });
    api.now = START + DAY_MS - 1;
    await expectReplay(made, await post({ expires_at: null }));
    await expectReused(await post({ name: 'Other', expires_at: null }));
    api.now += 1;
    const next = await post({ name: 'Other', expires_at: null });
    expect([next.status, isReplayed(next)]).toEqual([201, false]);
    await expectReplay(next, await post({ name: 'Other', expires_at: null }));
  });

  test('may use the key of a request that was rejected', async () => {
    for (const key of ['1', '2', '3', '4']) {
      await post({}, key);
    }
    expect((await post()).status).toBe(409);
    expect((await post({ name: '' })).status).toBe(400);
    const [, ...rest] = (await allRows()).idempotency_keys ?? [];
    expect(rest).toHaveLength(3);
    await api.delete(kind.pathOf(await idOf(await post({}, '1'))), partner);
    const made = await post();
    expect([made.status, isReplayed(made)]).toEqual([201, false]);
  });

  test('may use a key that another partner or a ticket uses', async () => {
    const other = await makePartner();
    const headers = { 'idempotency-key': KEY };
    await api.request('POST', TICKETS, { as: partner, body: newTicket, headers });
    for (const made of [await post(), await post({ name: 'Other' }, KEY, other)]) {
      expect([made.status, isReplayed(made)]).toEqual([201, false]);
    }
  });

  test('takes effect for each request without a key', async () => {
    await kind.make(api, partner);
    await kind.make(api, partner);
    expect(await kind.total(api, partner)).toBe(3);
    expect((await allRows()).idempotency_keys).toEqual([]);
  });
});

test('the same key with other scopes of a client returns 422', async () => {
  const headers = { 'idempotency-key': KEY };
  const post = (scopes: string[]) =>
    api.request('POST', clients.path, { as: partner, body: { name: 'x', scopes }, headers });
  const [read, write] = ['prepared-tickets:read', 'prepared-tickets:write'] as const;
  await post([read, write]);
  expect(isReplayed(await post([write, read, write]))).toBe(true);
  await expectReused(await post([read]));
});

test.each([
  { first: clients, second: apiKeys },
  { first: apiKeys, second: clients },
])('the key of a $first.name returns 422 for a $second.name', async ({ first, second }) => {
  const request = { as: partner, body: { name: 'x' }, headers: { 'idempotency-key': KEY } };
  expect((await api.request('POST', first.path, request)).status).toBe(201);
  await expectReused(await api.request('POST', second.path, request));
  expect(await second.total(api, partner)).toBe(1);
});

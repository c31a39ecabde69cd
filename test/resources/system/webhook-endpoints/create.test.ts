import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { configOf } from '../../../../src/config.ts';
import { openSecret } from '../../../../src/resources/system/webhook-endpoints/secrets.ts';
import { MAX_ENDPOINTS } from '../../../../src/resources/system/webhook-endpoints/webhook-endpoints.repository.ts';
import { DAY_MS, ORIGIN, START } from '../../../support/api.ts';
import { clients } from '../../../support/credentials.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  ENDPOINTS,
  endpointPath,
  HOOK,
  makeEndpoint,
  readEndpoint,
  rotateEndpoint,
} from '../../../support/endpoints.ts';
import { EVENTS, followEvents, readEvents } from '../../../support/events.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket } from '../../../support/tickets.ts';
import { endpointRow, Receiver } from '../../../support/webhooks.ts';

beforeEach(makeApiAndPartner);

const post = (body: object, headers: Record<string, string> = {}, as = partner) =>
  api.request('POST', ENDPOINTS, { as, body, headers });

describe('a new webhook endpoint', () => {
  test('has default values for all members except its URL', async () => {
    expect(await makeEndpoint(api, partner)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url: HOOK,
      description: '',
      event_types: null,
      created_at: new Date(START).toISOString(),
      disabled: false,
      disabled_reason: null,
      failed_attempts: 0,
      next_attempt_at: null,
      retired_secret_expires_at: null,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
  });

  test('has the values of the request', async () => {
    const chosen = {
      url: 'https://hooks.garage.example/a?token=x%20y',
      description: 'Büro 🚗'.padEnd(255, '.'),
      event_types: ['product_line.put', 'client.created'],
      disabled: true,
    };
    const { secret: _secret, ...made } = await makeEndpoint(api, partner, chosen);
    expect(made).toMatchObject({ ...chosen, disabled_reason: 'requested' });
    expect(await readEndpoint(api, partner, made)).toEqual(made);
  });

  test('ignores the read-only members of the request', async () => {
    const own = { id: partner.clientId, created_at: '2000-01-01T00:00:00Z', failed_attempts: 7 };
    const made = await makeEndpoint(api, partner, { ...own, disabled_reason: 'gone' });
    expect(made.id).not.toBe(own.id);
    expect(made).toMatchObject({ failed_attempts: 0, disabled_reason: null });
  });

  test('is returned with the Location and the ETag that a later read has', async () => {
    const response = await post({ url: HOOK });
    const { secret: _secret, ...made } = await response.json<CreatedEndpoint>();
    const location = response.headers.get('location') as string;
    expect(location).toBe(ORIGIN + endpointPath(made));
    const read = await api.get(location, partner);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(await read.json()).toEqual(made);
  });

  test('is first in the list, which pages and counts', async () => {
    const older = await makeEndpoint(api, partner);
    api.now += 1;
    const newer = await makeEndpoint(api, partner);
    await makeEndpoint(api, await makePartner());
    const list = async (query: string) => {
      const response = await api.get(ENDPOINTS + query, partner);
      const { result, total } = await response.json<{ result: { id: string }[]; total: number }>();
      return { ids: result.map(({ id }) => id), total, link: response.headers.get('link') };
    };
    expect(await list('')).toMatchObject({ ids: [newer.id, older.id], total: 2 });
    const page = await list('?limit=1&offset=1');
    expect(page).toMatchObject({ ids: [older.id], total: 2 });
    expect(page.link).toContain('offset=0>; rel="prev"');
  });

  test('receives the events after its creation, except those about itself', async () => {
    await createTicket(api, partner);
    const made = await makeEndpoint(api, partner);
    const receiver = new Receiver(api, [made]);
    const ticket = await createTicket(api, partner);
    await changeEndpoint(api, partner, made, { description: 'Other' });
    const other = await makeEndpoint(api, partner, { url: `${HOOK}/other` });
    await receiver.deliver(made);
    expect(receiver.received.map(({ message }) => [message.type, message.data.subject.id])).toEqual(
      [
        ['prepared_ticket.created', ticket.id],
        ['webhook_endpoint.created', other.id],
      ],
    );
  });
});

describe('the secret', () => {
  test('leaves in no other response, log line or event, and no cache may store it', async () => {
    const once = { 'idempotency-key': 'once' };
    const response = await post({ url: HOOK }, once);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const made = await response.json<CreatedEndpoint>();
    api.fetch = async () => new Response(null, { status: 204 });
    const replay = await post({ url: HOOK }, once);
    expect(await replay.clone().json()).toMatchObject({ id: made.id, secret: null });
    const others = [
      replay,
      await api.get(ENDPOINTS, partner),
      await api.get(endpointPath(made), partner),
      await api.put(endpointPath(made), partner, {
        ...(await readEndpoint(api, partner, made)),
        description: 'x',
      }),
      await api.request('POST', endpointPath(made, '/test-deliveries'), { as: partner }),
      await api.get(endpointPath(made, '/deliveries'), partner),
      await api.post(endpointPath(made, '/replays'), partner, { after: partner.cursor }),
      await api.post(endpointPath(made, '/secrets'), partner, { overlap_seconds: 60 }),
      await api.get(EVENTS, partner),
      await api.delete(endpointPath(made), partner),
    ];
    for (const other of others) {
      expect(other.ok, other.url).toBe(true);
      const told = [await other.text(), ...other.headers.values()].join();
      expect(told).not.toContain(made.secret);
    }
    expect(JSON.stringify(api.log)).not.toContain(made.secret);
  });

  test('is stored sealed, and opens only for its endpoint', async () => {
    const made = await makeEndpoint(api, partner);
    const stored = JSON.stringify(await allRows());
    expect(stored).not.toContain(made.secret);
    expect(stored).not.toContain(made.secret.slice('whsec_'.length));
    const { sealingKeys } = configOf(env);
    const sealed = String((await endpointRow({ ...made })).secret);
    expect(await openSecret(sealingKeys, made.id, sealed)).toBe(made.secret);
    await expect(openSecret(sealingKeys, crypto.randomUUID(), sealed)).rejects.toThrow();
  });

  test('is another one for each endpoint and each rotation', async () => {
    const made = await makeEndpoint(api, partner);
    const secrets = [
      made.secret,
      (await makeEndpoint(api, partner)).secret,
      await rotateEndpoint(api, partner, made, 60),
    ];
    expect(new Set(secrets).size).toBe(3);
  });
});

describe('the creation with an Idempotency-Key', () => {
  const body = { url: HOOK, event_types: ['client.created'], disabled: true };
  const key = { 'idempotency-key': 'once' };
  const isReplayed = ({ headers }: Response) => headers.get('idempotent-replayed') === 'true';

  test('takes effect once, and a retry returns the first response without the secret', async () => {
    const first = await post(body, key);
    const made = await first.clone().json<CreatedEndpoint>();
    await changeEndpoint(api, partner, made, { url: `${HOOK}/2`, disabled: false });
    await api.delete(endpointPath(made), partner);
    api.now += 5000;
    const before = await allRows();
    const again = await post({ ...body, id: 'x', description: undefined }, key);
    expect([first.status, again.status, isReplayed(first), isReplayed(again)]).toEqual([
      ...[201, 201, false, true],
    ]);
    expect(await again.json()).toEqual({ ...made, secret: null });
    for (const name of ['etag', 'location', 'cache-control']) {
      expect(again.headers.get(name), name).toBe(first.headers.get(name));
    }
    expect(await allRows()).toEqual(before);
  });

  test.each([
    { url: `${HOOK}/2` },
    { description: 'Other' },
    { event_types: null },
    { disabled: false },
  ])('returns 422 for the same key with %o', async (changes) => {
    await post(body, key);
    const response = await post({ ...body, ...changes }, key);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ type: '/problems/idempotency-key-reused' });
  });

  test('may use a key that another partner or a client uses, and any key after a day', async () => {
    const client = { as: partner, body: { name: 'x' }, headers: key };
    expect((await api.request('POST', clients.path, client)).status).toBe(201);
    const other = await makePartner();
    for (const made of [await post(body, key), await post(body, key, other)]) {
      expect([made.status, isReplayed(made)]).toEqual([201, false]);
    }
    api.now = START + DAY_MS - 1;
    expect(isReplayed(await post(body, key))).toBe(true);
    api.now += 1;
    const late = await post({ url: HOOK }, key);
    expect([late.status, isReplayed(late)]).toEqual([201, false]);
  });
});

describe('the limit of five', () => {
  async function expectTooMany(response: Response) {
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ type: '/problems/too-many-webhook-endpoints' });
  }

  test('returns 409 to the creation of the sixth, also after disabling one, and writes nothing', async () => {
    for (let i = 0; i < MAX_ENDPOINTS; i++) {
      await makeEndpoint(api, partner, { disabled: i === 0 });
    }
    const before = await allRows();
    await expectTooMany(await post({ url: HOOK }));
    await expectTooMany(await post({ url: HOOK }, { 'idempotency-key': 'sixth' }));
    expect(await allRows()).toEqual(before);
    expect(MAX_ENDPOINTS).toBe(5);
    await makeEndpoint(api, await makePartner());
  });

  test('holds for concurrent creations, and allows another one after a deletion', async () => {
    const answers = await Promise.all(Array.from({ length: 9 }, () => post({ url: HOOK })));
    const made = answers.filter(({ ok }) => ok);
    expect(made).toHaveLength(MAX_ENDPOINTS);
    const first = await (made[0] as Response).json<CreatedEndpoint>();
    expect((await api.delete(endpointPath(first), partner)).status).toBe(204);
    await makeEndpoint(api, partner);
    await expectTooMany(await post({ url: HOOK }));
  });
});

test('each change of an endpoint has one event, with its version', async () => {
  const made = await makeEndpoint(api, partner);
  await changeEndpoint(api, partner, made, { description: 'x' });
  await rotateEndpoint(api, partner, made, 0);
  await api.post(endpointPath(made, '/replays'), partner, { after: partner.cursor });
  await api.delete(endpointPath(made), partner);
  expect((await api.delete(endpointPath(made), partner)).status).toBe(404);
  const events = await followEvents(api, partner);
  expect(events.map(({ type, subject, actor }) => [type, subject, actor?.client_id])).toEqual(
    [
      ['created', 1],
      ['updated', 2],
      ['rotated', 3],
      ['deleted', 3],
    ].map(([action, version]) => [
      `webhook_endpoint.${action}`,
      { type: 'webhook_endpoint', id: made.id, version },
      partner.clientId,
    ]),
  );
  expect(
    (await readEvents(api, partner, { type: 'webhook_endpoint.rotated' })).result,
  ).toHaveLength(1);
});

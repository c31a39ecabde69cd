import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/auth/secrets.ts';
import { isoTime, START, TestApi, TICKETS } from '../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../support/credentials.ts';
import { api, makeApiAndPartner, partner } from '../support/each-test.ts';
import { basic, requestToken, type Token } from '../support/token-requests.ts';

/** How long an isolate trusts a cached API key and client. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;

/** The partner manages its credentials in the isolate `api`. */
beforeEach(makeApiAndPartner);

describe.each(kinds)('a $name', (kind) => {
  let made: Made;
  /** The headers of every request, with the same token. */
  let headers: Record<string, string>;
  /** An isolate that has the credentials cached. */
  let warm: TestApi;

  const statusIn = async (isolate: TestApi, now = isolate.now) => {
    isolate.now = now;
    return (await isolate.request('GET', TICKETS, { headers })).status;
  };
  const statusInNew = (now = START) => statusIn(new TestApi(), now);

  async function begin(chosen: Partial<Credential> = {}) {
    made = await kind.make(api, partner, chosen);
    headers = await kind.caller(partner, made).headers(api);
    warm = new TestApi();
    expect(await statusIn(warm)).toBe(200);
  }

  const change = (chosen: Partial<Credential>) => kind.change(api, partner, made, chosen);

  describe('that expires', () => {
    const EXPIRY = START + 30_000;

    test('is rejected from that millisecond on in every isolate', async () => {
      await begin({ expires_at: isoTime(EXPIRY) });
      expect(await statusIn(warm, EXPIRY - 1)).toBe(200);
      expect(await statusInNew(EXPIRY - 1)).toBe(200);
      expect(await statusIn(warm, EXPIRY)).toBe(401);
      expect(await statusInNew(EXPIRY)).toBe(401);
    });

    test('is rejected even if the other credential of the request is valid', async () => {
      await begin({ expires_at: isoTime(EXPIRY) });
      warm.now = EXPIRY - 1;
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusIn(warm)).toBe(200);
      expect(await statusIn(warm, EXPIRY)).toBe(401);
    });

    test('works again when its expiry is postponed', async () => {
      await begin({ expires_at: isoTime(EXPIRY) });
      expect(await statusIn(warm, EXPIRY)).toBe(401);
      await change({ expires_at: isoTime(EXPIRY + 1) });
      expect(await statusIn(warm, EXPIRY)).toBe(200);
      expect(await statusIn(warm, EXPIRY + 1)).toBe(401);
    });
  });

  describe('that is disabled', () => {
    test('is rejected at once by an isolate that does not have it cached', async () => {
      await begin();
      await change({ disabled: true });
      expect(await statusInNew()).toBe(401);
      expect(await statusIn(api)).toBe(401);
    });

    test('is rejected within 60 seconds where it is cached, however often it is sent', async () => {
      await begin();
      await change({ disabled: true });
      for (let elapsed = 0; elapsed < CREDENTIAL_CACHE_TTL_MS; elapsed += 20_000) {
        expect(await statusIn(warm, START + elapsed)).toBe(200);
      }
      expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS - 1)).toBe(200);
      expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS)).toBe(401);
    });

    test('is rejected with a new token too', async () => {
      await begin();
      await change({ disabled: true });
      warm.now = START + CREDENTIAL_CACHE_TTL_MS;
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusIn(warm)).toBe(401);
    });

    test('works again when it is enabled', async () => {
      await begin();
      await change({ disabled: true });
      expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS)).toBe(401);
      await change({ disabled: false });
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusIn(warm)).toBe(200);
      expect((await kind.trySecret(new TestApi(), partner, made)).status).toBe(200);
    });

    test('does not revive the old tokens of a client when it is re-enabled', async () => {
      await begin();
      api.now = START + 1000;
      await change({ disabled: true });
      api.now = START + 2500;
      await change({ disabled: false });
      const before = kind === clients ? 401 : 200;
      expect(await statusInNew(START + 2500)).toBe(before);
      expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS)).toBe(before);
      warm.now = START + 3000;
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusInNew(START + 3000)).toBe(200);
    });

    test('keeps its tokens valid across an update that does not re-enable it', async () => {
      await begin();
      api.now = START + 5000;
      await change({ name: 'renamed', disabled: false });
      expect(await statusInNew(START + 5000)).toBe(200);
    });

    test('cannot re-enable itself, create or delete another, even where it is cached', async () => {
      await begin({
        ...(kind === clients && { scopes: ['prepared-tickets:read', 'credentials:manage'] }),
      });
      const spare = await kind.make(api, partner);
      await change({ disabled: true });
      const rest = { headers, body: await kind.read(api, partner, made) };
      for (const refused of [
        await warm.request('PUT', kind.pathOf(made), {
          ...rest,
          body: { ...rest.body, disabled: false },
        }),
        await warm.request('POST', kind.path, { headers, body: { name: 'x' } }),
        await warm.request('DELETE', kind.pathOf(spare), { headers }),
        await warm.request('GET', kind.path, { headers }),
      ]) {
        expect(refused.status).toBe(401);
      }
      expect(await kind.read(api, partner, made)).toMatchObject({ disabled: true });
      expect(await kind.total(api, partner)).toBe(3);
    });
  });

  describe('that is deleted', () => {
    test('is rejected at once, or within 60 seconds by an isolate that has it cached', async () => {
      await begin();
      expect((await api.delete(kind.pathOf(made), partner)).status).toBe(204);
      expect(await statusInNew()).toBe(401);
      expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS - 1)).toBe(200);
      expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS)).toBe(401);
    });

    test('returns 404 for every later operation on it', async () => {
      await begin();
      const body = await kind.read(api, partner, made);
      await api.delete(kind.pathOf(made), partner);
      for (const gone of [
        await api.get(kind.pathOf(made), partner),
        await api.put(kind.pathOf(made), partner, body),
        await api.post(`${kind.pathOf(made)}/secrets`, partner, { overlap_seconds: 0 }),
        await api.delete(kind.pathOf(made), partner),
      ]) {
        expect(gone.status).toBe(404);
      }
      expect((await kind.trySecret(api, partner, made)).status).toBe(401);
    });
  });

  test('is rejected within 60 seconds after a rotation with overlap 0, except that tokens of a client stay valid', async () => {
    await begin();
    await kind.rotate(api, partner, made, 0);
    const isClient = kind === clients;
    expect(await statusInNew(), 'tokens stay valid').toBe(isClient ? 200 : 401);
    expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS - 1)).toBe(200);
    expect(await statusIn(warm, START + CREDENTIAL_CACHE_TTL_MS)).toBe(isClient ? 200 : 401);
  });
});

test('a valid caller that manages credentials is not throttled for failed attempts from its address', async () => {
  const exhausted: RateLimit = { limit: async () => ({ success: false }) };
  const isolate = new TestApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: exhausted });
  const good = await partner.headers(isolate);
  const manage = (headers = good) => isolate.request('GET', clients.path, { headers });
  expect((await manage()).status).toBe(200);
  expect((await manage({ ...good, 'x-api-key': newApiKey('test') })).status).toBe(429);
  expect((await manage()).status).toBe(200);
});

test('the response does not tell why an API key is rejected', async () => {
  const [, keys] = kinds as [unknown, (typeof kinds)[number]];
  const tell = async (secret: string) => {
    const response = await new TestApi().get(TICKETS, keys.caller(partner, { id: '', secret }));
    const { request_id: _id, ...problem } = await response.json<{ request_id: string }>();
    return { problem, challenge: response.headers.get('www-authenticate') };
  };
  const unknown = await tell(newApiKey('test'));
  const disabled = await keys.make(api, partner, { disabled: true });
  const ended = await keys.make(api, partner);
  await keys.change(api, partner, ended, { expires_at: isoTime(START) });
  const retired = await keys.make(api, partner);
  await keys.rotate(api, partner, retired, 0);
  for (const { secret } of [disabled, ended, retired]) {
    expect(await tell(secret)).toEqual(unknown);
  }
});

describe('a client that is disabled and enabled within a second', () => {
  test('loses the tokens issued in that second and gets valid ones at once', async () => {
    const made = await clients.make(api, partner);
    const token = async () => {
      const proof = basic({ clientId: made.id, clientSecret: made.secret });
      const { access_token } = await (await requestToken(api, proof)).json<Token>();
      return { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
    };
    const statusOf = async (headers: Record<string, string>) => {
      const isolate = new TestApi();
      isolate.now = api.now;
      return (await isolate.request('GET', TICKETS, { headers })).status;
    };
    const before = await token();
    api.now = START + 100;
    await clients.change(api, partner, made, { disabled: true });
    await clients.change(api, partner, made, { disabled: false });
    const after = await token();
    expect([await statusOf(before), await statusOf(after)]).toEqual([401, 200]);
  });
});

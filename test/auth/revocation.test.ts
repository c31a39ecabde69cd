import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../../src/auth/secrets.ts';
import { START, TestApi, TICKETS } from '../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../support/credentials.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import { basic, requestToken, type Token } from '../support/token-requests.ts';

/** Milliseconds that an isolate believes what D1 said. */
const TRUST = 60_000;

/** Where the partner manages its credentials. */
let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

const at = (milliseconds: number) => new Date(milliseconds).toISOString();

describe.each(kinds)('a $name', (kind) => {
  let made: Made;
  /** Headers that were sent all the time, with one token. */
  let headers: Record<string, string>;
  /** An isolate that knows them. */
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

  describe('that ends by itself', () => {
    const END = START + 30_000;

    test('is refused from that very millisecond, wherever it was known', async () => {
      await begin({ expires_at: at(END) });
      expect(await statusIn(warm, END - 1)).toBe(200);
      expect(await statusInNew(END - 1)).toBe(200);
      expect(await statusIn(warm, END)).toBe(401);
      expect(await statusInNew(END)).toBe(401);
    });

    test('is believed no longer because another one of the request is good', async () => {
      await begin({ expires_at: at(END) });
      warm.now = END - 1;
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusIn(warm)).toBe(200);
      expect(await statusIn(warm, END)).toBe(401);
    });

    test('works again with another end', async () => {
      await begin({ expires_at: at(END) });
      expect(await statusIn(warm, END)).toBe(401);
      await change({ expires_at: at(END + 1) });
      expect(await statusIn(warm, END)).toBe(200);
      expect(await statusIn(warm, END + 1)).toBe(401);
    });
  });

  describe('that is disabled', () => {
    test('is refused at once by an isolate that does not know it', async () => {
      await begin();
      await change({ disabled: true });
      expect(await statusInNew()).toBe(401);
      expect(await statusIn(api)).toBe(401);
    });

    test('is refused within 60 seconds by one that does, however often it is sent', async () => {
      await begin();
      await change({ disabled: true });
      for (let elapsed = 0; elapsed < TRUST; elapsed += 20_000) {
        expect(await statusIn(warm, START + elapsed)).toBe(200);
      }
      expect(await statusIn(warm, START + TRUST - 1)).toBe(200);
      expect(await statusIn(warm, START + TRUST)).toBe(401);
    });

    test('is refused with new tokens too', async () => {
      await begin();
      await change({ disabled: true });
      warm.now = START + TRUST;
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusIn(warm)).toBe(401);
    });

    test('works again when it is enabled', async () => {
      await begin();
      await change({ disabled: true });
      expect(await statusIn(warm, START + TRUST)).toBe(401);
      await change({ disabled: false });
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusIn(warm)).toBe(200);
      expect((await kind.trySecret(new TestApi(), partner, made)).status).toBe(200);
    });

    test('brings no token back that a client was given before', async () => {
      await begin();
      api.now = START + 1000;
      await change({ disabled: true });
      api.now = START + 2500;
      await change({ disabled: false });
      const before = kind === clients ? 401 : 200;
      expect(await statusInNew(START + 2500)).toBe(before);
      expect(await statusIn(warm, START + TRUST)).toBe(before);
      warm.now = START + 3000;
      headers = await kind.caller(partner, made).headers(warm);
      expect(await statusInNew(START + 3000)).toBe(200);
    });

    test('keeps its tokens when it was not disabled at all', async () => {
      await begin();
      api.now = START + 5000;
      await change({ name: 'renamed', disabled: false });
      expect(await statusInNew(START + 5000)).toBe(200);
    });

    test('cannot enable itself, make another, or delete one, also where it is still known', async () => {
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
    test('is refused at once by an isolate that does not know it, and within 60 seconds by one that does', async () => {
      await begin();
      expect((await api.delete(kind.pathOf(made), partner)).status).toBe(204);
      expect(await statusInNew()).toBe(401);
      expect(await statusIn(warm, START + TRUST - 1)).toBe(200);
      expect(await statusIn(warm, START + TRUST)).toBe(401);
    });

    test('is gone for good', async () => {
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

  test('whose secret is replaced at once is refused within 60 seconds where it was known', async () => {
    await begin();
    await kind.rotate(api, partner, made, 0);
    const isClient = kind === clients;
    expect(await statusInNew(), 'tokens live on').toBe(isClient ? 200 : 401);
    expect(await statusIn(warm, START + TRUST - 1)).toBe(200);
    expect(await statusIn(warm, START + TRUST)).toBe(isClient ? 200 : 401);
  });
});

test('who manages credentials is not taken for one of those who guess at the same address', async () => {
  const exhausted: RateLimit = { limit: async () => ({ success: false }) };
  const isolate = new TestApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: exhausted });
  const good = await partner.headers(isolate);
  const manage = (headers = good) => isolate.request('GET', clients.path, { headers });
  expect((await manage()).status).toBe(200);
  expect((await manage({ ...good, 'x-api-key': newApiKey('test') })).status).toBe(429);
  expect((await manage()).status).toBe(200);
});

test('what is refused is told alike, whatever is wrong with it', async () => {
  const [, keys] = kinds as [unknown, (typeof kinds)[number]];
  const tell = async (secret: string) => {
    const response = await new TestApi().get(TICKETS, keys.caller(partner, { id: '', secret }));
    const { request_id: _id, ...problem } = await response.json<{ request_id: string }>();
    return { problem, challenge: response.headers.get('www-authenticate') };
  };
  const unknown = await tell(newApiKey('test'));
  const disabled = await keys.make(api, partner, { disabled: true });
  const ended = await keys.make(api, partner);
  await keys.change(api, partner, ended, { expires_at: at(START) });
  const retired = await keys.make(api, partner);
  await keys.rotate(api, partner, retired, 0);
  for (const { secret } of [disabled, ended, retired]) {
    expect(await tell(secret)).toEqual(unknown);
  }
});

describe('a client that is disabled and enabled within a second', () => {
  test('gets no token back of that second, and new ones at once', async () => {
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

describe('the token endpoint', () => {
  const ask = ({ id, secret }: Made, isolate = api) =>
    requestToken(isolate, basic({ clientId: id, clientSecret: secret }));

  test.each([
    ['disabled', { disabled: true }],
    ['ended', { expires_at: at(START) }],
  ])('tells that a client is %s only to who has its secret', async (_what, chosen) => {
    const made = await clients.make(api, partner);
    const old = await clients.make(api, partner);
    const { secret } = await clients.rotate(api, partner, old, 3600);
    for (const each of [made, old]) {
      await clients.change(api, partner, each, chosen);
    }
    for (const each of [made, { ...old, secret }]) {
      const told = await ask(each);
      expect(told.status).toBe(400);
      expect(await told.json()).toMatchObject({ error: 'unauthorized_client' });
    }
    const unknown = await ask({ id: crypto.randomUUID(), secret: made.secret });
    const words = await unknown.text();
    expect(words).toContain('invalid_client');
    for (const each of [{ ...made, secret: newClientSecret() }, old, { ...made, secret }]) {
      const refused = await ask(each);
      expect([refused.status, await refused.text()]).toEqual([401, words]);
    }
  });

  test('gives tokens until the client ends, to the millisecond', async () => {
    const made = await clients.make(api, partner, { expires_at: at(START + 90_001) });
    api.now = START + 90_000;
    expect((await ask(made)).status).toBe(200);
    api.now += 1;
    expect((await ask(made)).status).toBe(400);
  });

  test.each([
    [7_200_000, 3600],
    [3_600_001, 3600],
    [3_600_000, 3600],
    [3_599_999, 3599],
    [90_500, 90],
    [1_000, 1],
    // The least that there is.
    [999, 1],
    [1, 1],
  ])('a token of a client that ends in %d ms is good for %d s', async (left, seconds) => {
    const made = await clients.make(api, partner, { expires_at: at(START + left) });
    const { access_token, expires_in } = await (await ask(made)).json<Token>();
    expect(expires_in).toBe(seconds);
    expect(decodeJwt(access_token).exp).toBe(START / 1000 + seconds);
  });

  test('a token that was cut stays so when its client gets a later end', async () => {
    const made = await clients.make(api, partner, { expires_at: at(START + 90_000) });
    const { access_token } = await (await ask(made)).json<Token>();
    await clients.change(api, partner, made, { expires_at: null });
    const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
    const isolate = new TestApi();
    isolate.now = START + 90_000 - 1;
    expect((await isolate.request('GET', TICKETS, { headers })).status).toBe(200);
    isolate.now += 1;
    expect((await isolate.request('GET', TICKETS, { headers })).status).toBe(401);
  });
});

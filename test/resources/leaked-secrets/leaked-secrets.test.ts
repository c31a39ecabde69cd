import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret, sha256 } from '../../../src/auth/secrets.ts';
import { removeExpired } from '../../../src/scheduled.ts';
import { START, TestApi, TICKETS } from '../../support/api.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { clients, kinds } from '../../support/credentials.ts';
import { allRows, WatchedD1 } from '../../support/d1.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import type { ProblemBody } from '../../support/problems.ts';
import { KEYS_URL, sample, scannerKeys, signedBy } from '../../support/scanner.ts';
import { basic, requestToken } from '../../support/token-requests.ts';

const PATH = '/leaked-secrets';
/** What nothing is asked of. */
const idle = { newId: () => '', fetch: () => Promise.reject(), background: () => {} };

let d1: WatchedD1;
let api: TestApi;
let partner: TestPartner;
let fetched: string[];

/** An isolate of its own, to which the scanner's keys are published. */
function newApi(bindings: Partial<Record<keyof Env, unknown>> = {}): TestApi {
  const made = new TestApi({ DB: d1.db, ...bindings });
  made.fetch = async (url) => {
    fetched.push(url);
    return Response.json(scannerKeys);
  };
  return made;
}

beforeEach(async () => {
  d1 = new WatchedD1();
  fetched = [];
  api = newApi();
  partner = await makePartner();
});

const found = (...tokens: string[]) =>
  JSON.stringify(
    tokens.map((token) => ({ token, type: 'a type', url: 'https://x.test', more: 1 })),
  );

async function report(...tokens: string[]) {
  const body = found(...tokens);
  const response = await api.request('POST', PATH, { body, headers: await signedBy(body) });
  expect(response.status).toBe(200);
  return response.json<{ token_hash: string; token_type: string; label: string }[]>();
}

const labels = async (...tokens: string[]) => (await report(...tokens)).map(({ label }) => label);
const list = (isolate = api) => isolate.get(TICKETS, partner);
const token = (secret = partner.clientSecret) =>
  requestToken(api, basic({ clientId: partner.clientId, clientSecret: secret }));

/** Gives the partner's client or key another secret, with the present one as an old one. */
async function rotate(path: string): Promise<string> {
  const response = await api.request('POST', path, {
    as: partner,
    body: { overlap_seconds: 3600 },
  });
  const { client_secret, api_key } = await response.json<Record<string, string>>();
  return (client_secret ?? api_key) as string;
}

describe('a secret that leaked', () => {
  test('an API key is refused within 60 seconds, at once by who had not seen it', async () => {
    expect((await list()).status).toBe(200);
    expect(await labels(partner.apiKey)).toEqual(['true_positive']);
    expect((await list(newApi())).status).toBe(401);
    api.now += 60_000;
    expect((await list()).status).toBe(401);
  });

  test('a client secret gets no more tokens, and its tokens are refused', async () => {
    expect((await list()).status).toBe(200);
    expect(await labels(partner.clientSecret)).toEqual(['true_positive']);
    expect((await token()).status).toBe(401);
    api.now += 60_000;
    expect((await list()).status).toBe(401);
  });

  test('never works again, also when its owner is enabled', async () => {
    await report(partner.apiKey, partner.clientSecret);
    await env.DB.batch(
      ['clients', 'api_keys'].map((table) =>
        env.DB.prepare(`UPDATE ${table} SET disabled_at = NULL`),
      ),
    );
    expect((await list(newApi())).status).toBe(401);
    expect((await token()).status).toBe(401);
  });

  test('an old one of a rotation ends alone: its owner lives on with the new one', async () => {
    const secret = await rotate(`/v2/system/clients/${partner.clientId}/secrets`);
    await rotate(`/v2/system/api-keys/${partner.apiKeyId}/secrets`);
    expect(await labels(partner.clientSecret, partner.apiKey)).toEqual([
      'true_positive',
      'true_positive',
    ]);
    expect((await token()).status).toBe(401);
    expect((await token(secret)).status).toBe(200);
    expect((await list(newApi())).status).toBe(401);
    const [key] = (await env.DB.prepare('SELECT disabled_at FROM api_keys').all()).results;
    expect(key).toEqual({ disabled_at: null });
  });

  describe('and that a rotation had replaced ends the tokens of its client', () => {
    const path = () => `/v2/system/clients/${partner.clientId}/secrets`;
    const rotateWith = (overlap_seconds: number) =>
      api.request('POST', path(), { as: partner, body: { overlap_seconds } });
    /** How a request with a token is answered. */
    const statusWith = async (accessToken: string, isolate = newApi()) => {
      isolate.now = api.now;
      const headers = { authorization: `Bearer ${accessToken}`, 'x-api-key': partner.apiKey };
      return (await isolate.request('GET', TICKETS, { headers })).status;
    };
    const issued = async (secret?: string) =>
      (await (await token(secret)).json<{ access_token: string }>()).access_token;

    test('also those of the same second, within 60 seconds everywhere', async () => {
      api.now = START + 100;
      const old = await issued();
      const secret = await rotate(path());
      api.now = START + 900;
      const late = await issued();
      const warm = newApi();
      expect([await statusWith(old, warm), await statusWith(late, warm)]).toEqual([200, 200]);
      expect(await labels(partner.clientSecret)).toEqual(['true_positive']);
      expect([await statusWith(old), await statusWith(late)]).toEqual([401, 401]);
      const fresh = await issued(secret);
      expect(await statusWith(fresh), 'a new one, of the same second').toBe(200);
      api.now += 60_000;
      expect([await statusWith(old, warm), await statusWith(late, warm)]).toEqual([401, 401]);
      expect(await statusWith(fresh, warm)).toBe(200);
    });

    test.each<[string, end: () => Promise<unknown>]>([
      ['has no overlap', () => rotateWith(0)],
      [
        'is past its overlap, and cleaned up',
        async () => {
          await rotateWith(60);
          // The last token that it could get lives until a moment later.
          api.now = START + 3_660_000 - 1;
          await removeExpired(env, { ...idle, now: () => api.now });
          return START + 60_998;
        },
      ],
      [
        'was rotated again since',
        async () => {
          await rotateWith(60);
          api.now += 120_000;
          await rotateWith(60);
        },
      ],
      [
        'was the oldest of too many',
        async () => {
          for (let i = 0; i < 6; i++) {
            api.now += 1;
            await rotateWith(3600);
          }
        },
      ],
    ])('when it %s', async (_what, end) => {
      api.now = START + 999;
      const issuedAt = await end();
      // What somebody got for the secret while it was good.
      const stolen = await partner.token(typeof issuedAt === 'number' ? issuedAt : START);
      expect(await statusWith(stolen)).toBe(200);
      expect(await labels(partner.clientSecret)).toEqual(['true_positive']);
      expect(await statusWith(stolen)).toBe(401);
    });

    test('once, however often it is reported', async () => {
      const secret = await rotate(path());
      await report(partner.clientSecret);
      api.now += 5000;
      const fresh = await issued(secret);
      expect(await labels(partner.clientSecret)).toEqual(['true_positive']);
      expect(await statusWith(fresh)).toBe(200);
    });

    test('and no tokens of another client', async () => {
      const other = await clients.make(api, partner);
      const proof = basic({ clientId: other.id, clientSecret: other.secret });
      const response = await requestToken(api, proof);
      const { access_token } = await response.json<{ access_token: string }>();
      await rotate(path());
      await report(partner.clientSecret);
      expect(await statusWith(access_token)).toBe(200);
    });
  });

  test('takes the old secrets of its owner along', async () => {
    const secret = await rotate(`/v2/system/clients/${partner.clientId}/secrets`);
    await report(secret);
    expect((await token()).status).toBe(401);
  });

  test.each(kinds)(
    'of a $name changes its tag, so that no stale change enables it',
    async (kind) => {
      const made = await kind.make(api, partner);
      const read = await api.get(kind.pathOf(made), partner);
      const headers = { 'if-match': read.headers.get('etag') as string };
      await report(made.secret);
      const stale = { as: partner, headers, body: await read.json<object>() };
      expect((await api.request('PUT', kind.pathOf(made), stale)).status).toBe(412);
      expect(await kind.read(api, partner, made)).toMatchObject({ disabled: true });
    },
  );

  test('is told as such again when it is reported again', async () => {
    const old = partner.clientSecret;
    const secret = await rotate(`/v2/system/clients/${partner.clientId}/secrets`);
    for (let i = 0; i < 3; i++) {
      expect(await labels(old, secret, partner.apiKey)).toEqual(Array(3).fill('true_positive'));
    }
  });

  test.each(kinds)('of a $name is recognised for as long as there is the $name', async (kind) => {
    const made = await kind.make(api, partner);
    await report(made.secret);
    await kind.change(api, partner, made, { disabled: false });
    await kind.rotate(api, partner, made, 60);
    api.now += 30 * 24 * 3_600_000;
    await removeExpired(env, { ...idle, now: () => api.now });
    expect(await labels(made.secret)).toEqual(['true_positive']);
    expect(await kind.read(api, partner, made)).toMatchObject({ disabled: false });
    expect((await api.delete(kind.pathOf(made), partner)).status).toBe(204);
    expect(await labels(made.secret)).toEqual(['false_positive']);
    expect((await allRows()).leaked_secrets).toEqual([]);
  });

  test.each(kinds)('of an enabled $name is refused as cheaply as an unknown one', async (kind) => {
    const made = await kind.make(api, partner);
    await report(made.secret);
    await kind.change(api, partner, made, { disabled: false });
    const refused = await kind.trySecret(newApi(), partner, made);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('server-timing')).toMatch(/trips=1 read=[01] written=0/);
  });

  test('is logged with whose it is, and never itself', async () => {
    await report(partner.apiKey, partner.clientSecret);
    const lines = api.log.filter(({ event }) => event === 'leak');
    expect(lines).toMatchObject([
      { partner: partner.partnerId, api_key: partner.apiKeyId },
      { partner: partner.partnerId, client: partner.clientId },
    ]);
    const text = JSON.stringify(api.log);
    for (const secret of [partner.apiKey, partner.clientSecret]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(await sha256(secret));
    }
  });

  test('of one partner is no matter of another', async () => {
    const other = await makePartner();
    await report(partner.apiKey, partner.clientSecret);
    expect((await newApi().get(TICKETS, other)).status).toBe(200);
  });
});

test('what is not ours is a false positive, and written nowhere', async () => {
  const before = await allRows();
  const tokens = ['x', '', 'ptk_live_x', newApiKey('live'), newApiKey('test'), newClientSecret()];
  expect(await labels(...tokens)).toEqual(tokens.map(() => 'false_positive'));
  expect(await allRows()).toEqual(before);
});

test('the answer is what GitHub expects: a hash in base64, the type, and a label', async () => {
  const [answer] = await report(partner.apiKey);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(partner.apiKey));
  expect(answer).toEqual({
    token_hash: btoa(String.fromCharCode(...new Uint8Array(digest))),
    token_type: 'a type',
    label: 'true_positive',
  });
});

test('what cannot be ours is not looked up, and all the rest at once', async () => {
  expect(await d1.cost(() => report('x', 'ptk_live_x'))).toBe(0);
  const many = Array.from({ length: 200 }, () => newApiKey('live'));
  expect(await d1.cost(() => report(...many, partner.apiKey))).toBe(1);
});

describe('a signature', () => {
  const send = (body: string, headers: Record<string, string>) =>
    api.request('POST', PATH, { body, headers });

  test("of GitHub's own sample request is taken", async () => {
    const response = await send(sample.body, sample.headers);
    expect(await response.json()).toMatchObject([{ label: 'false_positive' }]);
    expect(fetched).toEqual([KEYS_URL]);
  });

  test('that is missing or wrong is refused, alike, and nothing is written', async () => {
    const body = found(partner.apiKey);
    const good = await signedBy(body);
    const signature = good['github-public-key-signature'] as string;
    const before = await allRows();
    const id = { 'github-public-key-identifier': 'tests' };
    const faults: Record<string, Record<string, string>> = {
      none: {},
      'no identifier': { 'github-public-key-signature': signature },
      'no signature': id,
      'of another body': await signedBy(`${body} `),
      "of another of the scanner's keys": {
        ...sample.headers,
        'github-public-key-signature': signature,
      },
      'an unknown key': { ...good, 'github-public-key-identifier': 'other' },
      __proto__: { ...good, 'github-public-key-identifier': '__proto__' },
      'not base64': { ...id, 'github-public-key-signature': '~' },
      empty: { ...id, 'github-public-key-signature': '' },
      cut: { ...id, 'github-public-key-signature': signature.slice(0, -8) },
      longer: { ...id, 'github-public-key-signature': btoa(`${atob(signature)}\0`) },
      zeros: { ...id, 'github-public-key-signature': btoa('\x30\x06\x02\x01\x00\x02\x01\x00') },
    };
    for (const [fault, headers] of Object.entries(faults)) {
      const response = await send(body, headers);
      expect(response.status, fault).toBe(403);
      expect(await response.json(), fault).toMatchObject({ type: '/problems/wrong-signature' });
    }
    expect(await allRows()).toEqual(before);
    expect(fetched.length).toBe(1);
  });

  test('of a key that is not published does not have the keys asked for again and again', async () => {
    const unknown = { ...(await signedBy('[]')), 'github-public-key-identifier': 'made up' };
    for (let minute = 0; minute < 10; minute++) {
      expect((await send('[]', unknown)).status).toBe(403);
      api.now += 60_000;
    }
    expect(fetched).toHaveLength(1);
    await send('[]', unknown);
    expect(fetched).toHaveLength(2);
  });

  test('of a published key of another kind is refused', async () => {
    api.fetch = async () =>
      Response.json({ public_keys: [{ key_identifier: 'tests', key: 'ssh-rsa AAAA' }] });
    expect((await send('[]', await signedBy('[]'))).status).toBe(403);
  });

  test('counts against its address when it is wrong', async () => {
    let attempts = 0;
    const limit = { limit: async () => ({ success: ++attempts <= 2 }) };
    api = newApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: limit });
    const wrong = await signedBy('other');
    expect((await send('[]', wrong)).status).toBe(403);
    expect((await send('[]', wrong)).status).toBe(403);
    expect((await send('[]', wrong)).status).toBe(429);
  });

  test.each([
    ['JSON of another form', JSON.stringify(Array(700).fill({}))],
    ['no JSON', '['.repeat(60_000)],
    ['nothing', ''],
  ])('is looked at first: an unsigned body of %s gets a small 403', async (_what, body) => {
    const variants: Record<string, string>[] = [
      {},
      { 'content-type': 'text/plain' },
      { 'content-encoding': 'gzip' },
    ];
    for (const headers of variants) {
      const response = await api.request('POST', PATH, { body, headers });
      expect(response.status).toBe(403);
      expect((await response.text()).length).toBeLessThan(500);
    }
  });

  test('that is right is accepted from an address that sends wrong tokens', async () => {
    api = newApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: new CountingLimit(10) });
    const headers = { authorization: 'Bearer no.such.token' };
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      statuses.push((await api.request('GET', TICKETS, { headers })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect((await send('[]', await signedBy('[]'))).status).toBe(200);
  });

  test.each([
    ['JSON of another form', JSON.stringify(Array(700).fill({}))],
    ['no JSON', '{'],
  ])('that is missing counts against its address, whatever the body: %s', async (_what, body) => {
    const keys: string[] = [];
    const limit = { limit: async ({ key }: { key: string }) => ({ success: keys.push(key) < 3 }) };
    api = newApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: limit });
    const headers = { 'cf-connecting-ip': '192.0.2.7' };
    const statuses = [];
    for (let i = 0; i < 4; i++) {
      statuses.push((await api.request('POST', PATH, { body, headers })).status);
    }
    expect(statuses).toEqual([403, 403, 429, 429]);
    expect(new Set(keys)).toEqual(new Set(['192.0.2.7 report']));
  });

  test('of a body with a content coding, or of another type, does not make it JSON', async () => {
    const signed = await signedBy('[]');
    for (const [name, value] of [
      ['content-encoding', 'gzip'],
      ['content-type', 'text/plain'],
    ] as const) {
      expect((await send('[]', { ...signed, [name]: value })).status).toBe(415);
    }
  });

  test('cannot be checked while the keys cannot be had: 503, and nothing is written', async () => {
    api.fetch = async () => new Response('', { status: 500 });
    const body = found(partner.apiKey);
    const before = await allRows();
    expect((await send(body, await signedBy(body))).status).toBe(503);
    expect(await allRows()).toEqual(before);
  });
});

describe('a body', () => {
  test.each([
    ['{}', '#'],
    ['[1]', '#/0'],
    ['[{"type":"x"}]', '#/0/token'],
    ['[{"token":1,"type":"x"}]', '#/0/token'],
    [JSON.stringify(Array(501).fill({ token: '', type: '' })), '#'],
  ])('of another form is refused: %s', async (body, pointer) => {
    const response = await api.request('POST', PATH, { body, headers: await signedBy(body) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ violations: [{ in: 'body', pointer }] });
  });

  test('with many faults lists 100 of them', async () => {
    const body = JSON.stringify(Array(500).fill({}));
    const response = await api.request('POST', PATH, { body, headers: await signedBy(body) });
    const { violations, omitted_violations } = await response.json<ProblemBody>();
    expect([violations?.length, omitted_violations]).toEqual([100, 900]);
  });
});

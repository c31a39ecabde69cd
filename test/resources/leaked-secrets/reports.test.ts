import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../../../src/auth/secrets.ts';
import { TICKETS } from '../../support/api.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { allRows, WatchedD1 } from '../../support/d1.ts';
import { homes } from '../../support/homes.ts';
import { labelsOf, REPORT_PATH, report, reportOf, ScannedApi } from '../../support/leak-reports.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import type { ProblemBody } from '../../support/problems.ts';
import { KEYS_URL, sample, signedBy } from '../../support/scanner.ts';

let d1: WatchedD1;
let api: ScannedApi;
let partner: TestPartner;

beforeEach(async () => {
  d1 = new WatchedD1();
  api = new ScannedApi({ DB: d1.db });
  partner = await makePartner();
});

test('a text that is not a secret of a partner is labelled false_positive and writes nothing', async () => {
  // The first report of an isolate keeps the keys of the scanner.
  await report(api);
  const before = await allRows();
  const tokens = [
    'x',
    '',
    'ptk_live_x',
    newApiKey('live'),
    newApiKey('test'),
    newClientSecret(homes[0]),
  ];
  expect(await labelsOf(api, ...tokens)).toEqual(tokens.map(() => 'false_positive'));
  expect(await allRows()).toEqual(before);
});

test('the response contains the SHA-256 in base64, the type and the label, as GitHub expects', async () => {
  const [label] = await report(api, partner.apiKey);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(partner.apiKey));
  expect(label).toEqual({
    token_hash: btoa(String.fromCharCode(...new Uint8Array(digest))),
    token_type: 'a type',
    label: 'true_positive',
  });
});

test('malformed secrets are not looked up, and all others are looked up in one round trip', async () => {
  await report(api);
  expect(await d1.cost(() => report(api, 'x', 'ptk_live_x'))).toBe(0);
  const many = Array.from({ length: 200 }, () => newApiKey('live'));
  expect(await d1.cost(() => report(api, ...many))).toBe(1);
  expect(await d1.cost(() => report(api, ...many, partner.apiKey)), 'and revoked in another').toBe(
    2,
  );
});

describe('a signature', () => {
  const send = (body: string, headers: Record<string, string>) =>
    api.request('POST', REPORT_PATH, { body, headers });

  test("of GitHub's sample request is accepted", async () => {
    const response = await send(sample.body, sample.headers);
    expect(await response.json()).toMatchObject([{ label: 'false_positive' }]);
    expect(api.fetched).toEqual([KEYS_URL]);
  });

  test('that is missing or wrong returns the same 403 and writes nothing', async () => {
    const body = reportOf(partner.apiKey);
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
    expect(api.fetched.length).toBe(1);
  });

  test('with an unknown key identifier makes the API fetch the keys at most every ten minutes', async () => {
    const unknown = { ...(await signedBy('[]')), 'github-public-key-identifier': 'made up' };
    for (let minute = 0; minute < 10; minute++) {
      expect((await send('[]', unknown)).status).toBe(403);
      api.now += 60_000;
    }
    expect(api.fetched).toHaveLength(1);
    await send('[]', unknown);
    expect(api.fetched).toHaveLength(2);
  });

  test('with a published key of another type returns 403', async () => {
    api.fetch = async () =>
      Response.json({ public_keys: [{ key_identifier: 'tests', key: 'ssh-rsa AAAA' }] });
    expect((await send('[]', await signedBy('[]'))).status).toBe(403);
  });

  test('that is wrong counts against its address', async () => {
    let attempts = 0;
    const limit = { limit: async () => ({ success: ++attempts <= 2 }) };
    api = new ScannedApi({ DB: d1.db, RATE_LIMITS: 'on', ADDRESS_LIMIT: limit });
    const wrong = await signedBy('other');
    expect((await send('[]', wrong)).status).toBe(403);
    expect((await send('[]', wrong)).status).toBe(403);
    expect((await send('[]', wrong)).status).toBe(429);
  });

  test.each([
    ['JSON of another form', JSON.stringify(Array(700).fill({}))],
    ['text that is not JSON', '['.repeat(60_000)],
    ['no bytes', ''],
  ])('is verified first: an unsigned body of %s returns a short 403', async (_what, body) => {
    const variants: Record<string, string>[] = [
      {},
      { 'content-type': 'text/plain' },
      { 'content-encoding': 'gzip' },
    ];
    for (const headers of variants) {
      const response = await api.request('POST', REPORT_PATH, { body, headers });
      expect(response.status).toBe(403);
      expect((await response.text()).length).toBeLessThan(500);
    }
  });

  test('that is valid is accepted from an address that sends invalid access tokens', async () => {
    api = new ScannedApi({ DB: d1.db, RATE_LIMITS: 'on', ADDRESS_LIMIT: new CountingLimit(10) });
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
    ['text that is not JSON', '{'],
  ])('that is missing counts against its address for any body: %s', async (_what, body) => {
    const keys: string[] = [];
    const limit = { limit: async ({ key }: { key: string }) => ({ success: keys.push(key) < 3 }) };
    api = new ScannedApi({ DB: d1.db, RATE_LIMITS: 'on', ADDRESS_LIMIT: limit });
    const headers = { 'cf-connecting-ip': '192.0.2.7' };
    const statuses = [];
    for (let i = 0; i < 4; i++) {
      statuses.push((await api.request('POST', REPORT_PATH, { body, headers })).status);
    }
    expect(statuses).toEqual([403, 403, 429, 429]);
    expect(new Set(keys)).toEqual(new Set(['192.0.2.7 report']));
  });

  test('does not make a body with a content coding or another media type acceptable', async () => {
    const signed = await signedBy('[]');
    for (const [name, value] of [
      ['content-encoding', 'gzip'],
      ['content-type', 'text/plain'],
    ] as const) {
      expect((await send('[]', { ...signed, [name]: value })).status).toBe(415);
    }
  });

  test('returns 503 and writes nothing while the keys cannot be fetched', async () => {
    api.fetch = async () => new Response('', { status: 500 });
    const body = reportOf(partner.apiKey);
    const before = await allRows();
    expect((await send(body, await signedBy(body))).status).toBe(503);
    expect(await allRows()).toEqual(before);
  });
});

describe('a signed body', () => {
  test.each([
    ['{}', '#'],
    ['[1]', '#/0'],
    ['[{"type":"x"}]', '#/0/token'],
    ['[{"token":1,"type":"x"}]', '#/0/token'],
    [JSON.stringify(Array(501).fill({ token: '', type: '' })), '#'],
  ])('of another form returns 400: %s', async (body, pointer) => {
    const response = await api.request('POST', REPORT_PATH, {
      body,
      headers: await signedBy(body),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ violations: [{ in: 'body', pointer }] });
  });

  test('with many violations lists 100 of them', async () => {
    const body = JSON.stringify(Array(500).fill({}));
    const response = await api.request('POST', REPORT_PATH, {
      body,
      headers: await signedBy(body),
    });
    const { violations, omitted_violations } = await response.json<ProblemBody>();
    expect([violations?.length, omitted_violations]).toEqual([100, 900]);
  });
});

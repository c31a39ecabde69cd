import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import type { ProblemBody } from '../support/problems.ts';
import { faultyTokens } from '../support/tokens.ts';

/** What a program is told of credentials that are refused: one type for each cause. */

const HOUR = 3_600_000;
/** RFC 6750 §3.1: without an error code where no token was sent. */
const BARE = /^Bearer realm="[^"]+", resource_metadata="[^"]+"$/;
const INVALID_TOKEN = /, error="invalid_token"$/;

let api: TestApi;
let partner: TestPartner;
let good: Record<string, string>;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
  good = await partner.headers(api);
});

async function told(headers: Record<string, string | undefined>) {
  const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
  const response = await api.request('GET', TICKETS, {
    headers: Object.fromEntries(sent) as Record<string, string>,
  });
  const { type, status } = await response.json<ProblemBody>();
  return { type, status, challenge: response.headers.get('www-authenticate') };
}

describe('credentials-missing, with a challenge that names no error', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['no token', { authorization: undefined }],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: `Basic ${btoa('a:b')}` }],
    ['another scheme alone', { authorization: 'Digest' }],
    ['a scheme that only begins so', { authorization: 'Bearers x' }],
    ['no key', { 'x-api-key': undefined }],
  ])('%s', async (_what, headers) => {
    expect(await told({ ...good, ...headers })).toEqual({
      type: '/problems/credentials-missing',
      status: 401,
      challenge: expect.stringMatching(BARE),
    });
  });
});

describe('token-expired, only if all else is right with the token', () => {
  test.each(['expired', 'expired a second ago', 'expired a day ago'])('%s', async (name) => {
    const token = await faultyTokens[name]?.(partner, api.now);
    expect(await told({ ...good, authorization: `Bearer ${token}` })).toEqual({
      type: '/problems/token-expired',
      status: 401,
      challenge: expect.stringMatching(INVALID_TOKEN),
    });
  });

  test('also where the token was taken until then', async () => {
    expect((await api.request('GET', TICKETS, { headers: good })).status).toBe(200);
    api.now += HOUR;
    expect(await told(good)).toMatchObject({ type: '/problems/token-expired' });
  });

  test('not for an expired one that another key signed', async () => {
    const { signature } = Object.fromEntries(
      ['header', 'payload', 'signature'].map((part, i) => [
        part,
        (good.authorization ?? '').split('.')[i],
      ]),
    );
    const late = await faultyTokens.expired?.(partner, api.now);
    const forged = `${late?.split('.').slice(0, 2).join('.')}.${signature}`;
    expect(await told({ ...good, authorization: `Bearer ${forged}` })).toMatchObject({
      type: '/problems/token-invalid',
    });
  });
});

test.each(['Bearer', 'Bearer a"b', 'Bearer a b', 'Bearer no.such.token'])(
  'token-invalid: %s',
  async (authorization) => {
    expect(await told({ ...good, authorization })).toEqual({
      type: '/problems/token-invalid',
      status: 401,
      challenge: expect.stringMatching(INVALID_TOKEN),
    });
  },
);

test.each([
  ['that is malformed', () => 'ptk_test_none'],
  ['that is unknown', () => newApiKey('test')],
])('api-key-invalid: a key %s', async (_what, key) => {
  expect(await told({ ...good, 'x-api-key': key() })).toEqual({
    type: '/problems/api-key-invalid',
    status: 401,
    challenge: expect.stringMatching(BARE),
  });
});

test('partner-mismatch: token and key of two partners', async () => {
  const { apiKey } = await makePartner();
  expect(await told({ ...good, 'x-api-key': apiKey })).toEqual({
    type: '/problems/partner-mismatch',
    status: 403,
    challenge: null,
  });
});

test('scope-missing: a token without the scope', async () => {
  expect(await told(await partner.headers(api, ['prepared-tickets:write']))).toEqual({
    type: '/problems/scope-missing',
    status: 403,
    challenge: expect.stringMatching(
      /, error="insufficient_scope", scope="prepared-tickets:read"$/,
    ),
  });
});

test('too-many-failed-attempts: an address that failed too often', async () => {
  const exhausted: RateLimit = { limit: async () => ({ success: false }) };
  api = new TestApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: exhausted });
  expect(await told({ ...good, authorization: 'Bearer x' })).toEqual({
    type: '/problems/too-many-failed-attempts',
    status: 429,
    challenge: null,
  });
});

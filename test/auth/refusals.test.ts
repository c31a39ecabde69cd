import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { api, makeApiAndPartner, partner, useApi } from '../support/each-test.ts';
import { homeOf } from '../support/homes.ts';
import { makePartner } from '../support/partners.ts';
import type { ProblemBody } from '../support/problems.ts';
import { faultyTokens } from '../support/tokens.ts';

/** Tests that each cause of rejected credentials has its own problem type. */

const HOUR = 3_600_000;
/** The challenge for a request without a token has no error code (RFC 6750 §3.1). */
const BARE_CHALLENGE = /^Bearer realm="[^"]+", resource_metadata="[^"]+"$/;
const INVALID_TOKEN = /, error="invalid_token"$/;

let good: Record<string, string>;

beforeEach(async () => {
  await makeApiAndPartner();
  good = await partner.headers(api);
});

async function summarize(headers: Record<string, string | undefined>) {
  const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
  const response = await api.request('GET', TICKETS, {
    headers: Object.fromEntries(sent) as Record<string, string>,
  });
  const { type, status } = await response.json<ProblemBody>();
  return { type, status, challenge: response.headers.get('www-authenticate') };
}

describe('returns credentials-missing and a challenge without an error code for', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['no token', { authorization: undefined }],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: `Basic ${btoa('a:b')}` }],
    ['another scheme without credentials', { authorization: 'Digest' }],
    ['a scheme that only starts with Bearer', { authorization: 'Bearers x' }],
    ['no API key', { 'x-api-key': undefined }],
  ])('%s', async (_what, headers) => {
    expect(await summarize({ ...good, ...headers })).toEqual({
      type: '/problems/credentials-missing',
      status: 401,
      challenge: expect.stringMatching(BARE_CHALLENGE),
    });
  });
});

describe('token-expired', () => {
  test.each(['expired', 'expired a second ago', 'expired a day ago'])(
    'is returned for a valid token that %s',
    async (name) => {
      const token = await faultyTokens[name]?.(partner, api.now);
      expect(await summarize({ ...good, authorization: `Bearer ${token}` })).toEqual({
        type: '/problems/token-expired',
        status: 401,
        challenge: expect.stringMatching(INVALID_TOKEN),
      });
    },
  );

  test('is returned for a token that was cached until it expired', async () => {
    expect((await api.request('GET', TICKETS, { headers: good })).status).toBe(200);
    api.now += HOUR;
    expect(await summarize(good)).toMatchObject({ type: '/problems/token-expired' });
  });

  test('is not returned for an expired token that another key signed', async () => {
    const { signature } = Object.fromEntries(
      ['header', 'payload', 'signature'].map((part, i) => [
        part,
        (good.authorization ?? '').split('.')[i],
      ]),
    );
    const late = await faultyTokens.expired?.(partner, api.now);
    const forged = `${late?.split('.').slice(0, 2).join('.')}.${signature}`;
    expect(await summarize({ ...good, authorization: `Bearer ${forged}` })).toMatchObject({
      type: '/problems/token-invalid',
    });
  });
});

test.each(['Bearer', 'Bearer a"b', 'Bearer a b', 'Bearer no.such.token'])(
  'returns token-invalid for the authorization header %s',
  async (authorization) => {
    expect(await summarize({ ...good, authorization })).toEqual({
      type: '/problems/token-invalid',
      status: 401,
      challenge: expect.stringMatching(INVALID_TOKEN),
    });
  },
);

test.each([
  ['that is malformed', () => 'ptk_test_none'],
  ['that is unknown', () => newApiKey('test')],
])('returns api-key-invalid for an API key %s', async (_what, key) => {
  expect(await summarize({ ...good, 'x-api-key': key() })).toEqual({
    type: '/problems/api-key-invalid',
    status: 401,
    challenge: expect.stringMatching(BARE_CHALLENGE),
  });
});

test('returns partner-mismatch for a token and an API key of two partners', async () => {
  const { apiKey } = await makePartner({ home: homeOf(partner) });
  expect(await summarize({ ...good, 'x-api-key': apiKey })).toEqual({
    type: '/problems/partner-mismatch',
    status: 403,
    challenge: null,
  });
});

test('returns scope-missing for a token without the required scope', async () => {
  expect(await summarize(await partner.headers(api, ['prepared-tickets:write']))).toEqual({
    type: '/problems/scope-missing',
    status: 403,
    challenge: expect.stringMatching(
      /, error="insufficient_scope", scope="prepared-tickets:read"$/,
    ),
  });
});

test('returns too-many-failed-attempts to an address that failed too often', async () => {
  const exhausted: RateLimit = { limit: async () => ({ success: false }) };
  useApi(new TestApi({ RATE_LIMITS: 'on', ADDRESS_LIMIT: exhausted }));
  expect(await summarize({ ...good, authorization: 'Bearer x' })).toEqual({
    type: '/problems/too-many-failed-attempts',
    status: 429,
    challenge: null,
  });
});

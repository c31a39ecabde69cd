import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../../support/api.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { apiKeys } from '../../support/credentials.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { homes } from '../../support/homes.ts';
import { makePartner } from '../../support/partners.ts';
import { expectExceeded, policyHeader, statusesOf } from '../../support/rate-limits.ts';
import { basic, type ClientProof, post, requestToken } from '../../support/token-requests.ts';

let ofPartner: CountingLimit;
let ofAddress: CountingLimit;

beforeEach(async () => {
  ofPartner = new CountingLimit(3);
  ofAddress = new CountingLimit(3);
  await makePartnerOf(
    new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress }),
  );
});

describe('requests with wrong credentials', () => {
  const from = (address: string, headers: Record<string, string> = {}) =>
    api.request('GET', TICKETS, { headers: { 'cf-connecting-ip': address, ...headers } });
  const wrong = { authorization: 'Bearer x' };
  const guess = (address: string) => from(address, wrong);

  test('count against their address and return 429 with Retry-After beyond the quota', async () => {
    expect(await statusesOf(() => guess('192.0.2.1'), 4)).toEqual([401, 401, 401, 429]);
    await expectExceeded(await guess('192.0.2.1'), 'refusedCredentials');
    expect((await guess('2001:db8::1')).status).toBe(401);
    expect(ofPartner.counts.size).toBe(0);
  });

  test('are announced after the policy of the partner whose token is right', async () => {
    const { authorization = '' } = await partner.headers(api);
    const { headers } = await from('192.0.2.1', { authorization, 'x-api-key': 'ptk_test_none' });
    expect(headers.get('ratelimit-policy')).toBe(policyHeader(['partner', 'refusedCredentials']));
  });

  test('count for every kind of wrong credential', async () => {
    const good = await partner.headers(api);
    const other = await makePartner();
    const refusals = [
      { ...good, authorization: 'Bearer x' },
      { ...good, authorization: 'Bearer' },
      { ...good, 'x-api-key': 'x' },
      { ...good, 'x-api-key': newApiKey('test') },
      { ...good, 'x-api-key': other.apiKey },
    ];
    ofAddress = new CountingLimit();
    useApi(new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: ofPartner, ADDRESS_LIMIT: ofAddress }));
    for (const headers of refusals) {
      expect([401, 403]).toContain((await from('192.0.2.1', headers)).status);
    }
    expect([...ofAddress.counts]).toEqual([
      ['192.0.2.1', 2],
      [`192.0.2.1 key ${partner.clientId}`, 3],
    ]);
  });

  test('do not include missing credentials, expired tokens and missing scopes', async () => {
    const good = await partner.headers(api);
    const narrow = await partner.headers(api, ['prepared-tickets:write']);
    expect((await from('192.0.2.1')).status).toBe(401);
    expect((await from('192.0.2.1', { authorization: good.authorization as string })).status).toBe(
      401,
    );
    expect((await from('192.0.2.1', { ...good, authorization: 'Basic x' })).status).toBe(401);
    expect((await from('192.0.2.1', narrow)).status).toBe(403);
    api.now += 3_600_000;
    expect((await from('192.0.2.1', good)).status).toBe(401);
    expect(ofAddress.counts.size).toBe(0);
  });

  test('count against the partner if only the scope is missing', async () => {
    const narrow = await partner.headers(api, ['prepared-tickets:write']);
    expect(await statusesOf(() => from('192.0.2.1', narrow), 4)).toEqual([403, 403, 403, 429]);
  });

  test('cause no lookup beyond the quota', async () => {
    const d1 = new WatchedD1();
    useApi(new TestApi({ ...api.bindings, DB: d1.db, PARTNER_LIMIT: new CountingLimit() }));
    const headers = { ...(await partner.headers(api)), 'x-api-key': newApiKey('test') };
    expect(await d1.cost(() => statusesOf(() => from('192.0.2.1', headers), 3))).toBe(3);
    expect(await d1.cost(() => statusesOf(() => from('192.0.2.1', headers), 9))).toBe(0);
    expect((await from('192.0.2.1', await partner.headers(api))).status).toBe(429);
  });

  test('do not block valid credentials from the same address that were verified before', async () => {
    const good = await partner.headers(api);
    expect((await from('192.0.2.1', good)).status).toBe(200);
    await statusesOf(() => guess('192.0.2.1'), 5);
    expect((await from('192.0.2.1', good)).status).toBe(200);
  });

  test('do not block those credentials after their cache entry expires, until they become invalid', async () => {
    const key = await apiKeys.make(api, partner);
    const good = await apiKeys.caller(partner, key).headers(api);
    const statuses = async () => {
      await statusesOf(() => guess('192.0.2.1'), 5);
      const answers = Array.from({ length: 3 }, () => from('192.0.2.1', good));
      ofPartner.counts.clear();
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    expect((await from('192.0.2.1', good)).status).toBe(200);
    for (let minute = 1; minute <= 2; minute++) {
      api.now += 60_000;
      expect(await statuses()).toEqual([200, 200, 200]);
    }
    ofPartner.counts.clear();
    await apiKeys.change(api, partner, key, { disabled: true });
    api.now += 60_000;
    expect(await statuses()).toEqual([401, 401, 401]);
    expect((await from('192.0.2.1', good)).status).toBe(429);
  });

  test('do not count any more after a minute', async () => {
    await statusesOf(() => guess('192.0.2.1'), 5);
    api.now += 60_000;
    ofAddress.counts.clear();
    expect((await from('192.0.2.1', await partner.headers(api))).status).toBe(200);
    expect(ofAddress.counts.size, 'the successful attempt does not count').toBe(0);
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
    ['2001:db8::1', '2001:0db8:0:0:1::'],
    ['::1', '0:0:0:0:9::'],
  ])('count together for addresses of one IPv6 network: %s and %s', async (one, another) => {
    await statusesOf(() => guess(one), 3);
    expect((await guess(another)).status).toBe(429);
    expect((await guess('2001:db8:1:3::1')).status).toBe(401);
  });

  test('count each if they are sent at the same time', async () => {
    const statuses = await Promise.all(Array.from({ length: 8 }, () => guess('192.0.2.1')));
    expect(statuses.filter(({ status }) => status === 401)).toHaveLength(3);
  });
});

describe.each([
  ['client_secret_basic', basic],
  ['client_secret_post', post],
])('token requests with wrong secrets in %s', (name, proof) => {
  const wrong = () =>
    proof({ clientId: partner.clientId, clientSecret: newClientSecret(homes[0]) });
  const from = (address: string, { headers, form }: ClientProof) =>
    requestToken(api, { headers: { ...headers, 'cf-connecting-ip': address }, form });

  test('return 429 after ten attempts from one address, but not to the partner elsewhere', async () => {
    const d1 = new WatchedD1();
    useApi(new TestApi({ RATE_LIMITS: 'on', DB: d1.db, ADDRESS_LIMIT: new CountingLimit(10) }));
    const statuses = await statusesOf(() => from('192.0.2.66', wrong()), 10);
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(await d1.cost(() => statusesOf(() => from('192.0.2.66', wrong()), 10))).toBe(0);
    const counted = ['tokenRequests', 'refusedCredentials'] as const;
    await expectExceeded(await from('192.0.2.66', wrong()), 'refusedCredentials', counted);
    await expectExceeded(await from('192.0.2.66', proof(partner)), 'refusedCredentials', counted);
    const accepted = await from('192.0.2.1', proof(partner));
    expect(accepted.status).toBe(200);
    const both = policyHeader(['partner', 'tokenRequests']);
    expect(accepted.headers.get('ratelimit-policy')).toBe(both);
    expect((await api.get(TICKETS, partner)).status).toBe(200);
  });

  test('return 429 also with the limiter of the runtime', async () => {
    useApi(new TestApi({ RATE_LIMITS: 'on' }));
    const statuses = await statusesOf(() => from(name, wrong()), 21);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    // The requests may fall into two windows. One more than both windows allow must return 429.
    expect(statuses.at(-1)).toBe(429);
    expect((await from('192.0.2.1', proof(partner))).status).toBe(200);
  });

  test('do not include other errors of the token endpoint', async () => {
    const { headers, form } = proof(partner);
    for (const parameters of [{ scope: 'x' }, { grant_type: 'password' }]) {
      await requestToken(api, { headers, form }, parameters as never);
    }
    await requestToken(api, { headers: {}, form: {} });
    expect(ofAddress.counts.size).toBe(0);
  });
});

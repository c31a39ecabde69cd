import { env } from 'cloudflare:workers';
import { calculateJwkThumbprint } from 'jose';
import { expect, test } from 'vitest';
import { newSigningKey } from '../../../src/auth/signing-keys.ts';
import { TestApi, TICKETS } from '../../support/api.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { makePartner } from '../../support/partners.ts';
import { basic, requestToken, type Token } from '../../support/token-requests.ts';

interface KeySet {
  keys: Record<string, string>[];
}

const JWKS = '/.well-known/jwks.json';

test('the key set has the public half of each signing key, and nothing of the private one', async () => {
  const next = await newSigningKey();
  const { keys: present } = JSON.parse(env.SIGNING_KEYS) as KeySet;
  const signingKeys = { keys: [...present, next] };
  const api = new TestApi({ SIGNING_KEYS: JSON.stringify(signingKeys) });
  const response = await api.get(JWKS);
  expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  const { keys } = await response.json<KeySet>();
  expect(keys).toEqual(
    signingKeys.keys.map(({ kid, x, y }) => ({
      kty: 'EC',
      crv: 'P-256',
      kid,
      x,
      y,
      alg: 'ES256',
      use: 'sig',
    })),
  );
  const last = keys.at(-1) as Record<string, string>;
  expect(last.kid).toBe(await calculateJwkThumbprint(last as never));
});

test('a token of a key that no longer signs works while the key is in the set', async () => {
  const partner = await makePartner();
  const old = new TestApi();
  const { access_token } = await (await requestToken(old, basic(partner))).json<Token>();
  const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
  const next = await newSigningKey();
  const { keys: present } = JSON.parse(env.SIGNING_KEYS) as KeySet;
  const rotated = new TestApi({ SIGNING_KEYS: JSON.stringify({ keys: [next, ...present] }) });
  expect((await rotated.request('GET', TICKETS, { headers })).status).toBe(200);
  const retired = new TestApi({ SIGNING_KEYS: JSON.stringify({ keys: [next] }) });
  expect((await retired.request('GET', TICKETS, { headers })).status).toBe(401);
});

test('the metadata says where and how tokens are had (RFC 8414)', async () => {
  const api = new TestApi({ ISSUER: 'https://tickets.test/' });
  const response = await api.get('/.well-known/oauth-authorization-server');
  expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  expect(await response.json()).toEqual({
    issuer: 'https://tickets.test',
    token_endpoint: 'https://tickets.test/oauth2/token',
    jwks_uri: 'https://tickets.test/.well-known/jwks.json',
    service_documentation: 'https://tickets.test/docs',
    scopes_supported: ['prepared-tickets:read', 'prepared-tickets:write'],
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  });
});

test.each([JWKS, '/.well-known/oauth-authorization-server'])(
  '%s needs no credentials and no database',
  async (path) => {
    const d1 = new WatchedD1();
    const api = new TestApi({ DB: d1.db });
    expect((await api.get(path)).status).toBe(200);
    expect(d1.calls).toBe(0);
  },
);

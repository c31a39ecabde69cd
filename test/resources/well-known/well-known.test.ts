import { env } from 'cloudflare:workers';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { WatchedD1 } from '../../support/d1.ts';

const JWKS = '/.well-known/jwks.json';

test.each(['A', 'B'])(
  'the key set contains only the public half of each key, and first the key that signs (%s)',
  async (signer) => {
    const api = new TestApi({ SIGNER: signer });
    const response = await api.get(JWKS);
    expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    const a = JSON.parse(env.SIGNING_KEY_A) as JWK;
    const b = JSON.parse(env.SIGNING_KEY_B) as JWK;
    const { keys } = await response.json<{ keys: JWK[] }>();
    expect(keys).toEqual(
      (signer === 'A' ? [a, b] : [b, a]).map(({ kid, x, y }) => ({
        kty: 'EC',
        crv: 'P-256',
        kid,
        x,
        y,
        alg: 'ES256',
        use: 'sig',
      })),
    );
    for (const key of keys) {
      expect(key.kid).toBe(await calculateJwkThumbprint(key));
    }
  },
);

test('the authorization server metadata describes the token endpoint (RFC 8414)', async () => {
  const api = new TestApi({ ISSUER: 'https://tickets.test/' });
  const response = await api.get('/.well-known/oauth-authorization-server');
  expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  expect(await response.json()).toEqual({
    issuer: 'https://tickets.test',
    token_endpoint: 'https://tickets.test/oauth2/token',
    jwks_uri: 'https://tickets.test/.well-known/jwks.json',
    service_documentation: 'https://tickets.test/docs',
    scopes_supported: [
      'prepared-tickets:read',
      'prepared-tickets:write',
      'prepared-tickets:pick-up',
      'events:read',
      'webhooks:manage',
      'credentials:manage',
    ],
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  });
});

test.each([JWKS, '/.well-known/oauth-authorization-server'])(
  '%s requires neither credentials nor the database',
  async (path) => {
    const d1 = new WatchedD1();
    const api = new TestApi({ DB: d1.db });
    expect((await api.get(path)).status).toBe(200);
    expect(d1.calls).toBe(0);
  },
);

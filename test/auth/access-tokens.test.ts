import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  ACCESS_TOKEN_LIFETIME_S,
  type AccessToken,
  issueAccessToken,
  verifyAccessToken,
} from '../../src/auth/access-tokens.ts';
import { importSigningKeys, newSigningKey, publicKey } from '../../src/auth/signing-keys.ts';
import { partnerIdOfOperator } from '../../src/db/partner-id.ts';

const ISSUER = 'https://api.test';
const NOW = Date.parse('2026-03-01T12:00:00.750Z');
const SECONDS = Math.floor(NOW / 1000);
const SCOPE = 'prepared-tickets:read prepared-tickets:write';

const jwk = await newSigningKey();
const keys = await importSigningKeys({ keys: [jwk] });
const strangers = await importSigningKeys({ keys: [{ ...(await newSigningKey()), kid: jwk.kid }] });

const header = { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid };
const payload = {
  iss: ISSUER,
  aud: ISSUER,
  sub: 'client',
  jti: 'token',
  iat: SECONDS,
  exp: SECONDS + ACCESS_TOKEN_LIFETIME_S,
  client_id: 'client',
  partner_id: 7,
  scope: SCOPE,
};

const issue = (lifetimeS?: number) =>
  issueAccessToken(keys, ISSUER, NOW, {
    clientId: 'client',
    partnerId: 7,
    scope: SCOPE,
    tokenId: 'token',
    lifetimeS,
  });

/** The verified form of `payload`, and of a token from `issue`. */
const accepted: AccessToken = {
  isOwn: true,
  clientId: 'client',
  partnerId: partnerIdOfOperator(7),
  scopes: new Set(['prepared-tickets:read', 'prepared-tickets:write']),
  issuedAt: payload.iat * 1000,
  expiresAt: payload.exp * 1000,
};

const verify = (token: string, now = NOW) => verifyAccessToken(keys, ISSUER, now, token);

/** Signs a token with changed claims and headers; an undefined one is removed. */
function signed(
  claims: Record<string, unknown>,
  headers: Record<string, unknown> = {},
  key: CryptoKey | Uint8Array = keys.signer.key,
): Promise<string> {
  return new SignJWT({ ...payload, ...claims })
    .setProtectedHeader({ ...header, ...headers } as JWTHeaderParameters)
    .sign(key);
}

const encoded = (value: object) =>
  btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

describe('issueAccessToken', () => {
  test('signs exactly the header and claims of RFC 9068', async () => {
    const token = await issue();
    expect(decodeProtectedHeader(token)).toEqual(header);
    expect(decodeJwt(token)).toEqual(payload);
  });

  test('limits the lifetime to 3600 seconds and rounds a shorter one down to whole seconds', async () => {
    expect(ACCESS_TOKEN_LIFETIME_S).toBe(3600);
    for (const [asked, given] of [
      [1, 1],
      [59.9, 59],
      [3600, 3600],
      [3601, 3600],
      [Infinity, 3600],
    ] as const) {
      expect(decodeJwt(await issue(asked)).exp, String(asked)).toBe(SECONDS + given);
    }
  });
});

describe('verifyAccessToken', () => {
  test('accepts a token of issueAccessToken and returns its claims', async () => {
    expect(await verify(await issue())).toEqual(accepted);
    expect(await verify(await signed({}))).toEqual(accepted);
  });

  test('ignores unknown scopes', async () => {
    const scope = 'prepared-tickets:read admin  constructor';
    expect(await verify(await signed({ scope }))).toEqual({
      ...accepted,
      scopes: new Set(['prepared-tickets:read']),
    });
    expect(await verify(await signed({ scope: '' }))).toEqual({ ...accepted, scopes: new Set() });
  });

  test('accepts a token until exp and returns expired from then on', async () => {
    const token = await issue();
    expect(await verify(token, payload.exp * 1000 - 1)).toEqual(accepted);
    expect(await verify(token, payload.exp * 1000)).toBe('expired');
    expect(await verify(token, payload.exp * 1000 + 86_400_000)).toBe('expired');
  });

  test('accepts typ in any case, with or without application/ (RFC 9068 §4, RFC 7515 §4.1.9)', async () => {
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt']) {
      expect(await verify(await signed({}, { typ })), typ).toEqual(accepted);
    }
  });

  test('rejects a token whose nbf is in the future', async () => {
    expect(await verify(await signed({ nbf: SECONDS }))).toEqual(accepted);
    expect(await verify(await signed({ nbf: SECONDS + 60 }))).toBe('invalid');
  });

  const AFTER_EXPIRY = (payload.exp + 1) * 1000;

  test.each([
    ['another issuer', { iss: 'https://evil.test' }],
    ['the issuer with a slash', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'https://other.test' }],
    ['an empty audience', { aud: [] }],
    ['no audience', { aud: undefined }],
    ['no exp', { exp: undefined }],
    ['exp as a string', { exp: String(payload.exp) }],
    ['exp with a fraction', { exp: payload.exp + 0.5 }],
    ['exp before 1970', { exp: -1 }],
    ['no iat', { iat: undefined }],
    ['iat as a string', { iat: String(SECONDS) }],
    ['iat before 1970', { iat: -1 }],
    ['no sub', { sub: undefined }],
    ['sub as an array', { sub: ['client'] }],
    ['no jti', { jti: undefined }],
    ['jti as a number', { jti: 1 }],
    ['no client_id', { client_id: undefined }],
    ['client_id as a number', { client_id: 1 }],
    ['no partner_id', { partner_id: undefined }],
    ['partner_id as a string', { partner_id: '7' }],
    ['partner_id with a fraction', { partner_id: 7.5 }],
    ['partner_id null', { partner_id: null }],
    ['no scope', { scope: undefined }],
    ['scope as an array', { scope: SCOPE.split(' ') }],
    ['nbf as a string', { nbf: String(SECONDS) }],
  ])('rejects %s as invalid, even after it has expired', async (_fault, claims) => {
    const token = await signed(claims);
    expect(await verify(token)).toBe('invalid');
    expect(await verify(token, AFTER_EXPIRY)).toBe('invalid');
  });

  test.each([
    ['the typ of an ID token', { typ: 'JWT' }],
    ['no typ', { typ: undefined }],
    ['an unknown kid', { kid: 'other' }],
    ['no kid', { kid: undefined }],
    ['a kid that every object inherits', { kid: '__proto__' }],
    ['an unsupported critical header', { crit: ['x'], x: 1 }],
  ])('rejects %s as invalid, even after it has expired', async (_fault, headers) => {
    const key = keys.signer.key;
    const token = await new SignJWT(payload)
      .setProtectedHeader({ ...header, ...headers } as JWTHeaderParameters)
      .sign(key, { crit: { x: true } });
    expect(await verify(token)).toBe('invalid');
    expect(await verify(token, AFTER_EXPIRY)).toBe('invalid');
  });

  test('rejects a token with a kid of this API that another key signed', async () => {
    const token = await signed({}, {}, strangers.signer.key);
    expect(await verify(token)).toBe('invalid');
    expect(await verify(token, AFTER_EXPIRY)).toBe('invalid');
  });

  test('rejects a token that embeds its own key', async () => {
    const stranger = await newSigningKey();
    const { signer } = await importSigningKeys({ keys: [stranger] });
    const token = await signed({}, { kid: stranger.kid, jwk: publicKey(stranger) }, signer.key);
    expect(await verify(token)).toBe('invalid');
  });

  test.each(['none', 'None', 'NONE'])('rejects alg %s', async (alg) => {
    expect(await verify(`${encoded({ ...header, alg })}.${encoded(payload)}.`)).toBe('invalid');
    const [, claims, signature] = (await issue()).split('.');
    expect(await verify(`${encoded({ ...header, alg })}.${claims}.${signature}`)).toBe('invalid');
  });

  test('rejects HS256 with public information as the secret', async () => {
    for (const secret of [JSON.stringify(publicKey(jwk)), jwk.x, jwk.kid]) {
      const key = new TextEncoder().encode(secret.padEnd(32));
      expect(await verify(await signed({}, { alg: 'HS256' }, key))).toBe('invalid');
    }
  });

  test('rejects an empty signature and a signature of zeros', async () => {
    const [head, claims] = (await issue()).split('.');
    expect(await verify(`${head}.${claims}.`)).toBe('invalid');
    expect(await verify(`${head}.${claims}.${'A'.repeat(86)}`)).toBe('invalid');
  });

  test('rejects a token with any one character changed', async () => {
    const token = await issue();
    const position = fc.oneof(fc.nat({ max: token.length - 1 }), fc.constant(token.length - 1));
    const character = fc.constantFrom(
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+ ',
    );
    await fc.assert(
      fc.asyncProperty(position, character, async (at, other) => {
        fc.pre(token[at] !== other);
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        expect(await verify(changed)).toBe('invalid');
      }),
      { numRuns: 300 },
    );
  });

  test('rejects any other text and never throws', async () => {
    const token = await issue();
    const [head, claims] = token.split('.');
    const texts = ['', '.', '..', '...', 'x', `${head}.${claims}`, `${token}.`, `${token}.x`];
    for (const text of [...texts, encoded({}), 'é.é.é', '\0', 'a'.repeat(100_000)]) {
      expect(await verify(text)).toBe('invalid');
    }
  });

  test('rejects a token of more than 4096 characters', async () => {
    expect(await verify(await signed({ pad: 'x'.repeat(4096) }))).toBe('invalid');
  });
});

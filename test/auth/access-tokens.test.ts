import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  ACCESS_TOKEN_LIFETIME,
  issueAccessToken,
  verifyAccessToken,
} from '../../src/auth/access-tokens.ts';
import { importSigningKeys, newSigningKey, publicKey } from '../../src/auth/signing-keys.ts';

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
  exp: SECONDS + ACCESS_TOKEN_LIFETIME,
  client_id: 'client',
  partner_id: 7,
  scope: SCOPE,
};

const issue = () =>
  issueAccessToken(keys, ISSUER, NOW, {
    clientId: 'client',
    partnerId: 7,
    scope: SCOPE,
    tokenId: 'token',
  });

const verify = (token: string, now = NOW) => verifyAccessToken(keys, ISSUER, now, token);

/** A token with other claims and headers, signed with our key. An undefined one is left out. */
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

  test('gives tokens of 3600 seconds', () => {
    expect(ACCESS_TOKEN_LIFETIME).toBe(3600);
  });
});

describe('verifyAccessToken', () => {
  test('reads what was issued', async () => {
    expect(await verify(await issue())).toEqual({
      clientId: 'client',
      partnerId: 7,
      scopes: new Set(['prepared-tickets:read', 'prepared-tickets:write']),
      expiresAt: payload.exp * 1000,
    });
    expect(await verify(await signed({}))).toBeDefined();
  });

  test('reads the scopes that it knows and leaves out others', async () => {
    const scope = 'prepared-tickets:read admin  constructor';
    expect((await verify(await signed({ scope })))?.scopes).toEqual(
      new Set(['prepared-tickets:read']),
    );
    expect((await verify(await signed({ scope: '' })))?.scopes).toEqual(new Set());
  });

  test('takes a token until the second in which it expires', async () => {
    const token = await issue();
    expect(await verify(token, payload.exp * 1000 - 1)).toBeDefined();
    expect(await verify(token, payload.exp * 1000)).toBeUndefined();
    expect(await verify(token, payload.exp * 1000 + 86_400_000)).toBeUndefined();
  });

  test('takes nbf that has passed, and none to come', async () => {
    expect(await verify(await signed({ nbf: SECONDS }))).toBeDefined();
    expect(await verify(await signed({ nbf: SECONDS + 60 }))).toBeUndefined();
  });

  test.each([
    ['another issuer', { iss: 'https://evil.test' }],
    ['the issuer with a slash', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'https://other.test' }],
    ['an empty audience', { aud: [] }],
    ['no audience', { aud: undefined }],
    ['no exp', { exp: undefined }],
    ['exp as text', { exp: String(payload.exp) }],
    ['exp with a fraction', { exp: payload.exp + 0.5 }],
    ['no iat', { iat: undefined }],
    ['no sub', { sub: undefined }],
    ['no jti', { jti: undefined }],
    ['no client_id', { client_id: undefined }],
    ['client_id as number', { client_id: 1 }],
    ['no partner_id', { partner_id: undefined }],
    ['partner_id as text', { partner_id: '7' }],
    ['partner_id with a fraction', { partner_id: 7.5 }],
    ['partner_id of null', { partner_id: null }],
    ['no scope', { scope: undefined }],
    ['scope as list', { scope: SCOPE.split(' ') }],
  ])('refuses %s', async (_fault, claims) => {
    expect(await verify(await signed(claims))).toBeUndefined();
  });

  test.each([
    ['the typ of an ID token', { typ: 'JWT' }],
    ['no typ', { typ: undefined }],
    ['an unknown kid', { kid: 'other' }],
    ['no kid', { kid: undefined }],
    ['a kid that every object has', { kid: '__proto__' }],
    ['a critical header that nobody knows', { crit: ['x'], x: 1 }],
  ])('refuses %s', async (_fault, headers) => {
    const key = keys.signer.key;
    const token = await new SignJWT(payload)
      .setProtectedHeader({ ...header, ...headers } as JWTHeaderParameters)
      .sign(key, { crit: { x: true } });
    expect(await verify(token)).toBeUndefined();
  });

  test("refuses a signature of a stranger's key under our kid", async () => {
    const token = await signed({}, {}, strangers.signer.key);
    expect(await verify(token)).toBeUndefined();
  });

  test('refuses a key that the token brings along', async () => {
    const stranger = await newSigningKey();
    const { signer } = await importSigningKeys({ keys: [stranger] });
    const token = await signed({}, { kid: stranger.kid, jwk: publicKey(stranger) }, signer.key);
    expect(await verify(token)).toBeUndefined();
  });

  test.each(['none', 'None', 'NONE'])('refuses alg %s', async (alg) => {
    expect(await verify(`${encoded({ ...header, alg })}.${encoded(payload)}.`)).toBeUndefined();
    const [, claims, signature] = (await issue()).split('.');
    expect(await verify(`${encoded({ ...header, alg })}.${claims}.${signature}`)).toBeUndefined();
  });

  test('refuses HS256 keyed with what is public', async () => {
    for (const secret of [JSON.stringify(publicKey(jwk)), jwk.x, jwk.kid]) {
      const key = new TextEncoder().encode(secret.padEnd(32));
      expect(await verify(await signed({}, { alg: 'HS256' }, key))).toBeUndefined();
    }
  });

  test('refuses an empty signature, and one of zeros', async () => {
    const [head, claims] = (await issue()).split('.');
    expect(await verify(`${head}.${claims}.`)).toBeUndefined();
    expect(await verify(`${head}.${claims}.${'A'.repeat(86)}`)).toBeUndefined();
  });

  test('refuses a token with one character changed, wherever it is', async () => {
    const token = await issue();
    // The last character of the signature carries bits that mean nothing.
    const position = fc.nat({ max: token.length - 2 });
    const character = fc.constantFrom(...'ABCxyz019-_.=+ ');
    await fc.assert(
      fc.asyncProperty(position, character, async (at, other) => {
        fc.pre(token[at] !== other);
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        expect(await verify(changed)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('refuses what is no token, and never throws', async () => {
    const token = await issue();
    const [head, claims] = token.split('.');
    const texts = ['', '.', '..', '...', 'x', `${head}.${claims}`, `${token}.`, `${token}.x`];
    for (const text of [...texts, encoded({}), 'é.é.é', '\0', 'a'.repeat(100_000)]) {
      expect(await verify(text)).toBeUndefined();
    }
  });

  test('refuses a token that is longer than any of ours', async () => {
    expect(await verify(await signed({ pad: 'x'.repeat(4096) }))).toBeUndefined();
  });
});

import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { issueAccessToken, verifyAccessToken } from '../../src/auth/access-tokens.ts';
import {
  importSigningKeys,
  newSigningKey,
  privateKey,
  publicKey,
  UnusableKey,
} from '../../src/auth/signing-keys.ts';

const ISSUER = 'https://api.test';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const grant = { clientId: 'client', partnerId: 1, scope: '', tokenId: 'token' };

const key = await newSigningKey();

describe('newSigningKey', () => {
  test('returns a private P-256 key whose kid is its thumbprint', async () => {
    expect(privateKey.parse(key)).toEqual(key);
    expect(key.kid).toBe(await calculateJwkThumbprint({ ...key }));
  });

  test('returns a different key each time', async () => {
    const other = await newSigningKey();
    expect(other.kid).not.toBe(key.kid);
    expect(other.d).not.toBe(key.d);
  });
});

describe('publicKey', () => {
  test('does not contain the private half', () => {
    expect(publicKey(key)).toEqual({
      kty: 'EC',
      crv: 'P-256',
      kid: key.kid,
      x: key.x,
      y: key.y,
      alg: 'ES256',
      use: 'sig',
    });
    expect(JSON.stringify(publicKey(key))).not.toContain(key.d);
  });
});

describe('privateKey', () => {
  test.each([
    ['a key set', { keys: [key] }],
    ['a list', [key]],
    ['a public key', publicKey(key)],
    ['a key without kid', { ...key, kid: undefined }],
    ['an empty kid', { ...key, kid: '' }],
    ['another key type', { ...key, kty: 'RSA' }],
    ['another curve', { ...key, crv: 'P-384' }],
    ['a short private half', { ...key, d: key.d.slice(1) }],
    ['base64 that is not base64url', { ...key, x: `+/${key.x.slice(2)}` }],
    ['an empty coordinate', { ...key, y: '' }],
    ['a string', JSON.stringify(key)],
    ['undefined', undefined],
  ])('rejects %s', (_what, value) => {
    expect(privateKey.safeParse(value).success).toBe(false);
  });
});

describe('importSigningKeys', () => {
  test('signs with the first key and verifies with every key', async () => {
    const old = await newSigningKey();
    const keys = await importSigningKeys({ keys: [key, old] });
    expect(keys.signer.kid).toBe(key.kid);
    expect([...keys.verifiers.keys()]).toEqual([key.kid, old.kid]);
    const both = await Promise.all(
      [await importSigningKeys({ keys: [old] }), keys].map((signing) =>
        issueAccessToken(signing, ISSUER, NOW, grant),
      ),
    );
    for (const token of both) {
      expect(await verifyAccessToken(keys, ISSUER, NOW, token)).toMatchObject({ isOwn: true });
    }
  });

  test('rejects the tokens of a removed key', async () => {
    const token = await issueAccessToken(
      await importSigningKeys({ keys: [key] }),
      ISSUER,
      NOW,
      grant,
    );
    const others = await importSigningKeys({ keys: [await newSigningKey()] });
    expect(await verifyAccessToken(others, ISSUER, NOW, token)).toBe('invalid');
  });

  test('throws UnusableKey with the kid of an unusable key, first or second', async () => {
    const other = await newSigningKey();
    const halves = { ...other, d: key.d };
    const offTheCurve = { ...other, x: other.y };
    for (const fault of [halves, offTheCurve]) {
      for (const keys of [[fault, key] as const, [key, fault] as const]) {
        const refusal: unknown = await importSigningKeys({ keys }).catch((error) => error);
        expect(refusal).toBeInstanceOf(UnusableKey);
        expect(refusal).toHaveProperty('kid', other.kid);
      }
    }
  });

  test('imports the private half as not extractable', async () => {
    const { signer, verifiers } = await importSigningKeys({ keys: [key] });
    expect(signer.key.type).toBe('private');
    expect(signer.key.extractable).toBe(false);
    expect(signer.key.usages).toEqual(['sign']);
    expect(verifiers.get(key.kid)?.type).toBe('public');
    expect(verifiers.get(key.kid)?.usages).toEqual(['verify']);
  });
});

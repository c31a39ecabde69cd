import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { issueAccessToken, verifyAccessToken } from '../../src/auth/access-tokens.ts';
import {
  importSigningKeys,
  newSigningKey,
  privateKeySet,
  publicKey,
} from '../../src/auth/signing-keys.ts';

const ISSUER = 'https://api.test';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const grant = { clientId: 'client', partnerId: 1, scope: '', tokenId: 'token' };

const key = await newSigningKey();

describe('newSigningKey', () => {
  test('is a private P-256 key that is known by its thumbprint', async () => {
    expect(privateKeySet.parse({ keys: [key] })).toEqual({ keys: [key] });
    expect(key.kid).toBe(await calculateJwkThumbprint({ ...key }));
  });

  test('is another one each time', async () => {
    const other = await newSigningKey();
    expect(other.kid).not.toBe(key.kid);
    expect(other.d).not.toBe(key.d);
  });
});

describe('publicKey', () => {
  test('shows nothing of the private half', () => {
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

describe('privateKeySet', () => {
  test.each([
    ['no keys', { keys: [] }],
    ['a key alone', key],
    ['a list alone', [key]],
    ['a public key', { keys: [publicKey(key)] }],
    ['a key without kid', { keys: [{ ...key, kid: undefined }] }],
    ['an empty kid', { keys: [{ ...key, kid: '' }] }],
    ['another type of key', { keys: [{ ...key, kty: 'RSA' }] }],
    ['another curve', { keys: [{ ...key, crv: 'P-384' }] }],
    ['a short private half', { keys: [{ ...key, d: key.d.slice(1) }] }],
    ['base64 that is not for URLs', { keys: [{ ...key, x: `+/${key.x.slice(2)}` }] }],
    ['one bad key among good ones', { keys: [key, { ...key, y: '' }] }],
    ['text', JSON.stringify({ keys: [key] })],
    ['nothing', undefined],
  ])('refuses %s', (_what, value) => {
    expect(privateKeySet.safeParse(value).success).toBe(false);
  });
});

describe('importSigningKeys', () => {
  test('signs with the first key and verifies with each', async () => {
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
      expect(await verifyAccessToken(keys, ISSUER, NOW, token)).toMatchObject({ ours: true });
    }
  });

  test('refuses the tokens of a key that was taken out', async () => {
    const token = await issueAccessToken(
      await importSigningKeys({ keys: [key] }),
      ISSUER,
      NOW,
      grant,
    );
    const others = await importSigningKeys({ keys: [await newSigningKey()] });
    expect(await verifyAccessToken(others, ISSUER, NOW, token)).toBe('invalid');
  });

  test('does not let the private half out again', async () => {
    const { signer, verifiers } = await importSigningKeys({ keys: [key] });
    expect(signer.key.type).toBe('private');
    expect(signer.key.extractable).toBe(false);
    expect(signer.key.usages).toEqual(['sign']);
    expect(verifiers.get(key.kid)?.type).toBe('public');
    expect(verifiers.get(key.kid)?.usages).toEqual(['verify']);
  });
});

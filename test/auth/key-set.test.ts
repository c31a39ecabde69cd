import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RemoteUnavailable } from '../../src/auth/remote-document.ts';
import { TrustedIssuers, trustedIssuers } from '../../src/auth/trusted-issuers.ts';
import { START } from '../support/api.ts';
import {
  IdentityProvider,
  newProviderKey,
  type ProviderKey,
} from '../support/identity-provider.ts';
import { type Answer, TestWorld } from '../support/remote-source.ts';

const MINUTE = 60_000;

const ecKey = await newProviderKey('ec');
const newKey = await newProviderKey('new');
const otherKey = await newProviderKey('ec');

let world: TestWorld;
let provider: IdentityProvider;
let other: IdentityProvider;

beforeEach(() => {
  world = new TestWorld();
  provider = new IdentityProvider(world, 'https://garage.test', ecKey);
  other = new IdentityProvider(world, 'https://insurer.test', otherKey);
});

const trust = (...list: unknown[]) => new TrustedIssuers(trustedIssuers.parse(list));

/** Verifies a token while `provider`, with changed settings, and `other` are trusted. */
async function verify(token: string | Promise<string>, changes: Record<string, unknown> = {}) {
  const issuers = trust(
    provider.settings(changes),
    other.settings({ partners: { garage: 9, insurer: 9 } }),
  );
  return issuers.verify(await token, world);
}

const verified = { isOwn: false, partnerId: 7, expiresAt: START + 5 * MINUTE };

describe('a key set ignores', () => {
  const changed = (jwk: object): ProviderKey => ({ ...ecKey, jwk: { ...ecKey.jwk, ...jwk } });

  test.each<[string, ProviderKey]>([
    ['for encryption', changed({ use: 'enc' })],
    ['for other operations', changed({ key_ops: ['deriveKey'] })],
    ['on an unsupported curve', changed({ crv: 'secp256k1' })],
    ['whose private half is public', changed({ d: 'AAAA' })],
    ['that is symmetric', changed({ kty: 'oct', k: 'AAAA' })],
    ['that is not an object', { ...ecKey, jwk: null as never }],
  ])('a key %s', async (_what, key) => {
    const token = await provider.token({ key: ecKey });
    const unnamed = await provider.token({ key: ecKey, header: { kid: undefined } });
    expect(await verify(token)).toMatchObject(verified);
    provider.publish(key);
    expect(await verify(token)).toBe('invalid');
    expect(await verify(unnamed)).toBe('invalid');
    // The ignored key must not hide a usable one.
    provider.publish(key, ecKey);
    expect(await verify(token)).toMatchObject(verified);
    expect(await verify(unnamed)).toMatchObject(verified);
  });

  test('a key for another algorithm', async () => {
    provider.publish(changed({ alg: 'ES384' }));
    expect(await verify(provider.token({ key: ecKey }))).toBe('invalid');
    provider.publish(changed({ alg: undefined }));
    expect(await verify(provider.token({ key: ecKey }))).toMatchObject(verified);
  });

  test('an RSA key below 2048 bits', async () => {
    const pair = (await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
      },
      true,
      ['sign', 'verify'],
    )) as CryptoKeyPair;
    const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey;
    const short: ProviderKey = {
      pair,
      alg: 'RS256',
      jwk: { kty: 'RSA', n: jwk.n, e: jwk.e, kid: 'short' },
    };
    provider.publish(short, ecKey);
    expect(await verify(provider.forge({ key: short }))).toBe('invalid');
    // An ignored key does not make a token without `kid` ambiguous.
    const token = await provider.token({ key: ecKey, header: { kid: undefined } });
    expect(await verify(token)).toMatchObject(verified);
  });

  test('two keys with the same kid', async () => {
    provider.publish(ecKey, otherKey);
    expect(await verify(provider.token())).toBe('invalid');
  });

  test('every key if there are more than fifty', async () => {
    provider.publish(ecKey, ...Array(49).fill(newKey));
    expect(await verify(provider.token())).toMatchObject(verified);
    provider.publish(ecKey, ...Array(50).fill(newKey));
    await expect(verify(provider.token())).rejects.toThrow('garage.test: invalid document');
  });
});

describe('the keys of a provider', () => {
  test('are fetched once for many tokens', async () => {
    const issuers = trust(provider.settings());
    const token = await provider.token();
    const all = await Promise.all(Array.from({ length: 50 }, () => issuers.verify(token, world)));
    for (const one of all) {
      expect(one).toMatchObject(verified);
    }
    expect(provider.source.fetches).toBe(1);
    expect(new Headers(provider.source.asked[0]?.headers).get('accept')).toContain('jwk-set+json');
  });

  test('are fetched again for a new kid and after ten minutes', async () => {
    const issuers = trust(provider.settings());
    const old = await provider.token();
    await issuers.verify(old, world);
    world.time += MINUTE;
    provider.publish(newKey, ecKey);
    expect(await issuers.verify(await provider.token(), world)).toMatchObject({ partnerId: 7 });
    expect(await issuers.verify(old, world)).toMatchObject(verified);
    provider.publish(newKey);
    world.time += MINUTE;
    expect(await issuers.verify(old, world)).toMatchObject(verified);
    world.time += 9 * MINUTE;
    const late = await provider.token({ key: ecKey });
    expect(await issuers.verify(late, world)).toBe('invalid');
    expect(provider.source.fetches).toBe(3);
  });

  test('are not fetched again for invented kids within the cool-down', async () => {
    const issuers = trust(provider.settings());
    const good = await provider.token();
    for (let i = 0; i < 20; i++) {
      const token = await provider.token({ header: { kid: `made-up-${i}` } });
      expect(await issuers.verify(token, world)).toBe('invalid');
    }
    expect(provider.source.fetches).toBe(1);
    expect(await issuers.verify(good, world)).toMatchObject(verified);
    world.time += MINUTE / 2;
    const token = await provider.token({ header: { kid: 'made-up' } });
    await Promise.all([1, 2, 3].map(() => issuers.verify(token, world)));
    expect(provider.source.fetches).toBe(2);
  });

  test.each<Answer>(['is out of reach', 'has a fault', 'redirects', 'is no JSON', 'is huge'])(
    'are unavailable, rather than the token invalid, if their source %s',
    async (answer) => {
      provider.source.answer = answer;
      await expect(verify(provider.token())).rejects.toBeInstanceOf(RemoteUnavailable);
    },
  );

  test('remain usable for 70 minutes while their source is unavailable', async () => {
    const issuers = trust(provider.settings());
    await issuers.verify(await provider.token(), world);
    provider.source.answer = 'has a fault';
    world.time += 69 * MINUTE;
    expect(await issuers.verify(await provider.token(), world)).toMatchObject({ partnerId: 7 });
    world.time += MINUTE;
    await expect(issuers.verify(await provider.token(), world)).rejects.toThrow(
      'garage.test: status 500',
    );
  });

  test.each<Answer>(['is deaf', 'has a fault'])(
    'of another provider are not delayed by a source that %s',
    async (answer) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const issuers = trust(provider.settings(), other.settings());
      provider.source.answer = answer;
      const down = issuers.verify(await provider.token(), world).catch((error: unknown) => error);
      // Fake timers have not advanced, so this verification did not wait for one.
      expect(await issuers.verify(await other.token(), world)).toMatchObject({ partnerId: 7 });
      await vi.advanceTimersByTimeAsync(5000);
      expect(await down).toBeInstanceOf(RemoteUnavailable);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  homeNameOfClientSecret,
  isWellFormedApiKey,
  isWellFormedClientSecret,
  newApiKey,
  newClientSecret,
  sha256,
} from '../../src/auth/secrets.ts';
import { MAIN_HOME } from '../../src/homes.ts';
import { examples } from '../support/thorough.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const keys = fc.constantFrom('live' as const, 'test' as const).map((kind) => newApiKey(kind));

describe('newApiKey', () => {
  test('returns a prefix, 43 random base62 characters and a checksum of 6 characters', () => {
    expect(newApiKey('live')).toMatch(/^ptk_live_[0-9A-Za-z]{49}$/);
    expect(newApiKey('test')).toMatch(/^ptk_test_[0-9A-Za-z]{49}$/);
  });

  test('returns a different key each time', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newApiKey('live'))).size).toBe(1000);
  });

  test('uses every digit equally often', () => {
    const text = Array.from({ length: 500 }, () => newApiKey('live').slice(9, -6)).join('');
    const counts = new Map([...BASE62].map((digit) => [digit, 0]));
    for (const digit of text) {
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    // A deviation of six sigma occurs by chance once in a thousand million runs.
    const margin = (p: number) => 6 * Math.sqrt(text.length * p * (1 - p));
    for (const count of counts.values()) {
      expect(Math.abs(count - text.length / 62)).toBeLessThan(margin(1 / 62));
    }
    // A byte modulo 62 would make the first eight digits a fifth more likely.
    const first = [...BASE62.slice(0, 8)].reduce((sum, digit) => sum + (counts.get(digit) ?? 0), 0);
    expect(Math.abs(first - (text.length * 8) / 62)).toBeLessThan(margin(8 / 62));
  });
});

describe('isWellFormedApiKey', () => {
  test('accepts every key that newApiKey returns', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(isWellFormedApiKey(key)).toBe(true);
      }),
    );
  });

  test.each([
    [`ptk_test_${'0'.repeat(43)}`, '1pJwIw'],
    [`ptk_live_${'z'.repeat(43)}`, '0TIEn1'],
  ])('expects the CRC-32 of zip in base62: %s', (body, checksum) => {
    expect(isWellFormedApiKey(body + checksum)).toBe(true);
  });

  test('rejects a key with any one character changed', () => {
    const character = fc.oneof(
      fc.constantFrom(...BASE62, '_', '-', ' ', '\n', '\0'),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    );
    fc.assert(
      fc.property(keys, fc.nat({ max: 57 }), character, (key, at, other) => {
        fc.pre(key[at] !== other);
        expect(isWellFormedApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
      }),
      { numRuns: examples(1000) },
    );
  });

  test('rejects a key with two adjacent characters swapped', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 9, max: 50 }), (key, at) => {
        fc.pre(key[at] !== key[at + 1]);
        const swapped = `${key.slice(0, at)}${key[at + 1]}${key[at]}${key.slice(at + 2)}`;
        expect(isWellFormedApiKey(swapped)).toBe(false);
      }),
      { numRuns: examples(500) },
    );
  });

  test('rejects a key of another length, case or prefix', () => {
    fc.assert(
      fc.property(keys, (key) => {
        for (const other of [
          '',
          key.slice(1),
          key.slice(0, -1),
          `${key}0`,
          ` ${key}`,
          `${key}\n`,
          `${key}${key}`,
          key.replace('ptk_', 'PTK_'),
          key.replace('ptk_', 'pts_'),
          key.replace(/live|test/, 'demo'),
        ]) {
          expect(isWellFormedApiKey(other)).toBe(false);
        }
      }),
    );
  });
});

describe('newClientSecret', () => {
  test('returns a prefix, 43 random base62 characters and a checksum, different each time', () => {
    expect(newClientSecret(MAIN_HOME)).toMatch(/^pts_[0-9A-Za-z]{49}$/);
    expect(newClientSecret(MAIN_HOME)).not.toBe(newClientSecret(MAIN_HOME));
  });

  test('names any other home than main in the prefix', () => {
    expect(newClientSecret({ name: 'eu' })).toMatch(/^pts_eu_[0-9A-Za-z]{49}$/);
    expect(newClientSecret({ name: 'abcd5678' })).toMatch(/^pts_abcd5678_[0-9A-Za-z]{49}$/);
  });
});

describe('homeNameOfClientSecret', () => {
  test.each([
    [newClientSecret(MAIN_HOME), 'main'],
    [newClientSecret({ name: 'eu' }), 'eu'],
    [`pts_nowhere1_${'x'.repeat(49)}`, 'nowhere1'],
    [`pts_${'x'.repeat(43)}`, 'main'],
    ['', 'main'],
    [' pts_eu_x', 'main'],
    ['pts_ninechars_x', 'main'],
    [newApiKey('live'), 'main'],
  ])('of %s is %s', (secret, name) => {
    expect(homeNameOfClientSecret(secret)).toBe(name);
  });
});

describe('isWellFormedClientSecret', () => {
  const secrets = fc.constant(MAIN_HOME).map(newClientSecret);

  test('accepts every secret that newClientSecret returns', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(isWellFormedClientSecret(secret)).toBe(true);
      }),
    );
  });

  test('accepts the secrets of other homes, whose checksum covers the name', () => {
    const secret = newClientSecret({ name: 'eu' });
    expect(isWellFormedClientSecret(secret)).toBe(true);
    for (const other of ['pts_us_', 'pts_', 'pts_EU_', 'pts__', 'pts_eu_eu_', 'pts_ninechars_']) {
      expect(isWellFormedClientSecret(secret.replace('pts_eu_', other))).toBe(false);
    }
  });

  test('rejects a well-formed secret with a wrong checksum', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.nat({ max: 48 }),
        fc.constantFrom(...BASE62),
        (secret, index, other) => {
          const at = index + 'pts_'.length;
          fc.pre(secret[at] !== other);
          const changed = secret.slice(0, at) + other + secret.slice(at + 1);
          expect(changed).toMatch(/^pts_[0-9A-Za-z]{49}$/);
          expect(isWellFormedClientSecret(changed)).toBe(false);
        },
      ),
    );
  });

  test('rejects an API key with a valid checksum, and an empty text', () => {
    expect(isWellFormedClientSecret(newApiKey('live'))).toBe(false);
    expect(isWellFormedClientSecret('')).toBe(false);
  });
});

describe('sha256', () => {
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['é', '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'],
  ])('of %j returns %s', async (text, hex) => {
    expect(await sha256(text)).toBe(hex);
  });
});

import fc from 'fast-check';
import { base64url } from 'jose';
import { describe, expect, test } from 'vitest';
import { isStrictJwt, readUnverifiedIssuer } from '../../src/auth/compact-jwt.ts';

const LIMIT = 4096;
const HEADER = '{"alg":"ES256"}';
const PAYLOAD = '{"iss":"https://api.test"}';

const jwt = (header: string | Uint8Array, payload: string | Uint8Array) =>
  [header, payload, new Uint8Array(64).fill(7)].map((part) => base64url.encode(part)).join('.');
const isStrict = (token: string) => isStrictJwt(token, LIMIT);
/** Encodes a text as Latin-1 bytes, with `~` as the byte 0xff. */
const bytes = (text: string) =>
  Uint8Array.from(text, (character) => (character === '~' ? 0xff : character.charCodeAt(0)));

/** Returns a member name with every character escaped. */
const escaped = (name: string) =>
  `"${Array.from({ length: name.length }, (_, i) => `\\u${name.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;

/** Ways to nest a JSON text in another one. */
const nests = [
  (inner: string) => `[${inner}]`,
  (inner: string) => `[{"x":1}, ${inner} ,{"x":1}]`,
  (inner: string) => `{"x": ${inner} }`,
  (inner: string) => `{"x":"}\\"{", "y" : ${inner}, "z":{"y":[]}}`,
];
const nested = fc
  .array(fc.constantFrom(...nests), { maxLength: 5 })
  .map((around) => (inner: string) => around.reduce((text, nest) => nest(text), inner));
const names = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('__proto__'));

describe('isStrictJwt', () => {
  const token = jwt(HEADER, PAYLOAD);
  const [header, payload, signature] = token.split('.') as [string, string, string];

  test('accepts a compact JWS', () => {
    expect(isStrict(token)).toBe(true);
    expect(isStrict(jwt(' { } ', '{\n"a": {"b":[{"b":1},{"b":1}]}, "b":"\\"a\\":1"}'))).toBe(true);
  });

  test('accepts a token of exactly the maximum length', () => {
    expect(isStrictJwt(token, token.length)).toBe(true);
    expect(isStrictJwt(token, token.length - 1)).toBe(false);
  });

  test.each([
    ['nothing', ''],
    ['dots', '..'],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.${signature}`],
    ['five parts', `${token}.${signature}.${signature}`],
    ['a leading dot', `.${token}`],
    ['a trailing dot', `${token}.`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['an empty signature', `${header}.${payload}.`],
    ['padding', `${token}==`],
    ['an impossible base64url length', token.slice(0, -1)],
    ['a trailing space', `${token} `],
    ['a trailing line break', `${token}\n`],
    ['a space in a part', `${header}.${payload.slice(0, 4)} ${payload.slice(4)}.${signature}`],
    ['the base64 alphabet', `${header}.${payload}.++//`],
    ['a non-ASCII character', `${header}.${payload}.\u017f${signature}`],
    ['JSON serialization', JSON.stringify({ protected: header, payload, signature })],
  ])('rejects %s', (_what, text) => {
    expect(isStrict(text)).toBe(false);
  });

  test.each([
    ['a text that is not JSON', 'x'],
    ['only a space', ' '],
    ['null', 'null'],
    ['an array', `[${PAYLOAD}]`],
    ['a string', '"x"'],
    ['a number', '1'],
    ['two objects', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a byte order mark', '\u00ef\u00bb\u00bf{}'],
    ['a byte that is invalid in UTF-8', '{"a":"~"}'],
    ['an encoded surrogate', '{"a":"\u00ed\u00a0\u0080"}'],
    ['a repeated name', '{"a":1,"a":1}'],
    ['a repeated name, once escaped', '{"a":1,"\\u0061":2}'],
    ['a repeated name, with spaces', '{"a" :1, "a"\t:\r\n2}'],
    ['a repeated name in a nested object', '{"a":[0,{"b":{"c":1,"c":2}}]}'],
    ['a repeated empty name', '{"":1,"":2}'],
    ['a repeated __proto__', '{"__proto__":{},"__proto__":{}}'],
  ])('rejects %s as a header and as a payload', (_what, text) => {
    expect(isStrict(jwt(bytes(text), PAYLOAD))).toBe(false);
    expect(isStrict(jwt(HEADER, bytes(text)))).toBe(false);
  });

  test('accepts any JSON objects', () => {
    const objects = fc.dictionary(names, fc.jsonValue({ noUnicodeString: false }));
    fc.assert(
      fc.property(objects, objects, (a, b) => {
        expect(isStrictJwt(jwt(JSON.stringify(a), JSON.stringify(b, null, 1)), Infinity)).toBe(
          true,
        );
      }),
    );
  });

  test('rejects a repeated name at any depth, however it is escaped', () => {
    const objects = fc.dictionary(names, fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(objects, nested, fc.nat(), fc.boolean(), (object, nest, pick, escapes) => {
        const all = Object.keys(object);
        const name = all[pick % all.length] as string;
        const spelled = escapes ? escaped(name) : JSON.stringify(name);
        const members = JSON.stringify(object).slice(1);
        const text = (first: string) => `{"deep":${nest(`{${first}:0,${members}`)}}`;
        expect(isStrictJwt(jwt(HEADER, text(spelled)), Infinity)).toBe(false);
        const fresh = escaped(`${all.join('')}x`);
        expect(isStrictJwt(jwt(HEADER, text(fresh)), Infinity)).toBe(true);
      }),
    );
  });

  test('accepts only the canonical encoding of the same bytes', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spaces = fc.nat({ max: 2 }).map((count) => ' '.repeat(count));
    fc.assert(
      fc.property(spaces, spaces, fc.nat({ max: 2 }), (a, b, at) => {
        const parts = jwt(HEADER + a, PAYLOAD + b).split('.');
        const part = parts[at] as string;
        for (const last of alphabet) {
          const other = part.slice(0, -1) + last;
          const same = `${base64url.decode(other)}` === `${base64url.decode(part)}`;
          if (other !== part && same) {
            expect(isStrict(parts.with(at, other).join('.'))).toBe(false);
          }
        }
      }),
    );
  });

  test('never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.string({ unit: 'binary' }).map((part) => base64url.encode(part))).map(String),
      fc.string().map((payloadText) => jwt(HEADER, payloadText)),
    );
    fc.assert(
      fc.property(text, (anything) => {
        expect(isStrict(anything)).toBeTypeOf('boolean');
        expect(readUnverifiedIssuer(anything)).toBeUndefined();
      }),
    );
    expect(isStrictJwt(jwt(HEADER, `{"a":${'['.repeat(50_000)}`), Infinity)).toBe(false);
    const deep = `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`;
    expect(isStrictJwt(jwt(HEADER, deep), Infinity)).toBe(true);
  });
});

describe('readUnverifiedIssuer', () => {
  test('returns the iss of a strict JWT', () => {
    expect(readUnverifiedIssuer(jwt(HEADER, PAYLOAD))).toBe('https://api.test');
  });

  test.each([
    ['without iss', '{}'],
    ['with an array', '{"iss":["https://api.test"]}'],
    ['with a number', '{"iss":1}'],
    ['with two', '{"iss":"https://api.test","iss":"https://evil.test"}'],
    ['that is too long', JSON.stringify({ iss: 'https://api.test', filler: 'x'.repeat(8192) })],
  ])('reads nothing of a JWT %s', (_what, payload) => {
    expect(readUnverifiedIssuer(jwt(HEADER, payload))).toBeUndefined();
  });

  test('returns undefined for a token that is not a strict JWT', () => {
    expect(readUnverifiedIssuer(`${jwt(HEADER, PAYLOAD)}=`)).toBeUndefined();
  });
});

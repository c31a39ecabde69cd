import { describe, expect, test } from 'vitest';
import { TrustedIssuers, trustedIssuers } from '../../src/auth/trusted-issuers.ts';

const trust = (...list: unknown[]) => new TrustedIssuers(trustedIssuers.parse(list));

describe('TRUSTED_ISSUERS', () => {
  const good = {
    issuer: 'https://garage.test',
    audience: 'https://api.test',
    jwks_uri: 'https://garage.test/keys',
    partner_claim: 'org',
    partners: { garage: 7 },
    scopes: { 'tickets.read': 'prepared-tickets:read' },
  };
  const accepts = (...list: unknown[]) => trustedIssuers.safeParse(list).success;

  test('can be empty, which trusts no issuer', () => {
    const issuers = trust();
    expect(issuers.trusts('https://garage.test')).toBe(false);
    expect(issuers.trusts('')).toBe(false);
  });

  test('fills in the defaults of an issuer', () => {
    expect(trustedIssuers.parse([good])).toEqual([
      {
        ...good,
        scopes: { 'tickets.read': ['prepared-tickets:read'] },
        scope_claim: 'scope',
        algorithms: ['RS256', 'ES256'],
        type: 'at+jwt',
      },
    ]);
    const issuers = trust(good);
    expect(issuers.trusts('https://garage.test')).toBe(true);
    expect(issuers.trusts('https://garage.test/')).toBe(false);
    expect(issuers.trusts('__proto__')).toBe(false);
  });

  test.each([
    ['an http URL of localhost for keys', { jwks_uri: 'http://localhost:8080/keys' }],
    ['an http URL of 127.0.0.1 for keys', { jwks_uri: 'http://127.0.0.1:8080/keys' }],
    ['every RSA algorithm', { algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] }],
    ['every elliptic-curve algorithm', { algorithms: ['ES256', 'ES384', 'ES512', 'EdDSA'] }],
    ['an array of scopes for one external scope', { scopes: { all: ['prepared-tickets:write'] } }],
    ['type JWT', { type: 'JWT' }],
  ])('accepts %s', (_what, changes) => {
    expect(accepts({ ...good, ...changes })).toBe(true);
  });

  test.each(Object.keys(good))('rejects an issuer without %s', (member) => {
    expect(accepts({ ...good, [member]: undefined })).toBe(false);
  });

  test.each<[string, object]>([
    ['a misspelled member', { algorithm: ['ES256'] }],
    ['an issuer that is not a URL', { issuer: 'garage' }],
    ['an empty audience', { audience: '' }],
    ['several audiences', { audience: ['https://api.test'] }],
    ['an http URL for keys', { jwks_uri: 'http://garage.test/keys' }],
    [
      'an http URL of a host that starts with localhost',
      { jwks_uri: 'http://localhost.evil.test/keys' },
    ],
    ['a data URL for keys', { jwks_uri: 'data:application/json,{"keys":[]}' }],
    ['an empty claim name', { partner_claim: '' }],
    ['partner 0', { partners: { garage: 0 } }],
    ['a partner id with a fraction', { partners: { garage: 1.5 } }],
    ['a partner id as a string', { partners: { garage: '7' } }],
    ['an unknown scope', { scopes: { 'tickets.read': 'prepared-tickets:admin' } }],
    ['an array with an unknown scope', { scopes: { all: ['prepared-tickets:read', 'x'] } }],
    ['a scope that every object inherits', { scopes: { all: 'constructor' } }],
    ['no algorithm', { algorithms: [] }],
    ['the algorithm none', { algorithms: ['none'] }],
    ['a symmetric algorithm', { algorithms: ['HS256'] }],
    ['an unknown type', { type: 'id_token+jwt' }],
  ])('rejects %s', (_what, changes) => {
    expect(accepts({ ...good, ...changes })).toBe(false);
  });

  test('rejects a repeated issuer and more than twenty issuers', () => {
    const issuers = Array.from({ length: 21 }, (_, i) => ({
      ...good,
      issuer: `https://i${i}.test`,
    }));
    expect(accepts(...issuers.slice(1))).toBe(true);
    expect(accepts(...issuers)).toBe(false);
    expect(accepts(good, { ...good, audience: 'another' })).toBe(false);
  });

  test('rejects a string and undefined', () => {
    expect(trustedIssuers.safeParse('[]').success).toBe(false);
    expect(trustedIssuers.safeParse(undefined).success).toBe(false);
  });
});

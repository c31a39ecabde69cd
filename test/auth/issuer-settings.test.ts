import { describe, expect, test } from 'vitest';
import { TrustedIssuers, trustedIssuers } from '../../src/auth/trusted-issuers.ts';

const trust = (...list: unknown[]) => new TrustedIssuers(trustedIssuers.parse(list));

describe('what the operator may write', () => {
  const good = {
    issuer: 'https://garage.test',
    audience: 'https://api.test',
    jwks_uri: 'https://garage.test/keys',
    partner_claim: 'org',
    partners: { garage: 7 },
    scopes: { 'tickets.read': 'prepared-tickets:read' },
  };
  const accepts = (...list: unknown[]) => trustedIssuers.safeParse(list).success;

  test('nothing, which trusts nobody', () => {
    const issuers = trust();
    expect(issuers.trusts('https://garage.test')).toBe(false);
    expect(issuers.trusts('')).toBe(false);
  });

  test('an issuer, with defaults for what it need not say', () => {
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
    ['keys of this machine', { jwks_uri: 'http://localhost:8080/keys' }],
    ['keys of this machine by its address', { jwks_uri: 'http://127.0.0.1:8080/keys' }],
    ['every algorithm', { algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] }],
    ['every other algorithm', { algorithms: ['ES256', 'ES384', 'ES512', 'EdDSA'] }],
    ['several of our scopes for one', { scopes: { all: ['prepared-tickets:write'] } }],
    ['tokens without a typ', { type: 'JWT' }],
  ])('%s', (_what, changes) => {
    expect(accepts({ ...good, ...changes })).toBe(true);
  });

  test.each(Object.keys(good))('nothing without %s', (member) => {
    expect(accepts({ ...good, [member]: undefined })).toBe(false);
  });

  test.each<[string, object]>([
    ['a member with a typo', { algorithm: ['ES256'] }],
    ['an issuer that is no URL', { issuer: 'garage' }],
    ['an empty audience', { audience: '' }],
    ['several audiences', { audience: ['https://api.test'] }],
    ['keys over plain http', { jwks_uri: 'http://garage.test/keys' }],
    ['keys of a name like this machine', { jwks_uri: 'http://localhost.evil.test/keys' }],
    ['keys in the text', { jwks_uri: 'data:application/json,{"keys":[]}' }],
    ['an empty claim', { partner_claim: '' }],
    ['partner 0', { partners: { garage: 0 } }],
    ['half a partner', { partners: { garage: 1.5 } }],
    ['a partner as a text', { partners: { garage: '7' } }],
    ['a scope that is not ours', { scopes: { 'tickets.read': 'prepared-tickets:admin' } }],
    ['a list with one that is not ours', { scopes: { all: ['prepared-tickets:read', 'x'] } }],
    ['a scope that every object has', { scopes: { all: 'constructor' } }],
    ['no algorithm', { algorithms: [] }],
    ['the algorithm none', { algorithms: ['none'] }],
    ['a symmetric algorithm', { algorithms: ['HS256'] }],
    ['another type', { type: 'id_token+jwt' }],
  ])('not %s', (_what, changes) => {
    expect(accepts({ ...good, ...changes })).toBe(false);
  });

  test('not one issuer twice, nor more than twenty', () => {
    const issuers = Array.from({ length: 21 }, (_, i) => ({
      ...good,
      issuer: `https://i${i}.test`,
    }));
    expect(accepts(...issuers.slice(1))).toBe(true);
    expect(accepts(...issuers)).toBe(false);
    expect(accepts(good, { ...good, audience: 'another' })).toBe(false);
  });

  test('not text, nor nothing at all', () => {
    expect(trustedIssuers.safeParse('[]').success).toBe(false);
    expect(trustedIssuers.safeParse(undefined).success).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { describeClient, mapScopes, resolvePartner } from '../../src/auth/issuer-claims.ts';
import { issuerSettings } from '../../src/auth/issuer-settings.ts';
import { IdentityProvider } from '../support/identity-provider.ts';
import { TestWorld } from '../support/remote-source.ts';

const provider = new IdentityProvider(new TestWorld(), 'https://garage.test');
const settings = (changes: object = {}) => issuerSettings.parse(provider.settings({ ...changes }));

describe('resolvePartner', () => {
  test.each<[unknown, number | undefined]>([
    ['garage', 7],
    ['12', 8],
    [12, 8],
    ['Garage', undefined],
    ['garage ', undefined],
    ['', undefined],
    ['insurer', undefined],
    [7, undefined],
    [12.5, undefined],
    [true, undefined],
    [null, undefined],
    [['garage'], undefined],
    [{ garage: 7 }, undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
    ['toString', undefined],
  ])('maps the claim %j to %j', (org, partnerId) => {
    expect(resolvePartner(settings(), { org })).toBe(partnerId);
  });

  test('ignores a number with a fraction', () => {
    const named = settings({ partners: { '12.5': 7 } });
    expect(resolvePartner(named, { org: 12.5 })).toBeUndefined();
    expect(resolvePartner(named, { org: '12.5' })).toBe(7);
  });

  test('reads the claim that the settings name', () => {
    const claim = 'https://garage.test/organisation';
    const named = settings({ partner_claim: claim });
    expect(resolvePartner(named, { org: '12', [claim]: 'garage' })).toBe(7);
    expect(resolvePartner(named, { org: '12' })).toBeUndefined();
  });

  test('reads an own claim named __proto__ and no inherited one', () => {
    const named = settings({ partner_claim: '__proto__' });
    expect(resolvePartner(named, Object.create({ org: 'garage' }))).toBeUndefined();
    expect(resolvePartner(settings(), Object.create({ org: 'garage' }))).toBeUndefined();
    expect(resolvePartner(named, JSON.parse('{"__proto__": "garage"}'))).toBe(7);
  });
});

describe('mapScopes', () => {
  const READ = 'prepared-tickets:read';
  const WRITE = 'prepared-tickets:write';

  test.each<[string, unknown, string[]]>([
    ['a string', 'tickets.read', [READ]],
    ['a string with several scopes', 'openid  tickets.all email', [READ, WRITE]],
    ['an array', ['tickets.read', 'openid'], [READ]],
    ['an array with several scopes', ['tickets.all', 'tickets.read'], [READ, WRITE]],
    ['an array with other values', [null, 1, ['tickets.all'], 'tickets.read'], [READ]],
    ['an array with several scopes in one string', ['tickets.read tickets.all'], []],
    ['scopes of this API, which are not mapped', `${READ} ${WRITE}`, []],
    ['names that every object inherits', ['__proto__', 'constructor', 'toString'], []],
    ['an empty string', '', []],
    ['an object', { 'tickets.read': true }, []],
    ['null', null, []],
    ['no claim', undefined, []],
  ])('maps %s', (_what, scope, mapped) => {
    expect(mapScopes(settings(), { scope })).toEqual(new Set(mapped));
  });

  test('reads the claim that the settings name', () => {
    const claims = { scope: 'tickets.all', roles: ['tickets.read'] };
    expect(mapScopes(settings({ scope_claim: 'roles' }), claims)).toEqual(new Set([READ]));
  });
});

describe('describeClient', () => {
  test.each<[string, object, string]>([
    ['client_id', { client_id: 'a', azp: 'b' }, 'a'],
    ['azp', { azp: 'b' }, 'b'],
    ['azp if client_id is not a string', { client_id: { a: 1 }, azp: 'b' }, 'b'],
    ['unknown if there is neither', { client_id: null, azp: 7 }, 'unknown'],
  ])('returns the issuer and %s', (_what, claims, client) => {
    expect(describeClient(settings(), { ...claims })).toBe(`https://garage.test ${client}`);
  });

  test('returns at most 255 characters', () => {
    const client = describeClient(settings(), { client_id: 'x'.repeat(400) });
    expect(client).toBe(`https://garage.test ${'x'.repeat(235)}`);
  });
});

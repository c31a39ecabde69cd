import { describe, expect, test } from 'vitest';
import { describeClient, mapScopes, resolvePartner } from '../../src/auth/issuer-claims.ts';
import { issuerSettings } from '../../src/auth/issuer-settings.ts';
import { IdentityProvider } from '../support/identity-provider.ts';
import { TestWorld } from '../support/remote-source.ts';

const provider = new IdentityProvider(new TestWorld(), 'https://garage.test');
const settings = (changes: object = {}) => issuerSettings.parse(provider.settings({ ...changes }));

describe('the partner', () => {
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
  ])('of %j is %j', (org, partnerId) => {
    expect(resolvePartner(settings(), { org })).toBe(partnerId);
  });

  test('is told by no number with a fraction', () => {
    const named = settings({ partners: { '12.5': 7 } });
    expect(resolvePartner(named, { org: 12.5 })).toBeUndefined();
    expect(resolvePartner(named, { org: '12.5' })).toBe(7);
  });

  test('is told by the claim that the operator names, whatever its name is', () => {
    const claim = 'https://garage.test/organisation';
    const named = settings({ partner_claim: claim });
    expect(resolvePartner(named, { org: '12', [claim]: 'garage' })).toBe(7);
    expect(resolvePartner(named, { org: '12' })).toBeUndefined();
  });

  test('is not told by what every object has, but by a claim of that name', () => {
    const named = settings({ partner_claim: '__proto__' });
    expect(resolvePartner(named, Object.create({ org: 'garage' }))).toBeUndefined();
    expect(resolvePartner(settings(), Object.create({ org: 'garage' }))).toBeUndefined();
    expect(resolvePartner(named, JSON.parse('{"__proto__": "garage"}'))).toBe(7);
  });
});

describe('the scopes', () => {
  const READ = 'prepared-tickets:read';
  const WRITE = 'prepared-tickets:write';

  test.each<[string, unknown, string[]]>([
    ['a string', 'tickets.read', [READ]],
    ['a string with several', 'openid  tickets.all email', [READ, WRITE]],
    ['an array', ['tickets.read', 'openid'], [READ]],
    ['an array with several', ['tickets.all', 'tickets.read'], [READ, WRITE]],
    ['an array with other things', [null, 1, ['tickets.all'], 'tickets.read'], [READ]],
    ['an array with several in one text', ['tickets.read tickets.all'], []],
    ['our own names, which are not mapped', `${READ} ${WRITE}`, []],
    ['names that every object has', ['__proto__', 'constructor', 'toString'], []],
    ['nothing', '', []],
    ['an object', { 'tickets.read': true }, []],
    ['null', null, []],
    ['no claim', undefined, []],
  ])('of %s', (_what, scope, ours) => {
    expect(mapScopes(settings(), { scope })).toEqual(new Set(ours));
  });

  test('are told by the claim that the operator names', () => {
    const claims = { scope: 'tickets.all', roles: ['tickets.read'] };
    expect(mapScopes(settings({ scope_claim: 'roles' }), claims)).toEqual(new Set([READ]));
  });
});

describe('the client', () => {
  test.each<[string, object, string]>([
    ['client_id', { client_id: 'a', azp: 'b' }, 'a'],
    ['azp', { azp: 'b' }, 'b'],
    ['azp, when client_id is no name', { client_id: { a: 1 }, azp: 'b' }, 'b'],
    ['nothing', { client_id: null, azp: 7 }, 'unknown'],
  ])('is told by %s', (_what, claims, client) => {
    expect(describeClient(settings(), { ...claims })).toBe(`https://garage.test ${client}`);
  });

  test('is told in 255 characters at most', () => {
    const client = describeClient(settings(), { client_id: 'x'.repeat(400) });
    expect(client).toBe(`https://garage.test ${'x'.repeat(235)}`);
  });
});

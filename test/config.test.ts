import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { type Config, ConfigError, configOf } from '../src/config.ts';
import { homesOf, twoHomes } from './support/homes.ts';

/** Returns the value of `TRUSTED_ISSUERS` with an issuer that can act for partners. */
const issuerOf = (...ids: number[]) =>
  JSON.stringify([
    {
      issuer: 'https://login.test',
      audience: 'api',
      jwks_uri: 'https://login.test/keys',
      partner_claim: 'org',
      partners: Object.fromEntries(ids.map((id) => [`hidden ${id}`, id])),
      scopes: {},
    },
  ]);

const manyHomes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `h${i}`, number: i + 1, binding: `DB_${i}` }));
const bindingsOf = (count: number) =>
  Object.fromEntries(manyHomes(count).map(({ binding }) => [binding, env.DB_EU]));

const withBindings = (changes: Record<string, unknown>) =>
  ({ ...env, HOMES: '[]', ...changes }) as never as Env;

describe('configOf', () => {
  test('removes the trailing slash of the issuer', () => {
    const config = configOf(withBindings({ ISSUER: 'https://tickets.test/' }));
    expect(config.issuer).toBe('https://tickets.test');
  });

  test.each([
    ['http://localhost:8787', 'http://localhost:8787'],
    ['http://127.0.0.1:8787/', 'http://127.0.0.1:8787'],
    ['http://[::1]:8787', 'http://[::1]:8787'],
    ['https://Tickets.Test', 'https://tickets.test'],
    ['https://tickets.test:8443', 'https://tickets.test:8443'],
    ['https://tickets.example.test', 'https://tickets.example.test'],
    ['https://notexample.com', 'https://notexample.com'],
  ])('accepts the issuer %s', (ISSUER, issuer) => {
    expect(configOf(withBindings({ ISSUER })).issuer).toBe(issuer);
  });

  test('returns both signing keys, first the one that SIGNER names', () => {
    const kids = ({ signingKeys }: Config) => signingKeys.keys.map(({ kid }) => kid);
    const [a, b] = [env.SIGNING_KEY_A, env.SIGNING_KEY_B].map((key) => JSON.parse(key).kid);
    expect(kids(configOf(withBindings({ SIGNER: 'A' })))).toEqual([a, b]);
    expect(kids(configOf(withBindings({ SIGNER: 'B' })))).toEqual([b, a]);
    expect(kids(configOf(withBindings({ SIGNER: undefined })))).toEqual([a, b]);
  });

  test('returns the kind of new API keys, live by default', () => {
    expect(configOf(withBindings({ API_KEYS: 'test' })).apiKeyKind).toBe('test');
    expect(configOf(withBindings({ API_KEYS: 'live' })).apiKeyKind).toBe('live');
    expect(configOf(withBindings({ API_KEYS: undefined })).apiKeyKind).toBe('live');
  });

  test('returns the token for the keys of the scanner without surrounding space; it is optional', () => {
    expect(configOf(withBindings({ SCANNER_TOKEN: 'ghp_token\n' })).scannerToken).toBe('ghp_token');
    expect(configOf(withBindings({})).scannerToken).toBeUndefined();
  });

  test('returns the location of the objects of webhooks; it is optional', () => {
    const locationOf = (WEBHOOK_LOCATION: unknown) =>
      configOf(withBindings({ WEBHOOK_LOCATION })).webhookLocation;
    for (const hint of ['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me']) {
      expect(locationOf(hint)).toBe(hint);
    }
    expect([locationOf(''), locationOf(undefined)]).toEqual([undefined, undefined]);
  });

  test('returns main as the only home by default, with the epoch of EVENTS_EPOCH', () => {
    const main = { name: 'main', number: 0, binding: 'DB' };
    for (const HOMES of [undefined, '[]']) {
      const { homes } = configOf(withBindings({ HOMES, EVENTS_EPOCH: '3' }));
      expect(homes).toEqual([{ ...main, epoch: 3 }]);
    }
  });

  test('returns the homes of HOMES after main, each with its own epoch', () => {
    const us = { name: 'us', number: 8_999_999_999, binding: 'DB_FRESH', epoch: 7 };
    const HOMES = homesOf({ epoch: undefined, jurisdiction: 'eu' }, us);
    expect(configOf(withBindings({ HOMES })).homes.slice(1)).toEqual([
      { name: 'eu', number: 1, binding: 'DB_EU', epoch: 1, jurisdiction: 'eu' },
      us,
    ]);
  });

  test('accepts 49 homes beside main', () => {
    const bindings = { HOMES: homesOf(...manyHomes(49)), ...bindingsOf(49) };
    expect(configOf(withBindings(bindings)).homes).toHaveLength(50);
  });

  test('accepts a trusted issuer that names partners of all homes', () => {
    const TRUSTED_ISSUERS = issuerOf(1, 999_999, 1_000_000, 1_999_999);
    const [issuer] = configOf(withBindings({ TRUSTED_ISSUERS, ...twoHomes })).trustedIssuers;
    expect(Object.keys(issuer?.partners ?? {})).toHaveLength(4);
  });

  test('parses each set of bindings once', () => {
    const bindings = withBindings({});
    expect(configOf(bindings)).toBe(configOf(bindings));
    expect(configOf(withBindings({}))).not.toBe(configOf(bindings));
  });

  test.each([
    [{ ISSUER: undefined }, 'ISSUER'],
    [{ ISSUER: '' }, 'ISSUER'],
    [{ ISSUER: 'tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'ftp://tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'https://prepared-tickets.example.com' }, 'ISSUER'],
    [{ ISSUER: 'https://example.net' }, 'ISSUER'],
    [{ ISSUER: 'https://EXAMPLE.org./' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.example' }, 'ISSUER'],
    [{ ISSUER: 'http://tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'http://localhost.tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'http://128.0.0.1:8787' }, 'ISSUER'],
    [{ ISSUER: 'https://hidden@tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'https://:hidden@tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'https://@tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.test?hidden' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.test/?' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.test/#hidden' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.test#' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.test/hidden' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets.test//' }, 'ISSUER'],
    [{ ISSUER: 'https:tickets.test' }, 'ISSUER'],
    [{ ISSUER: ' https://tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'https://tickets .test' }, 'ISSUER'],
    [{ SIGNING_KEY_A: undefined }, 'SIGNING_KEY_A'],
    [{ SIGNING_KEY_A: '' }, 'SIGNING_KEY_A'],
    [{ SIGNING_KEY_A: 'hidden' }, 'SIGNING_KEY_A'],
    [{ SIGNING_KEY_A: '{"kty":"RSA","n":"hidden"}' }, 'SIGNING_KEY_A'],
    [{ WEBHOOK_KEYS: undefined }, 'WEBHOOK_KEYS'],
    [{ WEBHOOK_KEYS: '' }, 'WEBHOOK_KEYS'],
    [{ WEBHOOK_KEYS: 'hidden' }, 'WEBHOOK_KEYS'],
    [{ WEBHOOK_KEYS: '{"keys":[]}' }, 'WEBHOOK_KEYS'],
    [{ WEBHOOK_KEYS: '{"keys":[{"kty":"oct","kid":"a","k":"hidden"}]}' }, 'WEBHOOK_KEYS'],
    [{ WEBHOOK_DELAYS: '5,hidden' }, 'WEBHOOK_DELAYS'],
    [{ WEBHOOK_LOCATION: 'hidden' }, 'WEBHOOK_LOCATION'],
    [{ SCANNER_TOKEN: '' }, 'SCANNER_TOKEN'],
    [{ SCANNER_TOKEN: 'hidden\r\nx: y' }, 'SCANNER_TOKEN'],
    [{ SIGNING_KEY_B: undefined }, 'SIGNING_KEY_B'],
    [{ SIGNING_KEY_B: 'hidden' }, 'SIGNING_KEY_B'],
    [{ SIGNING_KEY_B: '{"kty":"RSA","n":"hidden"}' }, 'SIGNING_KEY_B'],
    [{ SIGNING_KEY_A: undefined, SIGNING_KEY_B: undefined }, 'SIGNING_KEY_A, SIGNING_KEY_B'],
    [{ SIGNER: '' }, 'SIGNER'],
    [{ SIGNER: 'a' }, 'SIGNER'],
    [{ SIGNER: 'hidden' }, 'SIGNER'],
    [{ API_KEYS: 'hidden' }, 'API_KEYS'],
    [{ HOMES: 'hidden' }, 'HOMES'],
    [{ HOMES: '{}' }, 'HOMES'],
    [{ HOMES: homesOf({ name: 'main' }) }, 'HOMES'],
    [{ HOMES: homesOf({ name: '' }) }, 'HOMES'],
    [{ HOMES: homesOf({ name: 'hidden_e' }) }, 'HOMES'],
    [{ HOMES: homesOf({ name: 'Hidden' }) }, 'HOMES'],
    [{ HOMES: homesOf({ name: 'ninechars' }) }, 'HOMES'],
    [{ HOMES: homesOf({ number: 0 }) }, 'HOMES'],
    [{ HOMES: homesOf({ number: 1.5 }) }, 'HOMES'],
    [{ HOMES: homesOf({ number: 9_000_000_000 }) }, 'HOMES'],
    [{ HOMES: homesOf({ binding: 'DB' }) }, 'HOMES'],
    [{ HOMES: homesOf({ binding: 'DB_HIDDEN' }) }, 'HOMES'],
    [{ HOMES: homesOf({ binding: 'ISSUER' }) }, 'HOMES'],
    [{ HOMES: homesOf({ epoch: 0 }) }, 'HOMES'],
    [{ HOMES: homesOf({ jurisdiction: 'hidden' as never }) }, 'HOMES'],
    [{ HOMES: homesOf({ place: 'hidden' } as object) }, 'HOMES'],
    [{ HOMES: homesOf({}, { number: 2, binding: 'DB_FRESH' }) }, 'HOMES'],
    [{ HOMES: homesOf({}, { name: 'us', binding: 'DB_FRESH' }) }, 'HOMES'],
    [{ HOMES: homesOf({}, { name: 'us', number: 2 }) }, 'HOMES'],
    [{ HOMES: homesOf(...manyHomes(50)), ...bindingsOf(50) }, 'HOMES'],
    [{ TRUSTED_ISSUERS: issuerOf(1_000_001) }, 'TRUSTED_ISSUERS'],
    [{ TRUSTED_ISSUERS: issuerOf(2_000_000), HOMES: homesOf() }, 'TRUSTED_ISSUERS'],
    [{ DB: undefined }, 'DB'],
    [{ DB: 'hidden' }, 'DB'],
    [{ ISSUER: undefined, DB: undefined }, 'ISSUER, DB'],
  ])('rejects %j with an error that names %s and contains no value', (changes, names) => {
    const parse = () => configOf(withBindings(changes));
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(new RegExp(`: ${names}$`));
    expect(parse).not.toThrow(/hidden/);
  });

  test('rejects two signing keys with the same kid with an error that names SIGNING_KEY_B', () => {
    const { kid } = JSON.parse(env.SIGNING_KEY_A) as { kid: string };
    const sameKid = JSON.stringify({ ...JSON.parse(env.SIGNING_KEY_B), kid });
    for (const SIGNER of ['A', 'B']) {
      const parse = () => configOf(withBindings({ SIGNER, SIGNING_KEY_B: sameKid }));
      expect(parse).toThrow(ConfigError);
      expect(parse).toThrow(/: SIGNING_KEY_B$/);
    }
  });

  test('rejects an invalid set of bindings each time', () => {
    const bindings = withBindings({ ISSUER: undefined });
    expect(() => configOf(bindings)).toThrow(ConfigError);
    expect(() => configOf(bindings)).toThrow(ConfigError);
  });
});

import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { ConfigError, configOf } from '../src/config.ts';

const withBindings = (changes: Record<string, unknown>) => ({ ...env, ...changes }) as never as Env;

describe('configOf', () => {
  test('gives what the deployment sets, the issuer without a slash at the end', () => {
    const config = configOf(withBindings({ ISSUER: 'https://tickets.test/' }));
    expect(config.issuer).toBe('https://tickets.test');
    expect(config.signingKeys).toEqual({
      keys: (JSON.parse(env.SIGNING_KEYS) as { keys: Record<string, string>[] }).keys.map(
        ({ kty, crv, kid, x, y, d }) => ({ kty, crv, kid, x, y, d }),
      ),
    });
  });

  test('parses once for each set of bindings', () => {
    const bindings = withBindings({});
    expect(configOf(bindings)).toBe(configOf(bindings));
    expect(configOf(withBindings({}))).not.toBe(configOf(bindings));
  });

  test.each([
    [{ ISSUER: undefined }, 'ISSUER'],
    [{ ISSUER: '' }, 'ISSUER'],
    [{ ISSUER: 'tickets.test' }, 'ISSUER'],
    [{ ISSUER: 'ftp://tickets.test' }, 'ISSUER'],
    [{ SIGNING_KEYS: undefined }, 'SIGNING_KEYS'],
    [{ SIGNING_KEYS: '' }, 'SIGNING_KEYS'],
    [{ SIGNING_KEYS: 'hidden' }, 'SIGNING_KEYS'],
    [{ SIGNING_KEYS: '{"keys":[{"kty":"RSA","n":"hidden"}]}' }, 'SIGNING_KEYS'],
    [{ DB: undefined }, 'DB'],
    [{ DB: 'hidden' }, 'DB'],
    [{ ISSUER: undefined, DB: undefined }, 'ISSUER, DB'],
  ])('refuses %j, naming %s and no value', (changes, names) => {
    const parse = () => configOf(withBindings(changes));
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(new RegExp(`: ${names}$`));
    expect(parse).not.toThrow(/hidden/);
  });

  test('a refused set of bindings is refused again', () => {
    const bindings = withBindings({ ISSUER: undefined });
    expect(() => configOf(bindings)).toThrow(ConfigError);
    expect(() => configOf(bindings)).toThrow(ConfigError);
  });
});

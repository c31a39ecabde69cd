import { exportSPKI } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { TrustedIssuers, trustedIssuers } from '../../src/auth/trusted-issuers.ts';
import { START } from '../support/api.ts';
import {
  headerText,
  IdentityProvider,
  newProviderKey,
  signedBy,
} from '../support/identity-provider.ts';
import { TestWorld } from '../support/remote-source.ts';

const MINUTE = 60_000;
const SECONDS = START / 1000;

const ecKey = await newProviderKey('ec');
const rsaKey = await newProviderKey('rsa', 'RS256');
const otherKey = await newProviderKey('ec');

let world: TestWorld;
let provider: IdentityProvider;
let other: IdentityProvider;

beforeEach(() => {
  world = new TestWorld();
  provider = new IdentityProvider(world, 'https://garage.test', ecKey, rsaKey);
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

const verified = { isOwn: false, partnerId: 7, issuedAt: 0, expiresAt: START + 5 * MINUTE };

describe('a valid token', () => {
  test('returns its client, partner, scopes and expiry', async () => {
    expect(await verify(provider.token())).toEqual({
      ...verified,
      clientId: 'https://garage.test client',
      scopes: new Set(['prepared-tickets:read']),
    });
  });

  test('can be assembled by hand, so that the forgeries below fail only for their fault', async () => {
    for (const key of [ecKey, rsaKey]) {
      const token = provider.forge({ key });
      expect(await verify(token)).toMatchObject(verified);
    }
  });

  test.each([
    ['RS256', {}],
    ['ES256', {}],
    ['RS512', { algorithms: ['RS512'] }],
    ['PS256', { algorithms: ['PS256'] }],
    ['ES384', { algorithms: ['ES384'] }],
    ['EdDSA', { algorithms: ['EdDSA'] }],
  ])('can be signed with %s', async (alg, changes) => {
    const key = await newProviderKey('key', alg);
    provider.publish(key);
    expect(await verify(provider.token(), changes)).toMatchObject(verified);
    expect(await verify(provider.token(), { algorithms: ['ES512'] })).toBe('invalid');
  });

  test.each(['AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    'can have typ %s',
    async (typ) => {
      expect(await verify(provider.token({ header: { typ } }))).toMatchObject(verified);
    },
  );

  test('can expire up to one day and one minute from now', async () => {
    const claims = { exp: SECONDS + 86_460 };
    expect(await verify(provider.token({ claims }))).toMatchObject({ partnerId: 7 });
  });

  test('can name several audiences', async () => {
    const claims = { aud: ['https://elsewhere.test', 'https://api.test'] };
    expect(await verify(provider.token({ claims }))).toMatchObject(verified);
  });

  test('needs no kid if its issuer has exactly one key', async () => {
    provider.publish(ecKey);
    const token = await provider.token({ header: { kid: undefined } });
    expect(await verify(token)).toMatchObject(verified);
    provider.publish(ecKey, rsaKey);
    expect(await verify(token)).toBe('invalid');
  });
});

describe('a faulty token', () => {
  test.each<[string, Record<string, unknown>]>([
    ['for another audience', { aud: 'https://elsewhere.test' }],
    ['for a part of the audience', { aud: 'https://api.tes' }],
    ['for other audiences', { aud: ['https://elsewhere.test', 'https://api.test/'] }],
    ['for no audience', { aud: undefined }],
    ['without exp', { exp: undefined }],
    ['that expires more than one day and one minute from now', { exp: SECONDS + 86_461 }],
    ['with an exp in the far future', { exp: 1e300 }],
    ['with exp as a string', { exp: String(SECONDS + 300) }],
    ['that is not yet valid', { nbf: SECONDS + 1 }],
    ['with nbf as a string', { nbf: '0' }],
    ['that is not yet valid and has expired', { nbf: SECONDS + 1, exp: SECONDS - 1 }],
    ['for another audience that has expired', { aud: 'x', exp: SECONDS - 1 }],
    ['for an unlisted partner that has expired', { org: 'insurer', exp: SECONDS - 1 }],
  ])('%s is invalid', async (_what, claims) => {
    expect(await verify(provider.token({ claims }))).toBe('invalid');
  });

  test('is expired from the second of its exp', async () => {
    const token = await provider.token();
    world.time += 5 * MINUTE - 1;
    expect(await verify(token)).toMatchObject(verified);
    world.time += 1;
    expect(await verify(token)).toBe('expired');
  });

  test('with a signature of another key is invalid even if it has expired', async () => {
    const claims = { exp: SECONDS - 1 };
    expect(await verify(provider.token({ claims }))).toBe('expired');
    expect(await verify(provider.token({ claims, key: otherKey }))).toBe('invalid');
  });

  test('with an infinite exp is invalid', async () => {
    const payload = JSON.stringify(provider.claims()).replace(/"exp":\d+/, '"exp":1e400');
    expect(await verify(provider.forge({ key: ecKey, payload }))).toBe('invalid');
  });

  test('of one issuer is not verified with the keys of another', async () => {
    expect(otherKey.jwk.kid).toBe(ecKey.jwk.kid);
    expect(await verify(provider.token({ key: otherKey }))).toBe('invalid');
    expect(await verify(other.token({ key: ecKey, claims: { org: 'insurer' } }))).toBe('invalid');
    expect(await verify(other.token({ claims: { org: 'insurer' } }))).toMatchObject({
      partnerId: 9,
    });
  });

  test('with an alg that does not fit its key is invalid', async () => {
    const token = provider.forge({
      header: headerText(rsaKey, { alg: 'ES256' }),
      sign: signedBy(ecKey),
    });
    expect(await verify(token)).toBe('invalid');
    const pss = await newProviderKey('rsa', 'PS256');
    provider.publish({ ...pss, jwk: rsaKey.jwk });
    expect(await verify(provider.token(), { algorithms: ['RS256', 'PS256'] })).toBe('invalid');
  });

  test.each([
    [
      'a claim',
      (header: string, payload: string) => [header, `{"org":"garage",${payload.slice(1)}`],
    ],
    ['exp', (header: string, payload: string) => [header, `{"exp":9999999999,${payload.slice(1)}`]],
    ['alg', (header: string, payload: string) => [`{"alg":"ES256",${header.slice(1)}`, payload]],
    [
      'an escaped name',
      (header: string, payload: string) => [header, `{"\\u006frg":"garage",${payload.slice(1)}`],
    ],
  ])('that names %s twice is invalid', async (_what, change) => {
    const [header, payload] = change(headerText(ecKey), JSON.stringify(provider.claims())) as [
      string,
      string,
    ];
    expect(await verify(provider.forge({ header, payload }))).toBe('invalid');
  });

  test('whose signature is not in canonical base64url is invalid', async () => {
    expect(await verify(`${await provider.token()}=`)).toBe('invalid');
  });
});

describe('a token is rejected without fetching keys', () => {
  const hmacWith = (secret: () => Promise<string>, hash: string) => async (input: BufferSource) => {
    const algorithm = { name: 'HMAC', hash };
    const bytes = new TextEncoder().encode(await secret());
    const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
    return crypto.subtle.sign('HMAC', key, input);
  };
  const pem = () => exportSPKI(rsaKey.pair.publicKey);
  const jwk = async () => JSON.stringify(rsaKey.jwk);
  const cases: Record<string, () => Promise<string>> = {
    'of an unknown issuer': () => provider.token({ claims: { iss: 'https://garage.test.evil' } }),
    'of an issuer with a slash': () => provider.token({ claims: { iss: 'https://garage.test/' } }),
    'of an issuer that every object inherits': () =>
      provider.token({ claims: { iss: 'constructor' } }),
    'of two issuers': () => provider.token({ claims: { iss: ['https://garage.test'] } }),
    'of no issuer': () => provider.token({ claims: { iss: undefined } }),
    'of an algorithm that is not allowed': () =>
      provider.forge({ key: rsaKey, header: headerText(rsaKey, { alg: 'RS384' }) }),
    'of typ JWT': () => provider.token({ header: { typ: 'JWT' } }),
    'of an ID token': () => provider.token({ header: { typ: 'id_token+jwt' } }),
    'of no typ': () => provider.token({ header: { typ: undefined } }),
    'with a kid that is a number': () =>
      provider.forge({ key: ecKey, header: headerText(ecKey, { kid: 1 }) }),
    'with an unknown critical extension': () =>
      provider.forge({ key: ecKey, header: headerText(ecKey, { crit: ['x'], x: 1 }) }),
    'with a registered critical extension': () =>
      provider.forge({ key: ecKey, header: headerText(ecKey, { crit: ['b64'], b64: true }) }),
    'of a partner that is not listed': () => provider.token({ claims: { org: 'insurer' } }),
    'of a partner in another case': () => provider.token({ claims: { org: 'Garage' } }),
    'of a partner that every object inherits': () =>
      provider.token({ claims: { org: '__proto__' } }),
    'of a partner that is a method': () => provider.token({ claims: { org: 'constructor' } }),
    'of a partner by its id in this API': () => provider.token({ claims: { org: 7 } }),
    'of a partner in a list': () => provider.token({ claims: { org: ['garage'] } }),
    'of a partner that is null': () => provider.token({ claims: { org: null } }),
    'of no partner': () => provider.token({ claims: { org: undefined } }),
    'that is too long': () => provider.token({ claims: { filler: 'x'.repeat(8192) } }),
    'of two parts': async () => (await provider.token()).split('.').slice(0, 2).join('.'),
    'that is not a JWT': async () => 'opaque',
    'that is empty': async () => '',
  };
  for (const alg of ['none', 'None', 'NONE', 'nOnE', 'rs256', '']) {
    cases[`of alg "${alg}"`] = () =>
      provider.forge({ key: rsaKey, header: headerText(rsaKey, { alg }) });
    cases[`of alg "${alg}" without a signature`] = () =>
      provider.forge({ header: headerText(rsaKey, { alg }), sign: async () => new ArrayBuffer() });
  }
  for (const bits of ['256', '384', '512']) {
    for (const [form, secret] of Object.entries({ PEM: pem, JWK: jwk })) {
      cases[`of HS${bits} with the public key as ${form}`] = () =>
        provider.forge({
          header: headerText(rsaKey, { alg: `HS${bits}` }),
          sign: hmacWith(secret, `SHA-${bits}`),
        });
    }
  }

  test.each(Object.entries(cases))('%s', async (_what, token) => {
    expect(await verify(token())).toBe('invalid');
    expect(provider.source.fetches + other.source.fetches).toBe(0);
  });
});

test('an issuer can act only for the partners in its own settings', async () => {
  expect(await verify(other.token())).toMatchObject({ partnerId: 9 });
  expect(await verify(other.token({ claims: { org: '12' } }))).toBe('invalid');
  expect(await verify(provider.token({ claims: { org: '12' } }))).toMatchObject({ partnerId: 8 });
  expect(await verify(provider.token({ claims: { org: 'insurer' } }))).toBe('invalid');
});

describe('a provider that does not set typ', () => {
  test.each<[string | undefined, boolean]>([
    ['JWT', true],
    ['jwt', true],
    [undefined, true],
    ['at+jwt', false],
    ['id_token+jwt', false],
  ])('with typ %s: accepted is %s', async (typ, good) => {
    const token = await verify(provider.token({ header: { typ } }), { type: 'JWT' });
    expect(token !== 'invalid').toBe(good);
  });
});

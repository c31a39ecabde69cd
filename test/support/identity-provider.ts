import {
  base64url,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import type { TestSource, TestWorld } from './remote-source.ts';

/** A key of a provider: what it shows, and what it signs with. */
export interface ProviderKey {
  readonly jwk: JWK;
  readonly pair: GenerateKeyPairResult;
  readonly alg: string;
}

/** A new key of a provider. */
export async function newProviderKey(kid: string, alg = 'ES256'): Promise<ProviderKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' }, pair, alg };
}

interface Token {
  /** Replace those of a good token; undefined takes one out. */
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: ProviderKey;
}

/** The header of a good token that is signed with this key, but for what is replaced. */
export function headerText({ alg, jwk }: ProviderKey, changes: object = {}): string {
  return JSON.stringify({ alg, kid: jwk.kid, typ: 'at+jwt', ...changes });
}

type Sign = (input: BufferSource) => Promise<ArrayBuffer>;

/** Signs as ES256 or RS256 do, whatever the header says. */
export function signedBy({ pair, alg }: ProviderKey): Sign {
  const algorithm =
    alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'RSASSA-PKCS1-v1_5' };
  return (input) => crypto.subtle.sign(algorithm, pair.privateKey, input);
}

interface Forgery {
  readonly key?: ProviderKey;
  readonly header?: string;
  readonly payload?: string;
  readonly sign?: Sign;
}

/** An external identity provider: publishes its keys in a world, and issues tokens there. */
export class IdentityProvider {
  readonly issuer: string;
  readonly source: TestSource;
  readonly #world: TestWorld;
  #keys: readonly ProviderKey[];

  constructor(world: TestWorld, issuer: string, ...keys: ProviderKey[]) {
    this.issuer = issuer;
    this.#world = world;
    this.#keys = keys;
    this.source = world.source(this.jwksUri, undefined);
    this.publish(...keys);
  }

  get jwksUri(): string {
    return `${this.issuer}/keys`;
  }

  /** Signs with the first key from now on, and shows all of them. */
  publish(...keys: ProviderKey[]): void {
    this.#keys = keys;
    this.source.document = { keys: keys.map(({ jwk }) => jwk) };
  }

  /** What the operator writes to trust this provider, whose organisation `garage` is partner 7. */
  settings(changes: Record<string, unknown> = {}) {
    return {
      issuer: this.issuer,
      audience: 'https://api.test',
      jwks_uri: this.jwksUri,
      partner_claim: 'org',
      partners: { garage: 7, '12': 8 },
      scopes: {
        'tickets.read': 'prepared-tickets:read',
        'tickets.all': ['prepared-tickets:read', 'prepared-tickets:write'],
      },
      ...changes,
    };
  }

  /** The claims of a good token, which is valid for five minutes. */
  claims(): Record<string, unknown> {
    const now = Math.floor(this.#world.time / 1000);
    return {
      iss: this.issuer,
      aud: 'https://api.test',
      sub: 'subject',
      client_id: 'client',
      jti: 'token',
      iat: now,
      exp: now + 300,
      org: 'garage',
      scope: 'tickets.read openid',
    };
  }

  /** A token like a good one, but for what is replaced. */
  token({ claims, header, key = this.#keys[0] as ProviderKey }: Token = {}): Promise<string> {
    return new SignJWT({ ...this.claims(), ...claims })
      .setProtectedHeader({
        alg: key.alg,
        kid: key.jwk.kid,
        typ: 'at+jwt',
        ...header,
      } as JWTHeaderParameters)
      .sign(key.pair.privateKey);
  }

  /** A token whose header and payload are texts, character by character, like those of a good one. */
  async forge({
    key = this.#keys[0] as ProviderKey,
    header = headerText(key),
    payload = JSON.stringify(this.claims()),
    sign = signedBy(key),
  }: Forgery = {}): Promise<string> {
    const input = `${base64url.encode(header)}.${base64url.encode(payload)}`;
    const signature = await sign(new TextEncoder().encode(input));
    return `${input}.${base64url.encode(new Uint8Array(signature))}`;
  }
}

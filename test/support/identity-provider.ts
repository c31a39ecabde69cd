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

/** A key of a provider: the published public key and the key pair. */
export interface ProviderKey {
  readonly jwk: JWK;
  readonly pair: GenerateKeyPairResult;
  readonly alg: string;
}

/** Creates a key of a provider. */
export async function newProviderKey(kid: string, alg = 'ES256'): Promise<ProviderKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' }, pair, alg };
}

interface Token {
  /** Replace members of a valid token. A value of undefined removes the member. */
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: ProviderKey;
}

/** Returns the header of a valid token that this key signs, with changes. */
export function headerText({ alg, jwk }: ProviderKey, changes: object = {}): string {
  return JSON.stringify({ alg, kid: jwk.kid, typ: 'at+jwt', ...changes });
}

type Sign = (input: BufferSource) => Promise<ArrayBuffer>;

/** Returns a function that signs with ES256 or RS256, according to the key and not to the header. */
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

/** An external identity provider that publishes its keys at a URL of a `TestWorld` and issues tokens. */
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

  /** Replaces the published keys. The first one signs the tokens. */
  publish(...keys: ProviderKey[]): void {
    this.#keys = keys;
    this.source.document = { keys: keys.map(({ jwk }) => jwk) };
  }

  /** Returns the settings with which an operator trusts this provider. Its organisation `garage` is partner 7. */
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

  /** Returns the claims of a valid token, which expires after five minutes. */
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

  /** Creates a valid token with replaced claims, header parameters or key. */
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

  /** Creates a token with an exact text as header and payload. */
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

import { z } from 'zod';
import type { IssuerSettings } from './auth/issuer-settings.ts';
import {
  importSigningKeys,
  type PrivateKey,
  privateKey,
  type SigningKeys,
  type UnusableKey,
} from './auth/signing-keys.ts';
import { trustedIssuers } from './auth/trusted-issuers.ts';
import { publicAddress } from './public-address.ts';

/** A signing key, and the secret that holds it. */
interface HeldKey extends PrivateKey {
  readonly binding: 'SIGNING_KEY_A' | 'SIGNING_KEY_B';
}

/** What the deployment sets, checked. */
export interface Config {
  /** The public address, without a slash at the end: `iss` and `aud` of tokens. */
  readonly issuer: string;
  /** All of them verify tokens, so that the next one is known long before it signs. */
  readonly signingKeys: {
    /** The one that signs, then the other. */
    readonly keys: readonly [HeldKey, HeldKey];
  };
  /** Whether responses tell what they cost in D1; for development, not for production. */
  readonly exposeCost: boolean;
  /** Whether requests are counted against the rate limits. */
  readonly rateLimits: boolean;
  /** What new API keys say of themselves in their prefix. */
  readonly apiKeys: 'live' | 'test';
  /** External identity providers whose tokens are taken too. */
  readonly trustedIssuers: readonly IssuerSettings[];
  /** Where the secret scanner publishes the keys that its reports are signed with. */
  readonly scannerKeys: string;
  /** Where partners ask for help: an e-mail address or an https URL; undefined where there is none. */
  readonly supportContact: string | undefined;
}

/** A binding or var is missing or wrong. The message names it and never shows its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(names: Iterable<string>) {
    super(`missing or wrong binding: ${[...names].join(', ')}`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const rateLimit = z.custom<RateLimit>(
  (binding) => typeof (binding as RateLimit | undefined)?.limit === 'function',
);

const signingKey = z.string().transform(jsonOf).pipe(privateKey);

/** Where partners ask for help: an e-mail address or an https URL. The empty string stands for none. */
export const supportContact = z
  .literal('')
  .transform(() => undefined)
  .or(
    z
      .string()
      .transform((text) => text.replace(/^mailto:/, ''))
      .pipe(z.union([z.email(), z.url({ protocol: /^https$/ })])),
  );

const bindings = z.object({
  ISSUER: publicAddress,
  SIGNING_KEY_A: signingKey,
  SIGNING_KEY_B: signingKey,
  SIGNER: z.enum(['A', 'B']).default('A'),
  EXPOSE_COST: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  RATE_LIMITS: z
    .enum(['on', 'off'])
    .default('on')
    .transform((text) => text === 'on'),
  API_KEYS: z.enum(['live', 'test']).default('live'),
  TRUSTED_ISSUERS: z.string().default('[]').transform(jsonOf).pipe(trustedIssuers),
  SCANNER_KEYS: z
    .url({ protocol: /^https$/ })
    .default('https://api.github.com/meta/public_keys/secret_scanning'),
  SUPPORT_CONTACT: supportContact.optional(),
  PARTNER_LIMIT: rateLimit,
  ADDRESS_LIMIT: rateLimit,
  DB: z.custom<D1Database>((db) => typeof (db as D1Database | undefined)?.batch === 'function'),
});

// Of two keys of one name, one would sign what the other verifies.
const environment = bindings
  .refine((env) => env.SIGNING_KEY_A.kid !== env.SIGNING_KEY_B.kid, { path: ['SIGNING_KEY_B'] })
  // Whoever could speak for us could speak for every partner.
  .refine((env) => env.TRUSTED_ISSUERS.every(({ issuer }) => issuer !== env.ISSUER), {
    path: ['TRUSTED_ISSUERS'],
  });

const parsed = new WeakMap<object, Config>();

/**
 * The configuration of this isolate, parsed once for each set of bindings.
 *
 * @throws ConfigError naming each missing or wrong binding.
 */
export function configOf(env: Env): Config {
  let config = parsed.get(env);
  if (config === undefined) {
    const result = environment.safeParse(env);
    if (!result.success) {
      const names = new Set(result.error.issues.map((issue) => String(issue.path[0])));
      throw new ConfigError(names);
    }
    const { ISSUER, SIGNER, EXPOSE_COST, RATE_LIMITS, API_KEYS } = result.data;
    const a = { ...result.data.SIGNING_KEY_A, binding: 'SIGNING_KEY_A' } as const;
    const b = { ...result.data.SIGNING_KEY_B, binding: 'SIGNING_KEY_B' } as const;
    config = {
      issuer: ISSUER,
      signingKeys: { keys: SIGNER === 'A' ? [a, b] : [b, a] },
      exposeCost: EXPOSE_COST,
      rateLimits: RATE_LIMITS,
      apiKeys: API_KEYS,
      trustedIssuers: result.data.TRUSTED_ISSUERS,
      scannerKeys: result.data.SCANNER_KEYS,
      supportContact: result.data.SUPPORT_CONTACT,
    };
    parsed.set(env, config);
  }
  return config;
}

/** What is made of a configuration once, and lives as long as that. */
export function oncePerConfig<T>(make: (config: Config) => T): (config: Config) => T {
  const made = new WeakMap<Config, { readonly value: T }>();
  return (config) => {
    let known = made.get(config);
    if (known === undefined) {
      known = { value: make(config) };
      made.set(config, known);
    }
    return known.value;
  };
}

/**
 * The signing keys of a configuration, imported once.
 *
 * @throws ConfigError naming the secret whose key Web Crypto refuses.
 */
export const signingKeysOf = oncePerConfig(
  ({ signingKeys }): Promise<SigningKeys> =>
    importSigningKeys(signingKeys).catch(({ kid }: UnusableKey) => {
      const refused = signingKeys.keys.filter((key) => key.kid === kid);
      throw new ConfigError(refused.map(({ binding }) => binding));
    }),
);

import { z } from 'zod';
import type { IssuerSettings } from './auth/issuer-settings.ts';
import { SealingKeys, sealingKeySet } from './auth/sealing-keys.ts';
import {
  importSigningKeys,
  type PrivateKey,
  privateKey,
  type SigningKeys,
  type UnusableKey,
} from './auth/signing-keys.ts';
import { trustedIssuers } from './auth/trusted-issuers.ts';
import { databaseOf, type Home, type Homes, homeOf, MAIN_HOME, otherHomes } from './homes.ts';
import { publicAddress } from './public-address.ts';
import { STANDARD_DELAYS_S } from './webhook-delays.ts';

/** A signing key and the name of the secret that contains it. */
interface BoundKey extends PrivateKey {
  readonly binding: 'SIGNING_KEY_A' | 'SIGNING_KEY_B';
}

/** The validated configuration of a deployment. */
export interface Config {
  /** The public address without a trailing slash. It is the `iss` and `aud` of tokens. */
  readonly issuer: string;
  /** The signing keys. Both verify tokens, so that a key is published long before it signs. */
  readonly signingKeys: {
    /** The key that signs, then the other one. */
    readonly keys: readonly [BoundKey, BoundKey];
  };
  /** Whether responses state their D1 cost in `Server-Timing`. For development only. */
  readonly exposesCost: boolean;
  /** Whether rate limits are enforced. */
  readonly enforcesRateLimits: boolean;
  /** The kind of new API keys, which their prefix names. */
  readonly apiKeyKind: 'live' | 'test';
  /** The external identity providers whose tokens are accepted. */
  readonly trustedIssuers: readonly IssuerSettings[];
  /** The URL of the public keys that verify the reports of the secret scanner. */
  readonly scannerKeysUrl: string;
  /** The token that authenticates the request for these keys; undefined for none. */
  readonly scannerToken: string | undefined;
  /** The databases of the partners. */
  readonly homes: Homes;
  /** The keys that encrypt the signing secrets of webhooks. */
  readonly sealingKeys: SealingKeys;
  /** The delays between the attempts to deliver one event, in seconds. */
  readonly webhookDelaysS: readonly number[];
  /** Near which place Cloudflare creates the Durable Objects of webhooks; undefined leaves it to Cloudflare. */
  readonly webhookLocation: WebhookLocation | undefined;
  /** The support contact for partners, an email address or an https URL; undefined if there is none. */
  readonly supportContact: string | undefined;
}

/** Signals bindings that are missing or invalid. The message names them and never contains a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** @param names the names of the bindings. */
  constructor(names: Iterable<string>) {
    super(`missing or wrong binding: ${[...names].join(', ')}`);
  }
}

/** Parses JSON; undefined for any other text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The places that `WEBHOOK_LOCATION` can name.
 *
 * @see {@link https://developers.cloudflare.com/durable-objects/reference/data-location/#supported-locations}
 */
const webhookLocations = [
  ...(['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'] as const),
] satisfies DurableObjectLocationHint[];

type WebhookLocation = (typeof webhookLocations)[number];

const rateLimit = z.custom<RateLimit>(
  (binding) => typeof (binding as RateLimit | undefined)?.limit === 'function',
);

const signingKey = z.string().transform(parseJson).pipe(privateKey);

/** The support contact: an email address, with or without `mailto:`, or an https URL; empty for none. */
export const supportContact = z
  .literal('')
  .transform(() => undefined)
  .or(
    z
      .string()
      .transform((text) => text.replace(/^mailto:/, ''))
      .pipe(z.union([z.email(), z.url({ protocol: /^https$/ })])),
  );

const isDatabase = (binding: D1Database | undefined) => typeof binding?.batch === 'function';

// The other bindings are kept, because HOMES names some of them.
const bindings = z.looseObject({
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
  TRUSTED_ISSUERS: z.string().default('[]').transform(parseJson).pipe(trustedIssuers),
  SCANNER_KEYS: z
    .url({ protocol: /^https$/ })
    .default('https://api.github.com/meta/public_keys/secret_scanning'),
  SCANNER_TOKEN: z
    .string()
    .trim()
    .regex(/^[!-~]{1,255}$/)
    .optional(),
  HOMES: z.string().default('[]').transform(parseJson).pipe(otherHomes),
  EVENTS_EPOCH: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .default('1')
    .transform(Number),
  WEBHOOK_KEYS: z.string().transform(parseJson).pipe(sealingKeySet),
  WEBHOOK_DELAYS: z
    .string()
    .regex(/^\d{1,6}(?:,\d{1,6})*$/)
    .default(STANDARD_DELAYS_S.join())
    .transform((text) => text.split(',').map(Number)),
  WEBHOOK_LOCATION: z
    .enum(webhookLocations)
    .or(z.literal('').transform(() => undefined))
    .optional(),
  SUPPORT_CONTACT: supportContact.optional(),
  PARTNER_LIMIT: rateLimit,
  HEAVY_LIMIT: rateLimit,
  ADDRESS_LIMIT: rateLimit,
  RECEIVER_LIMIT: rateLimit,
  DB: z.custom<D1Database>((db) => isDatabase(db as D1Database | undefined)),
});

/** Returns all homes. The epoch of `main` is `EVENTS_EPOCH`. */
const homesOf = (env: { readonly HOMES: Home[]; readonly EVENTS_EPOCH: number }): Homes => [
  { ...MAIN_HOME, epoch: env.EVENTS_EPOCH },
  ...env.HOMES,
];

// With equal kids, a token that one key signed would be verified with the other key.
const environment = bindings
  .refine((env) => env.SIGNING_KEY_A.kid !== env.SIGNING_KEY_B.kid, { path: ['SIGNING_KEY_B'] })
  // An external provider with the issuer of this API could issue tokens for every partner.
  .refine((env) => env.TRUSTED_ISSUERS.every(({ issuer }) => issuer !== env.ISSUER), {
    path: ['TRUSTED_ISSUERS'],
  })
  .refine(
    (env) =>
      env.TRUSTED_ISSUERS.flatMap(({ partners }) => Object.values(partners)).every(
        (partnerId) => homeOf(homesOf(env), partnerId) !== undefined,
      ),
    { path: ['TRUSTED_ISSUERS'] },
  )
  .refine((env) => env.HOMES.every((home) => isDatabase(databaseOf(env, home))), {
    path: ['HOMES'],
  });

const parsed = new WeakMap<object, Config>();

/**
 * Returns the configuration, which is parsed once for each set of bindings.
 *
 * @throws ConfigError with the name of each binding that is missing or invalid.
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
      exposesCost: EXPOSE_COST,
      enforcesRateLimits: RATE_LIMITS,
      apiKeyKind: API_KEYS,
      trustedIssuers: result.data.TRUSTED_ISSUERS,
      scannerKeysUrl: result.data.SCANNER_KEYS,
      scannerToken: result.data.SCANNER_TOKEN,
      homes: homesOf(result.data),
      sealingKeys: new SealingKeys(result.data.WEBHOOK_KEYS),
      webhookDelaysS: result.data.WEBHOOK_DELAYS,
      webhookLocation: result.data.WEBHOOK_LOCATION,
      supportContact: result.data.SUPPORT_CONTACT,
    };
    parsed.set(env, config);
  }
  return config;
}

/**
 * Caches a value that is derived from a configuration.
 *
 * @param make derives the value. It runs once for each configuration.
 * @returns a function that returns the cached value for a configuration.
 */
export function oncePerConfig<T>(make: (config: Config) => T): (config: Config) => T {
  const cached = new WeakMap<Config, { readonly value: T }>();
  return (config) => {
    let known = cached.get(config);
    if (known === undefined) {
      known = { value: make(config) };
      cached.set(config, known);
    }
    return known.value;
  };
}

/**
 * Returns the imported signing keys of a configuration.
 *
 * @throws ConfigError with the name of each secret whose key Web Crypto rejects.
 */
export const signingKeysOf = oncePerConfig(
  ({ signingKeys }): Promise<SigningKeys> =>
    importSigningKeys(signingKeys).catch(({ kid }: UnusableKey) => {
      const rejected = signingKeys.keys.filter((key) => key.kid === kid);
      throw new ConfigError(rejected.map(({ binding }) => binding));
    }),
);

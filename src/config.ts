import { z } from 'zod';
import { type PrivateKeySet, privateKeySet } from './auth/signing-keys.ts';

/** What the deployment sets, checked. */
export interface Config {
  /** The public address, without a slash at the end: `iss` and `aud` of tokens. */
  readonly issuer: string;
  readonly signingKeys: PrivateKeySet;
  /** Whether responses tell what they cost in D1; for development, not for production. */
  readonly exposeCost: boolean;
  /** What new API keys of this deployment say of themselves. */
  readonly apiKeys: 'live' | 'test';
  /** Whether requests are counted against the rate limits. */
  readonly rateLimits: boolean;
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

const environment = z.object({
  ISSUER: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, '')),
  SIGNING_KEYS: z.string().transform(jsonOf).pipe(privateKeySet),
  EXPOSE_COST: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  RATE_LIMITS: z
    .enum(['on', 'off'])
    .default('on')
    .transform((text) => text === 'on'),
  PARTNER_LIMIT: rateLimit,
  ADDRESS_LIMIT: rateLimit,
  DB: z.custom<D1Database>((db) => typeof (db as D1Database | undefined)?.batch === 'function'),
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
    const { ISSUER, SIGNING_KEYS, EXPOSE_COST, RATE_LIMITS } = result.data;
    config = {
      issuer: ISSUER,
      signingKeys: SIGNING_KEYS,
      exposeCost: EXPOSE_COST,
      rateLimits: RATE_LIMITS,
      apiKeys: 'test',
    };
    parsed.set(env, config);
  }
  return config;
}

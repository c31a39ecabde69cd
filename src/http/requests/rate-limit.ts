import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { ProblemName } from '../../problems/catalogue.ts';
import { Problem } from '../../problems/problem.ts';
import { logFault } from '../log.ts';
import { announce } from '../responses/standard-headers.ts';

/**
 * Rate limits by the Workers binding, which counts at each location and a little late: it stops a
 * flood, it is no meter. So the policy is announced and no remaining number, which would be invented.
 */

/** A policy as `wrangler.toml` sets it for a binding; a test holds the two together. */
interface RateLimitPolicy {
  readonly binding: 'PARTNER_LIMIT' | 'ADDRESS_LIMIT';
  /** How it is named in RateLimit-Policy and in `violated-policies`. */
  readonly name: string;
  readonly quota: number;
  /** Seconds. */
  readonly window: number;
  /** What a request that is one too many is answered with. */
  readonly problem: ProblemName;
}

export const policies = {
  /** Requests of one partner, those for tokens included. */
  partner: {
    binding: 'PARTNER_LIMIT',
    name: 'partner',
    quota: 50,
    window: 10,
    problem: 'quotaExceeded',
  },
  /** Attempts of one address with wrong credentials: for one client, or with none that is known. */
  refusedCredentials: {
    binding: 'ADDRESS_LIMIT',
    name: 'refused-credentials',
    quota: 10,
    window: 60,
    problem: 'tooManyFailedAttempts',
  },
  /**
   * Token requests of one address whose credentials were not right lately. It bounds the look-ups for
   * somebody who guesses for ever new clients, and shares the binding of the partners, so that its
   * keys must not look like theirs.
   */
  tokenRequests: {
    binding: 'PARTNER_LIMIT',
    name: 'token-requests',
    quota: 50,
    window: 10,
    problem: 'quotaExceeded',
  },
} as const satisfies Record<string, RateLimitPolicy>;

/** `RateLimit-Policy` as of draft-ietf-httpapi-ratelimit-headers. */
function headerOf({ name, quota, window }: RateLimitPolicy): string {
  return `"${name}";q=${quota};w=${window}`;
}

/** A limiter that fails lets the request pass: it guards the service, it does not own it. */
async function isWithin(c: Context<AppEnv>, { binding }: RateLimitPolicy, key: string) {
  try {
    return (await c.env[binding].limit({ key })).success;
  } catch (error) {
    logFault(c, error as Error);
    return true;
  }
}

/**
 * Counts a request against a policy. Of several that a request counts against, the last is announced.
 *
 * @param key what is limited: a partner, an address.
 * @throws Problem the one of the policy when the request is one too many.
 */
export async function countRequest(
  c: Context<AppEnv>,
  policy: RateLimitPolicy,
  key: string,
): Promise<void> {
  if (!c.get('config').enforcesRateLimits) {
    return;
  }
  announce(c, { 'RateLimit-Policy': headerOf(policy) });
  if (!(await isWithin(c, policy, key))) {
    throw new Problem(policy.problem, {
      violatedPolicies: [policy.name],
      headers: { 'Retry-After': String(policy.window) },
    });
  }
}

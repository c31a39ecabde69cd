import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { HeavyKind, LimitedKind } from '../../policy.ts';
import type { ProblemName } from '../../problems/catalogue.ts';
import { Problem } from '../../problems/problem.ts';
import { logFault } from '../log.ts';
import { announce } from '../responses/standard-headers.ts';

/**
 * Rate limits with the binding of Workers. The binding counts per location and with a short delay: it
 * stops a flood of requests, but it is not an exact meter. Responses therefore name the policy without
 * the number of remaining requests, which would be unreliable.
 *
 * @see {@link https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/}
 */

/** A rate limit policy. A test checks that it agrees with the binding in `wrangler.toml`. */
interface RateLimitPolicy {
  readonly binding: 'PARTNER_LIMIT' | 'HEAVY_LIMIT' | 'ADDRESS_LIMIT' | 'RECEIVER_LIMIT';
  /** The name of the policy in `RateLimit-Policy` and in `violated-policies`. */
  readonly name: string;
  /** The number of requests that are allowed within one window. */
  readonly quota: number;
  /** The length of the window in seconds. */
  readonly windowSeconds: number;
  /** The problem that is returned for a request beyond the quota. */
  readonly problem: ProblemName;
}

/** A policy for requests that take much of the time of the database. */
function heavy<const N extends HeavyKind>(name: N) {
  const limits = { quota: 10, windowSeconds: 10, problem: 'quotaExceeded' } as const;
  return { binding: 'HEAVY_LIMIT', name, ...limits } as const;
}

/** A policy for requests that reach the receiver of a webhook, which belongs to someone else. */
function receiver<const N extends string>(name: N) {
  const limits = { quota: 6, windowSeconds: 60, problem: 'quotaExceeded' } as const;
  return { binding: 'RECEIVER_LIMIT', name, ...limits } as const;
}

export const rateLimitPolicies = {
  /** Requests of one partner, including token requests. */
  partner: {
    binding: 'PARTNER_LIMIT',
    name: 'partner',
    quota: 50,
    windowSeconds: 10,
    problem: 'quotaExceeded',
  },
  /** Batches and syncs of one partner. The heavy policies share a binding, so their keys must differ. */
  batches: heavy('batches'),
  /** Exports of one partner. */
  exports: heavy('exports'),
  /** Lists of one partner whose total is not counted in advance (see `isSearch`). */
  searches: heavy('searches'),
  /** Attempts with wrong credentials from one address, for one subject (see `Attempt`). */
  refusedCredentials: {
    binding: 'ADDRESS_LIMIT',
    name: 'refused-credentials',
    quota: 10,
    windowSeconds: 60,
    problem: 'tooManyFailedAttempts',
  },
  /**
   * Requests of one partner that ask a receiver for its consent. A handler counts them just before it asks. They
   * share the binding of `replays`, so their keys must differ.
   */
  consents: receiver('consents'),
  /** Test events, replays and attempts that one partner requests. */
  replays: receiver('replays'),
  /**
   * Token requests from one address whose credentials were not verified recently. It limits the lookups
   * that a caller can cause by guessing a new client id each time. It shares the binding of `partner`, so
   * its keys must differ from partner ids.
   */
  tokenRequests: {
    binding: 'PARTNER_LIMIT',
    name: 'token-requests',
    quota: 50,
    windowSeconds: 10,
    problem: 'quotaExceeded',
  },
} as const satisfies Record<string, RateLimitPolicy>;

const HEADER = 'RateLimit-Policy';

/** Returns an item of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). */
function itemOf({ name, quota, windowSeconds }: RateLimitPolicy): string {
  return `"${name}";q=${quota};w=${windowSeconds}`;
}

/**
 * Returns whether a request is within the quota. If the limiter fails, the request is allowed, because a
 * fault of the limiter must not make the service unavailable.
 */
async function isWithin(c: Context<AppEnv>, { binding }: RateLimitPolicy, key: string) {
  try {
    return (await c.env[binding].limit({ key })).success;
  } catch (error) {
    logFault(c, error as Error);
    return true;
  }
}

/** Adds a policy to those that the response names, unless it is one of them. The one of the partner comes first. */
function announcePolicy(c: Context<AppEnv>, policy: RateLimitPolicy): void {
  const announced = c.get('responseHeaders')?.[HEADER];
  const item = itemOf(policy);
  if (announced?.includes(item)) {
    return;
  }
  if (announced === undefined) {
    announce(c, { [HEADER]: item });
    return;
  }
  const isFirst = policy.name === rateLimitPolicies.partner.name;
  announce(c, { [HEADER]: isFirst ? `${item}, ${announced}` : `${announced}, ${item}` });
}

/** Returns the problem of a request that exceeds a policy. */
const problemOf = ({ problem, name, windowSeconds }: RateLimitPolicy): Problem =>
  new Problem(problem, {
    violatedPolicies: [name],
    headers: { 'Retry-After': String(windowSeconds) },
  });

/**
 * Returns the problem of a request that exceeds the policy of a name, and announces the policies as if both were
 * counted, which they are not if limits are off.
 *
 * @throws Error if no policy has the name.
 */
export function pretendExceeded(c: Context<AppEnv>, name: string): Problem {
  const policy = Object.values(rateLimitPolicies).find((each) => each.name === name);
  if (policy === undefined) {
    throw new Error(`No rate limit policy has the name ${name}.`);
  }
  announcePolicy(c, rateLimitPolicies.partner);
  announcePolicy(c, policy);
  return problemOf(policy);
}

/**
 * Counts a request against a policy. The response names every policy that the request counted against.
 *
 * @param key identifies who is limited, such as a partner or an address.
 * @throws Problem the problem of the policy, if the request exceeds the quota.
 */
export async function countRequest(
  c: Context<AppEnv>,
  policy: RateLimitPolicy,
  key: string,
): Promise<void> {
  if (!c.get('config').enforcesRateLimits) {
    return;
  }
  announcePolicy(c, policy);
  if (!(await isWithin(c, policy, key))) {
    throw problemOf(policy);
  }
}

/** Counts a request of a partner against the policy of one kind of requests. @throws Problem `quotaExceeded`. */
export const countKind = (
  c: Context<AppEnv>,
  kind: LimitedKind | 'consents',
  partnerId: number,
): Promise<void> => countRequest(c, rateLimitPolicies[kind], `${kind} ${partnerId}`);

/** Returns whether requests of a kind take much of the time of the database. */
export const isHeavy = (kind: LimitedKind): kind is HeavyKind =>
  rateLimitPolicies[kind].binding === 'HEAVY_LIMIT';

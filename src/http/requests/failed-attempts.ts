import type { Context } from 'hono';
import { ExpiringMap } from '../../auth/expiring-map.ts';
import type { AppEnv } from '../../context.ts';
import { countRequest, rateLimitPolicies } from './rate-limit.ts';

/** The most sources that an isolate remembers. It covers the sources that fail within one window. */
const MAX_FAILED_SOURCES = 10_000;
/**
 * The number of characters of a subject that are used. At the token endpoint, an unauthenticated caller
 * chooses the client id and could otherwise fill the memory with long ones.
 */
const MAX_SUBJECT_LENGTH = 255;

/** How an attempt is counted. */
interface Attempt {
  /**
   * What the caller may be guessing: the secret of one client, or the API key that is sent with its
   * tokens. Failures for one subject do not throttle another subject at the same address, because
   * many callers can share an address, for example the users of an office network. API keys are a
   * separate subject, because only a caller with a valid token of the client can fail there.
   */
  readonly subject?: string;
  /**
   * Whether the attempt is made however many attempts failed before, because it costs no query to D1 or
   * because its credentials were verified recently. An exempt attempt counts only if it fails itself.
   */
  readonly isExempt?: boolean;
}

/**
 * Throttles callers that guess credentials. Attempts with valid credentials must not count, but the rate
 * limiter cannot report a count without increasing it. Each isolate therefore remembers the sources that
 * failed recently, and counts every further attempt of those sources before it looks anything up.
 */
export class FailedAttempts {
  readonly #failed = new ExpiringMap<true>(MAX_FAILED_SOURCES);

  /**
   * Begins an attempt to authenticate, and counts it if its source failed recently.
   *
   * @param attempt how it is counted; by default against its address alone.
   * @returns a function that counts a failure of the attempt, unless it is counted already.
   * @throws Problem `tooManyFailedAttempts` if too many attempts of the source failed. The returned function throws it
   * too, in place of the error of the attempt.
   */
  async begin(
    c: Context<AppEnv>,
    { subject = '', isExempt = false }: Attempt = {},
  ): Promise<() => Promise<void>> {
    const { now } = c.get('dependencies');
    const { windowSeconds } = rateLimitPolicies.refusedCredentials;
    // This is a function because most requests are exempt and succeed, and so never need the source.
    const source = () => `${sourceOf(c)} ${subject.slice(0, MAX_SUBJECT_LENGTH)}`.trimEnd();
    const isCounted = !isExempt && this.#failed.get(source(), now()) === true;
    if (isCounted) {
      await countRequest(c, rateLimitPolicies.refusedCredentials, source());
    }
    return async () => {
      this.#failed.set(source(), true, now() + windowSeconds * 1000);
      if (!isCounted) {
        await countRequest(c, rateLimitPolicies.refusedCredentials, source());
      }
    };
  }

  /**
   * Runs an attempt to authenticate, and counts it if it fails or if its source failed recently.
   *
   * @param isFailure returns whether an error means that a credential was wrong.
   * @param run the attempt to authenticate.
   * @param attempt how it is counted.
   * @returns the result of the attempt.
   * @throws Problem `tooManyFailedAttempts`, as `begin`.
   */
  async watch<T>(
    c: Context<AppEnv>,
    isFailure: (error: unknown) => boolean,
    run: () => Promise<T>,
    attempt: Attempt = {},
  ): Promise<T> {
    const countFailure = await this.begin(c, attempt);
    try {
      return await run();
    } catch (error) {
      if (isFailure(error)) {
        await countFailure();
      }
      throw error;
    }
  }
}

/** The address from which the requests of all Workers of other zones come, as eight groups. */
const WORKERS_OF_OTHER_ZONES = '2a06:98c0:3600:0:0:0:0:103';
/** A host name (RFC 1123 §2.1) in any case. */
const HOST_NAME = /^[a-z0-9.-]{1,253}$/i;

/**
 * Returns what failed attempts are counted for: the network of one subscriber, and for Workers of other zones, which
 * share one address, also the zone. Cloudflare sets `CF-Worker` to the zone there. From any other address, the
 * caller could choose the header and with it a new source each time, so it is ignored.
 */
export function sourceOf(c: Context<AppEnv>): string {
  const address = c.req.header('cf-connecting-ip') ?? 'unknown';
  if (!address.includes(':')) {
    return address;
  }
  const groups = groupsOf(address);
  const zone = c.req.header('cf-worker') ?? '';
  return groups.join(':') === WORKERS_OF_OTHER_ZONES && HOST_NAME.test(zone)
    ? `${networkOf(groups)}#${zone.toLowerCase()}`
    : networkOf(groups);
}

/**
 * Returns the first 64 bits of an IPv6 address. A subscriber is assigned at least that whole prefix (RFC 6177)
 * and can use any address in it.
 */
const networkOf = (groups: readonly string[]): string => groups.slice(0, 4).join(':');

/** Returns the groups of an IPv6 address, without leading zeros (RFC 5952 §4.1). */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  const all = [...groups, ...Array(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')];
  return all.slice(0, 8).map((group) => group.replace(/^0{1,3}(?=.)/, ''));
}

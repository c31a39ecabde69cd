import type { Context } from 'hono';
import { ExpiringMap } from '../../auth/expiring-map.ts';
import type { AppEnv } from '../../context.ts';
import { countRequest, policies } from './rate-limit.ts';

/** Enough for the sources that fail at one isolate in a minute. */
const CAPACITY = 10_000;
/** Characters that are used of a subject: at the token endpoint anybody may choose the client's name. */
const MAX_SUBJECT_LENGTH = 255;

/** Whom an attempt is counted for. */
interface Attempt {
  /**
   * What may be guessed: the secret, or the API key, of one client. Failures for one subject hold up
   * no other one at the same address, which an office, or everybody who opens a web page there, may
   * share. The API key is one of its own: only who has a token of the client can fail there.
   */
  readonly subject?: string;
  /**
   * Whether the attempt is made however many failed before: it costs nothing, or its credentials were
   * right lately. It is counted only if it fails itself.
   */
  readonly isExempt?: boolean;
}

/**
 * Throttles callers that guess credentials. The limiter can count but cannot be asked, and attempts
 * with right credentials must not count: so this isolate remembers who failed lately, and counts each
 * attempt of those before anything is looked up.
 */
export class Suspects {
  readonly #failed = new ExpiringMap<true>(CAPACITY);

  /**
   * Runs an attempt to authenticate.
   *
   * @param isFailure tells a wrong credential from every other error.
   * @param options for whom the attempt is counted: by default for its address alone.
   * @returns what the attempt returns.
   * @throws Problem `tooManyFailedAttempts` instead of the attempt, or instead of its failure, when
   * attempts failed too often.
   */
  async watch<T>(
    c: Context<AppEnv>,
    isFailure: (error: unknown) => boolean,
    attempt: () => Promise<T>,
    { subject = '', isExempt = false }: Attempt = {},
  ): Promise<T> {
    const { now } = c.get('dependencies');
    // Computed only when it is needed: most requests are exempt and do not fail.
    const source = () => `${networkOf(c)} ${subject.slice(0, MAX_SUBJECT_LENGTH)}`.trimEnd();
    const isCounted = !isExempt && this.#failed.get(source(), now()) === true;
    if (isCounted) {
      await countRequest(c, policies.refusedCredentials, source());
    }
    try {
      return await attempt();
    } catch (error) {
      if (isFailure(error)) {
        this.#failed.set(source(), true, now() + policies.refusedCredentials.window * 1000);
        if (!isCounted) {
          await countRequest(c, policies.refusedCredentials, source());
        }
      }
      throw error;
    }
  }
}

/**
 * Returns what one subscriber has of the address that a request comes from: an IPv4 address, or the
 * first 64 bits of an IPv6 address (RFC 6177), for whoever has one of these has all of the rest.
 */
export function networkOf(c: Context<AppEnv>): string {
  const address = c.req.header('cf-connecting-ip') ?? 'unknown';
  if (!address.includes(':')) {
    return address;
  }
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  const all = [...groups, ...Array(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

import type { Context } from 'hono';
import { ExpiringMap } from '../auth/expiring-map.ts';
import type { AppEnv } from '../context.ts';
import { countRequest, policies } from './rate-limit.ts';

/** Enough for the addresses that fail at one isolate in a minute. */
const CAPACITY = 10_000;

/**
 * Slows down who guesses credentials. The limiter can count but not be asked, and good attempts must
 * not count: so this isolate remembers which addresses failed lately, and counts each attempt of
 * those before anything is looked up. Credentials that the isolate knows to be good never get here.
 */
export class Suspects {
  readonly #addresses = new ExpiringMap<true>(CAPACITY);

  /**
   * Runs an attempt to authenticate.
   *
   * @param isFailure tells a wrong credential from every other error.
   * @throws Problem `quotaExceeded`, instead of the attempt, for an address that failed too often.
   */
  async watch<T>(
    c: Context<AppEnv>,
    isFailure: (error: unknown) => boolean,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const address = networkOf(c.req.header('cf-connecting-ip') ?? 'unknown');
    const { now } = c.get('dependencies');
    const counted = this.#addresses.get(address, now()) === true;
    if (counted) {
      await countRequest(c, policies.address, address);
    }
    try {
      return await attempt();
    } catch (error) {
      if (isFailure(error)) {
        this.#addresses.set(address, true, now() + policies.address.window * 1000);
        if (!counted) {
          await countRequest(c, policies.address, address);
        }
      }
      throw error;
    }
  }
}

/**
 * What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 6177), for
 * whoever has one of these has all of the rest.
 */
function networkOf(address: string): string {
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

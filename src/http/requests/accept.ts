import type { Context } from 'hono';
import Negotiator from 'negotiator';
import { preferenceHeader } from './bounded-headers.ts';

/** A representation of a resource that an operation offers. */
export interface Offered {
  /** Its media type with its parameters, as in `Content-Type`. */
  readonly contentType: string;
}

/**
 * Chooses a representation (RFC 9110 §12.5.1): the most specific range that matches a type decides about it, and
 * the type with the highest quality is chosen. Of equals the one is chosen that the caller named more exactly,
 * then the one that the caller named first, and then the first one that is offered.
 *
 * @param accept the Accept header; a missing or empty one accepts everything.
 * @param offered the representations, the preferred one first.
 * @returns undefined when none is acceptable.
 */
export function negotiate<T extends Offered>(
  accept: string | undefined,
  offered: readonly [T, ...T[]],
): T | undefined {
  if (accept === undefined || accept.trim() === '') {
    return offered[0];
  }
  const types = offered.map(({ contentType }) => contentType);
  const chosen = new Negotiator({ headers: { accept } }).mediaType(types);
  return offered.find(({ contentType }) => contentType === chosen);
}

/**
 * Chooses the representation that a request accepts. An `Accept` header beyond `MAX_PREFERENCE_LENGTH` is treated
 * as missing.
 *
 * @see negotiate
 */
export function acceptedBy<T extends Offered>(
  c: Context,
  offered: readonly [T, ...T[]],
): T | undefined {
  return negotiate(preferenceHeader(c, 'accept'), offered);
}

import type { Context } from 'hono';
import { Problem } from '../../problems/problem.ts';

/** The maximum length of a header that only states a preference, in characters. */
export const MAX_PREFERENCE_LENGTH = 1000;

/**
 * Reads a header that only states a preference, which the API is free to ignore.
 *
 * @returns undefined if the header is missing or longer than `MAX_PREFERENCE_LENGTH`.
 */
export function preferenceHeader(c: Context, name: 'accept' | 'prefer'): string | undefined {
  const header = c.req.header(name);
  return header !== undefined && header.length > MAX_PREFERENCE_LENGTH ? undefined : header;
}

/**
 * Reads a header whose length is limited.
 *
 * @param name in lower case.
 * @param maxLength the maximum length in characters, as the document states it.
 * @param expected one sentence that tells the caller what to send.
 * @returns undefined if the header is missing.
 * @throws Problem `violations` if the header is longer.
 */
export function boundedHeader(
  c: Context,
  name: string,
  { maxLength, expected }: { readonly maxLength: number; readonly expected: string },
): string | undefined {
  const header = c.req.header(name);
  if (header !== undefined && header.length > maxLength) {
    throw new Problem('violations', {
      violations: [{ in: 'header', name, code: 'too_long', detail: expected }],
    });
  }
  return header;
}

import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Deprecation } from '../../policy.ts';
import { announce } from './standard-headers.ts';

/**
 * Parses a calendar day as its start in UTC.
 *
 * @param what the name of the value, for the error.
 * @throws Error if the value is not a day such as `2026-12-31`.
 */
function dayOf(text: unknown, what: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  if (typeof text !== 'string' || Number.isNaN(date.getTime())) {
    throw new Error(`${what} is not a day as in 2026-12-31`);
  }
  return date;
}

/**
 * Reads the deprecation that a route declares with `deprecated: true`, `'x-deprecated-since'` and
 * `'x-sunset'`. The days are in UTC, and the document shows them too. Partners get at least six months.
 *
 * @returns undefined if the route is not deprecated.
 * @throws Error if a day is missing or malformed, or if the period is shorter than six months, because
 * the API must not start with such a declaration.
 */
export function deprecationOf(route: RouteConfig): Deprecation | undefined {
  const { 'x-deprecated-since': from, 'x-sunset': until, operationId, deprecated } = route;
  if (deprecated !== true) {
    if (from !== undefined || until !== undefined) {
      throw new Error(`${operationId} names days of a deprecation and is not deprecated`);
    }
    return undefined;
  }
  const since = dayOf(from, `x-deprecated-since of ${operationId}`);
  const sunset = dayOf(until, `x-sunset of ${operationId}`);
  const notice = new Date(since);
  notice.setUTCMonth(notice.getUTCMonth() + 6);
  if (sunset < notice) {
    throw new Error(`${operationId} goes away less than half a year after its deprecation`);
  }
  return { since: `@${since.getTime() / 1000}`, sunset: sunset.toUTCString() };
}

/**
 * Adds the `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) headers to the response of the request,
 * whether it succeeds or fails.
 */
export function announceDeprecation(c: Context<AppEnv>, { since, sunset }: Deprecation): void {
  announce(c, { Deprecation: since, Sunset: sunset });
}

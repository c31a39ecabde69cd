import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Deprecation } from '../../policy.ts';
import { announce } from './standard-headers.ts';

/** A day of the calendar, in UTC. @throws Error for anything else. */
function dayOf(text: unknown, what: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  if (typeof text !== 'string' || Number.isNaN(date.getTime())) {
    throw new Error(`${what} is not a day as in 2026-12-31`);
  }
  return date;
}

/**
 * What a route declares with `deprecated: true`, `'x-deprecated-since'` and `'x-sunset'`, days in UTC,
 * which the document shows too. Partners get half a year at least.
 *
 * @returns undefined for a route that is not deprecated.
 * @throws Error for one that does not say since when and until when: such an API must not start.
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

/** Says on the answer to come, error or not, that the operation goes away. */
export function announceDeprecation(c: Context<AppEnv>, { since, sunset }: Deprecation): void {
  announce(c, { Deprecation: since, Sunset: sunset });
}

import type { Scope } from '../policy.ts';

/** The scopes (RFC 6749 §3.3) with their descriptions. Tokens, routes and the document use this list. */
export const scopes = {
  'prepared-tickets:read':
    'Read prepared tickets, the tickets that were picked up, and their product lines.',
  'prepared-tickets:write': 'Create, update and delete prepared tickets and their product lines.',
  'prepared-tickets:pick-up':
    'Pick up prepared tickets in the name of a customer. The Customer Portal needs it. A token gets it only if you request it explicitly.',
  'events:read': 'Read the events of your tickets, clients and API keys.',
  'credentials:manage':
    'Manage your clients and API keys. This effectively grants every other scope. A token gets it only if you request it explicitly.',
} as const satisfies Record<Scope, string>;

/** The scopes that a token has only if its request names them, because few programs need what they allow. */
export const ON_REQUEST_ONLY: readonly Scope[] = ['prepared-tickets:pick-up', 'credentials:manage'];

/** The scopes whose holder can gain access that outlives the credentials of the request. */
export const ADMINISTRATIVE: readonly Scope[] = ['credentials:manage'];

/** Returns whether a text is a scope of this API. */
export function isScope(value: string): value is Scope {
  return Object.hasOwn(scopes, value);
}

/** Splits a space-delimited scope string (RFC 6749 §3.3) into its tokens. */
export function parseScope(scope: string): string[] {
  return scope.split(' ').filter((token) => token !== '');
}

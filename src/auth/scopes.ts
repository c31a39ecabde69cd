import type { Scope } from '../policy.ts';

/** Every scope (RFC 6749 §3.3) with what it allows; the one list for tokens, routes and document. */
export const scopes = {
  'prepared-tickets:read': 'Read prepared tickets and their product lines.',
  'prepared-tickets:write': 'Create, change and delete prepared tickets and their product lines.',
  'credentials:manage':
    'Manage your clients and API keys. This effectively grants every other scope. A token gets it only if you request it explicitly.',
} as const satisfies Record<Scope, string>;

/** What a token never has unless its request names it: who holds it can give itself all the rest. */
export const ON_REQUEST_ONLY: readonly Scope[] = ['credentials:manage'];

/** Whether a scope token is one of ours. */
export function isScope(value: string): value is Scope {
  return Object.hasOwn(scopes, value);
}

/** Splits a space-delimited scope string (RFC 6749 §3.3) into its tokens. */
export function parseScope(scope: string): string[] {
  return scope.split(' ').filter((token) => token !== '');
}

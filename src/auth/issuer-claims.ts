import type { Scope } from '../policy.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { parseScope } from './scopes.ts';

/** The claims of a token, as parsed from its JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** A member that the token itself has: every object inherits some. */
function own<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Our partner for whom the token speaks; undefined when its issuer may speak for none such. */
export function partnerOf(settings: IssuerSettings, claims: Claims): number | undefined {
  const value = own(claims, settings.partner_claim);
  return typeof value === 'string' || Number.isSafeInteger(value)
    ? own(settings.partners, String(value))
    : undefined;
}

/** Our scopes for those that the token has; the ones that the settings do not map are ignored. */
export function scopesOf(settings: IssuerSettings, claims: Claims): ReadonlySet<Scope> {
  const claim = own(claims, settings.scope_claim);
  const theirs = typeof claim === 'string' ? parseScope(claim) : Array.isArray(claim) ? claim : [];
  return new Set(
    theirs.flatMap((name) => (typeof name === 'string' && own(settings.scopes, name)) || []),
  );
}

/** The issuer's client (`client_id` of RFC 9068 §2.2, else `azp`), for logs only. */
export function clientOf({ issuer }: IssuerSettings, claims: Claims): string {
  const client = [own(claims, 'client_id'), own(claims, 'azp')].find(
    (name) => typeof name === 'string',
  );
  return `${issuer} ${client ?? 'unknown'}`.slice(0, 255);
}

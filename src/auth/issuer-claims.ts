import type { PartnerId } from '../db/partner-id.ts';
import type { Scope } from '../policy.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { parseScope } from './scopes.ts';

/** The claims of a token as parsed from its JSON, unvalidated. */
export type Claims = Readonly<Record<string, unknown>>;

/** Returns an own member of an object, and never an inherited one such as `constructor`. */
function ownMember<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Returns the partner that a token acts for.
 *
 * @returns the partner id; undefined unless the settings of the issuer list the value of the claim.
 */
export function resolvePartner(settings: IssuerSettings, claims: Claims): PartnerId | undefined {
  const value = ownMember(claims, settings.partner_claim);
  return typeof value === 'string' || Number.isSafeInteger(value)
    ? (ownMember(settings.partners, String(value)) as PartnerId | undefined)
    : undefined;
}

/**
 * Maps the scopes of a token to the scopes of this API. Scopes that the settings do not map are
 * ignored.
 */
export function mapScopes(settings: IssuerSettings, claims: Claims): ReadonlySet<Scope> {
  const claim = ownMember(claims, settings.scope_claim);
  const theirs = typeof claim === 'string' ? parseScope(claim) : Array.isArray(claim) ? claim : [];
  return new Set(
    theirs.flatMap((name) => (typeof name === 'string' && ownMember(settings.scopes, name)) || []),
  );
}

/**
 * Returns a label for the client of an external issuer: the issuer and `client_id` (RFC 9068 §2.2),
 * else `azp`, cut to 255 characters.
 */
export function describeClient({ issuer }: IssuerSettings, claims: Claims): string {
  const client = [ownMember(claims, 'client_id'), ownMember(claims, 'azp')].find(
    (name) => typeof name === 'string',
  );
  return `${issuer} ${client ?? 'unknown'}`.slice(0, 255);
}

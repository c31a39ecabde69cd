import type { Context, Next } from 'hono';
import { type Authenticator, requiresFreshLookup } from '../../auth/authenticate.ts';
import { isWrongCredential, scopeMissing, tokenInvalid } from '../../auth/refusals.ts';
import { requireCaller, requirePartner } from '../../auth/write-guard.repository.ts';
import type { AppEnv, Principal } from '../../context.ts';
import type { Scope } from '../../policy.ts';
import { announceDeprecation } from '../responses/deprecation.ts';
import type { Suspects } from './failed-attempts.ts';
import { requireJsonBody } from './json-body.ts';
import { requireReadableQuery } from './query-string.ts';
import { countRequest, policies } from './rate-limit.ts';
import { requireSignature } from './scanner-signature.ts';

/** What the app owns and every request meets, because it remembers. */
export interface Guards {
  readonly authenticator: Authenticator;
  readonly suspects: Suspects;
}

/**
 * Authenticates the caller and counts the request. Each step is free for whoever has not passed the
 * one before: the token is verified locally, then the request counts against the quota of the token's
 * partner, and only within that anything is looked up in D1.
 */
async function admit(
  c: Context<AppEnv>,
  scope: Scope,
  { authenticator, suspects }: Guards,
): Promise<void> {
  // It costs no D1 call, so a right token goes on, whoever else fails at the address.
  const token = await suspects.watch(c, isWrongCredential, () => authenticator.verifyToken(c), {
    isExempt: true,
  });
  c.set('caller', token);
  await countRequest(c, policies.partner, String(token.partnerId));
  const principal = await suspects.watch(
    c,
    isWrongCredential,
    () => authenticator.authenticate(c, token),
    { subject: `key ${token.clientId}`, isExempt: authenticator.isRecentlyConfirmed(c, token) },
  );
  c.set('principal', principal);
  if (!principal.scopes.has(scope)) {
    throw scopeMissing(c, scope);
  }
  guardWrites(c, principal, scope);
}

/** Makes every write of the request check in its own transaction that its caller is still valid. */
function guardWrites(c: Context<AppEnv>, principal: Principal, scope: Scope): void {
  c.var.db.guardWrites({
    statement: () =>
      requiresFreshLookup(scope)
        ? requireCaller(principal, scope, c.var.dependencies.now())
        : requirePartner(principal),
    refusal: () => tokenInvalid(c),
  });
}

/**
 * Enforces what the route of a request declares, before its validators run: who may call, how often,
 * and in which form the request must be.
 *
 * @throws Problem for a request that the policy refuses.
 */
export async function enforcePolicy(c: Context<AppEnv>, next: Next, guards: Guards): Promise<void> {
  const policy = c.get('policy');
  if (policy?.deprecation) {
    announceDeprecation(c, policy.deprecation);
  }
  if (policy?.scope) {
    await admit(c, policy.scope, guards);
  }
  if (policy?.requiresSignature) {
    await requireSignature(c, guards.suspects);
  }
  if (policy?.takesQuery) {
    requireReadableQuery(c);
  }
  if (policy?.takesJson) {
    await requireJsonBody(c);
  }
  await next();
}

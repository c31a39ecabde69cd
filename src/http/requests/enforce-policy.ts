import type { Context, Next } from 'hono';
import { type Authenticator, requiresFreshLookup } from '../../auth/authenticate.ts';
import { isWrongCredential, scopeMissing, tokenInvalid } from '../../auth/refusals.ts';
import { requireCaller, requirePartner } from '../../auth/write-guard.repository.ts';
import type { AppEnv, Principal } from '../../context.ts';
import type { PartnerLines } from '../../db/partner-lines.ts';
import type { OwnLimit, Policy, Scope } from '../../policy.ts';
import { announceDeprecation } from '../responses/deprecation.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import { enterHome } from './home.ts';
import { requireJsonBody } from './json-body.ts';
import { requireReadableQuery } from './query-string.ts';
import { countKind, countRequest, isHeavy, rateLimitPolicies } from './rate-limit.ts';
import { requireSignature } from './scanner-signature.ts';

/** The guards that keep state between requests. The app owns one of each for the life of the isolate. */
export interface Guards {
  readonly authenticator: Authenticator;
  readonly failedAttempts: FailedAttempts;
  readonly partnerLines: PartnerLines;
}

/** Counts a request against the rate limit that its operation has beside that of the partner. */
async function countOwn(
  c: Context<AppEnv>,
  { name, when }: OwnLimit,
  partnerId: number,
): Promise<void> {
  if (when === undefined || when(new Set(new URL(c.req.url).searchParams.keys()))) {
    await countKind(c, name, partnerId);
  }
}

/**
 * Authenticates the caller and counts the request against its quota. The steps are ordered by cost, so
 * that a caller whom one step rejects cannot cause the cost of the next. First, the access token is
 * verified locally. Then, the request counts against the quotas of the token's partner. Only a request
 * within those quotas causes a lookup in D1. From then on, the D1 calls of a heavy operation wait in line.
 *
 * @throws Problem if the credentials are invalid, a rate limit is exceeded or the scope is missing.
 */
async function admit(
  c: Context<AppEnv>,
  { scope, ownLimit }: Policy,
  { authenticator, failedAttempts, partnerLines }: Guards,
): Promise<void> {
  // The check costs no query to D1. A valid token is therefore accepted however many attempts from the
  // same address failed before.
  const token = await failedAttempts.watch(
    c,
    isWrongCredential,
    () => authenticator.verifyToken(c),
    {
      isExempt: true,
    },
  );
  c.set('caller', token);
  enterHome(c, token.home);
  await countRequest(c, rateLimitPolicies.partner, String(token.partnerId));
  if (ownLimit !== undefined) {
    await countOwn(c, ownLimit, token.partnerId);
  }
  const principal = await failedAttempts.watch(
    c,
    isWrongCredential,
    () => authenticator.authenticate(c, token),
    { subject: `key ${token.clientId}`, isExempt: authenticator.isRecentlyConfirmed(c, token) },
  );
  c.set('principal', principal);
  if (scope !== null && !principal.scopes.has(scope)) {
    throw scopeMissing(c, scope);
  }
  guardWrites(c, principal, scope);
  if (ownLimit !== undefined && isHeavy(ownLimit.name)) {
    c.var.db.waitInLine(partnerLines, principal.partnerId);
  }
}

/** Makes every write of the request verify, in its own transaction, that the caller is still valid. */
function guardWrites(c: Context<AppEnv>, principal: Principal, scope: Scope | null): void {
  c.var.db.guardWrites({
    statement: () =>
      scope !== null && requiresFreshLookup(scope)
        ? requireCaller(principal, scope, c.var.dependencies.now())
        : requirePartner(principal),
    refusal: () => tokenInvalid(c),
  });
}

/**
 * Enforces the policy of the request's route before the validators run: authentication, scope, rate
 * limits, and the form of the query and the body.
 *
 * @throws Problem if the policy rejects the request.
 */
export async function enforcePolicy(c: Context<AppEnv>, next: Next, guards: Guards): Promise<void> {
  const policy = c.get('policy');
  if (policy?.deprecation) {
    announceDeprecation(c, policy.deprecation);
  }
  if (policy?.requiresCredentials) {
    await admit(c, policy, guards);
  }
  if (policy?.requiresSignature) {
    await requireSignature(c, guards.failedAttempts);
  }
  if (policy?.takesQuery) {
    requireReadableQuery(c);
  }
  if (policy?.takesJson) {
    await requireJsonBody(c);
    // The caller decides how slowly the body arrives, so that time is none of the database.
    c.var.db.renewDeadline();
  }
  await next();
}

import type { Context, Next } from 'hono';
import type { AccessToken } from '../../auth/access-tokens.ts';
import type { Authenticator } from '../../auth/authenticate.ts';
import { isWrongCredential, scopeMissing } from '../../auth/refusals.ts';
import type { AppEnv } from '../../context.ts';
import type { PartnerLines } from '../../db/partner-lines.ts';
import type { OwnLimit, Policy } from '../../policy.ts';
import { announceDeprecation } from '../responses/deprecation.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import { forcePreferredProblem } from './forced-problem.ts';
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
 * Identifies the caller and counts the request against its quota. The steps are ordered by cost, so that a caller whom
 * one step rejects cannot cause the cost of the next. First, the access token is verified locally. Then, the request
 * counts against the quotas of the token's partner. Only a request within those quotas reaches D1, where the gate
 * decides about the caller. The D1 calls of a heavy operation wait in line.
 *
 * @throws Problem if the token is invalid, the API key cannot exist, or a rate limit is exceeded.
 */
async function admit(
  c: Context<AppEnv>,
  { ownLimit }: Policy,
  { authenticator, failedAttempts, partnerLines }: Guards,
): Promise<AccessToken> {
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
  const countFailure = await failedAttempts.begin(c, {
    subject: `key ${token.clientId}`,
    isExempt: authenticator.isRecentlyConfirmed(c, token),
  });
  const { principal, gate, isConfirmed } = await authenticator.identify(c, token, countFailure);
  c.set('principal', principal);
  const { db } = c.var;
  db.setGate(gate, isConfirmed);
  if (ownLimit !== undefined && isHeavy(ownLimit.name)) {
    db.waitInLine(partnerLines, principal.partnerId);
  }
  return token;
}

/** Requires that a query and a body can be read, before the validators run. */
async function requireForm(c: Context<AppEnv>, policy: Policy | undefined): Promise<void> {
  if (policy?.takesQuery) {
    requireReadableQuery(c);
  }
  if (policy?.takesJson) {
    await requireJsonBody(c);
    // The caller decides how slowly the body arrives, so that time is none of the database.
    c.var.db.renewDeadline();
  }
}

/**
 * Passes the gate if the response needed no D1 call: that of a violation, for example. A refusal of the gate takes the
 * place of that response.
 */
async function passGate(c: Context<AppEnv>): Promise<void> {
  try {
    await c.var.db.passGate();
  } catch (error) {
    // Otherwise the refusal would have the headers of the response that it replaces.
    c.res = undefined;
    throw error;
  }
}

/**
 * Enforces the policy of the request's route: authentication, rate limits, and, before the validators run, the scope,
 * the problem that a test asks for, and the form of the query and the body. Whatever the response is, its caller has passed the gate.
 *
 * @throws Problem if the policy rejects the request.
 */
export async function enforcePolicy(c: Context<AppEnv>, next: Next, guards: Guards): Promise<void> {
  const policy = c.get('policy');
  if (policy?.deprecation) {
    announceDeprecation(c, policy.deprecation);
  }
  const token = policy?.requiresCredentials ? await admit(c, policy, guards) : undefined;
  if (policy?.requiresSignature) {
    await requireSignature(c, guards.failedAttempts);
  }
  try {
    if (policy?.scope && !token?.scopes.has(policy.scope)) {
      throw scopeMissing(c, policy.scope);
    }
    if (policy?.requiresCredentials) {
      await forcePreferredProblem(c, policy);
    }
    await requireForm(c, policy);
    await next();
  } finally {
    if (policy?.requiresCredentials) {
      await passGate(c);
    }
  }
}

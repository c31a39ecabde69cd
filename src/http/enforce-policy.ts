import type { Context, Next } from 'hono';
import { type Authenticator, mustAsk } from '../auth/authenticate.ts';
import { scopeMissing, WrongCredential } from '../auth/refusals.ts';
import type { Scope } from '../auth/scopes.ts';
import type { AppEnv } from '../context.ts';
import { announceDeprecation } from './deprecation.ts';
import { requireJsonBody } from './json-body.ts';
import { requireReadableQuery } from './query-string.ts';
import { countRequest, policies } from './rate-limit.ts';
import { requireSignature } from './scanner-signature.ts';
import type { Suspects } from './suspects.ts';

/** What the app owns and every request meets, because it remembers. */
export interface Guards {
  readonly authenticator: Authenticator;
  readonly suspects: Suspects;
}

const isWrongCredential = (error: unknown) => error instanceof WrongCredential;

/** Sets who calls. The scope is looked at only once the request counts against the partner's quota. */
async function admit(
  c: Context<AppEnv>,
  scope: Scope,
  { authenticator, suspects }: Guards,
): Promise<void> {
  const known = authenticator.known(c);
  const prove = () => authenticator.prove(c);
  // Who was proven here before is not guessing, whoever else is at the address.
  let principal =
    known ??
    (await (authenticator.wasProven(c) ? prove() : suspects.watch(c, isWrongCredential, prove)));
  c.set('principal', principal);
  await countRequest(c, policies.partner, String(principal.partnerId));
  if (known !== undefined && mustAsk(scope)) {
    // After it is counted: beyond the quota nobody makes D1 work.
    principal = await prove();
    c.set('principal', principal);
  }
  if (!principal.scopes.has(scope)) {
    throw scopeMissing(c, scope);
  }
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

import type { Context, Next } from 'hono';
import type { Authenticator } from '../auth/authenticate.ts';
import type { Scope } from '../auth/scopes.ts';
import type { AppEnv, Principal } from '../context.ts';
import { Problem } from '../problems/problem.ts';
import { announceDeprecation } from './deprecation.ts';
import { requireJsonBody } from './json-body.ts';
import { requireReadableQuery } from './query-string.ts';
import { countRefusal, countRequest, policies } from './rate-limit.ts';

/** Authenticates; an address whose credentials are refused too often is told to wait instead. */
async function authenticated(
  c: Context<AppEnv>,
  authenticator: Authenticator,
  scope: Scope,
): Promise<Principal> {
  try {
    return await authenticator.authenticate(c, scope);
  } catch (error) {
    if (error instanceof Problem) {
      await countRefusal(c);
    }
    throw error;
  }
}

/**
 * Enforces what the route of a request declares, before its validators run: who may call, how often,
 * and in which form the request must be.
 *
 * @throws Problem for a request that the policy refuses.
 */
export async function enforcePolicy(
  c: Context<AppEnv>,
  next: Next,
  authenticator: Authenticator,
): Promise<void> {
  const policy = c.get('policy');
  if (policy?.deprecation) {
    announceDeprecation(c, policy.deprecation);
  }
  if (policy?.scope) {
    const principal = await authenticated(c, authenticator, policy.scope);
    c.set('principal', principal);
    await countRequest(c, policies.partner, String(principal.partnerId));
  }
  if (policy?.takesQuery) {
    requireReadableQuery(c);
  }
  if (policy?.takesJson) {
    await requireJsonBody(c);
  }
  await next();
}

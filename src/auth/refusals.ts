import type { Context } from 'hono';
import type { AppEnv } from '../context.ts';
import type { Scope } from '../policy.ts';
import { catalogue, type ProblemName, scopeMissingDetail } from '../problems/catalogue.ts';
import { Problem } from '../problems/problem.ts';

const { tokenMissing, keyMissing } = catalogue.credentialsMissing.causes;

/**
 * A credential was sent and is wrong: somebody may be guessing. One that is missing is none, nor is a
 * token that was valid until it expired, as every token does.
 */
const WRONG: readonly ProblemName[] = ['tokenInvalid', 'apiKeyInvalid', 'partnerMismatch'];

/** Whether an error says that a credential is wrong. */
export function isWrongCredential(error: unknown): boolean {
  return error instanceof Problem && WRONG.includes(error.problem);
}

/** The challenge (RFC 6750 §3), which leads to where tokens come from (RFC 9728 §5.1). */
function challenge(c: Context<AppEnv>, error = '') {
  const metadata = `${c.get('config').issuer}/.well-known/oauth-protected-resource`;
  return {
    'WWW-Authenticate': `Bearer realm="prepared-tickets", resource_metadata="${metadata}"${error}`,
  };
}

/** One and the same, whatever is wrong with the token, unless it is nothing but its age. */
export function wrongToken(c: Context<AppEnv>): Problem {
  return new Problem('tokenInvalid', { headers: challenge(c, ', error="invalid_token"') });
}

/** The token was valid until it expired; `invalid_token` too (RFC 6750 §3.1). */
export function expiredToken(c: Context<AppEnv>): Problem {
  return new Problem('tokenExpired', { headers: challenge(c, ', error="invalid_token"') });
}

/** One and the same, whether the key is malformed, unknown, disabled or expired. */
export function wrongKey(c: Context<AppEnv>): Problem {
  return new Problem('apiKeyInvalid', { headers: challenge(c) });
}

/** The credentials of two partners are both valid and do not go together. */
export function twoPartners(): Problem {
  return new Problem('partnerMismatch');
}

/** The principal may not do this (RFC 6750 §3.1). */
export function scopeMissing(c: Context<AppEnv>, scope: Scope): Problem {
  return new Problem('scopeMissing', {
    detail: scopeMissingDetail(scope),
    headers: challenge(c, `, error="insufficient_scope", scope="${scope}"`),
  });
}

/**
 * `Bearer` (case-insensitive: RFC 9110 §11.1), and what comes after it and as many spaces as somebody
 * may write by hand.
 */
const BEARER = /^Bearer(?: {1,16}(.*))?$/i;
/** The characters of a token (RFC 6750 §2.1). */
const TOKEN = /^[\w.~+/=-]+$/;

/**
 * Reads the access token of a request (RFC 6750 §2.1).
 *
 * @throws Problem `credentialsMissing` without one, or with another scheme, which RFC 6750 §3.1 has
 * challenged without an error code; `tokenInvalid` for what cannot be a token.
 */
export function bearerToken(c: Context<AppEnv>): string {
  const sent = BEARER.exec(c.req.header('authorization') ?? '');
  if (sent === null) {
    throw new Problem('credentialsMissing', { detail: tokenMissing, headers: challenge(c) });
  }
  const token = sent[1] ?? '';
  if (!TOKEN.test(token)) {
    throw wrongToken(c);
  }
  return token;
}

/**
 * Reads the API key of a request.
 *
 * @throws Problem `credentialsMissing` without one.
 */
export function apiKey(c: Context<AppEnv>): string {
  const key = c.req.header('x-api-key');
  if (key === undefined) {
    throw new Problem('credentialsMissing', { detail: keyMissing, headers: challenge(c) });
  }
  return key;
}

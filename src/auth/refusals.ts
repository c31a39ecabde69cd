import type { Context } from 'hono';
import type { AppEnv } from '../context.ts';
import type { GateReason } from '../db/errors.ts';
import type { Scope } from '../policy.ts';
import { catalogue, type ProblemName, scopeMissingDetail } from '../problems/catalogue.ts';
import { Problem } from '../problems/problem.ts';

const { tokenMissing, keyMissing } = catalogue.credentialsMissing.causes;

/**
 * The problems that count as a failed attempt, because the caller may be guessing. Missing credentials
 * and a token that has merely expired do not count.
 */
const FAILED_ATTEMPTS: readonly ProblemName[] = [
  'tokenInvalid',
  'apiKeyInvalid',
  'partnerMismatch',
];

/** Returns whether an error says that a credential is wrong. */
export function isWrongCredential(error: unknown): boolean {
  return error instanceof Problem && FAILED_ATTEMPTS.includes(error.problem);
}

/**
 * Returns the challenge header (RFC 6750 §3) with the URL of the protected resource metadata
 * (RFC 9728 §5.1).
 *
 * @param error further parameters of the challenge, which start with a comma.
 */
function challenge(c: Context<AppEnv>, error = '') {
  const metadata = `${c.get('config').issuer}/.well-known/oauth-protected-resource`;
  return {
    'WWW-Authenticate': `Bearer realm="prepared-tickets", resource_metadata="${metadata}"${error}`,
  };
}

/**
 * Returns the headers of a problem: for one of access, the challenge with the error code of RFC 6750 §3.1, and for any
 * other one none.
 *
 * @param scope the scope that the operation requires.
 */
export function headersOfRefusal(
  c: Context<AppEnv>,
  name: ProblemName,
  scope: Scope | null = null,
) {
  switch (name) {
    case 'credentialsMissing':
    case 'apiKeyInvalid':
      return challenge(c);
    case 'tokenExpired':
    case 'tokenInvalid':
      return challenge(c, ', error="invalid_token"');
    case 'scopeMissing':
      return challenge(c, `, error="insufficient_scope", scope="${scope}"`);
    default:
      return {};
  }
}

/** Returns the problem for a token that is invalid or revoked. It does not tell which check failed. */
export function tokenInvalid(c: Context<AppEnv>): Problem {
  return new Problem('tokenInvalid', { headers: headersOfRefusal(c, 'tokenInvalid') });
}

/**
 * Returns the problem for a token whose only fault is that it has expired (`invalid_token`, RFC 6750
 * §3.1).
 */
export function tokenExpired(c: Context<AppEnv>): Problem {
  return new Problem('tokenExpired', { headers: headersOfRefusal(c, 'tokenExpired') });
}

/** Returns the problem for a principal that lacks the required scope (RFC 6750 §3.1). */
export function scopeMissing(c: Context<AppEnv>, scope: Scope): Problem {
  return new Problem('scopeMissing', {
    detail: scopeMissingDetail(scope),
    headers: headersOfRefusal(c, 'scopeMissing', scope),
  });
}

/**
 * Returns the problem of a request whose gate is closed.
 *
 * @param scope the scope that the operation requires.
 */
export function gateClosed(c: Context<AppEnv>, reason: GateReason, scope: Scope | null): Problem {
  switch (reason) {
    case 'api-key-invalid':
      // It does not tell whether the key is malformed, unknown, disabled or expired.
      return new Problem('apiKeyInvalid', { headers: headersOfRefusal(c, 'apiKeyInvalid') });
    case 'partner-mismatch':
      return new Problem('partnerMismatch');
    case 'scope-missing':
      return scopeMissing(c, scope as Scope);
    default:
      return tokenInvalid(c);
  }
}

/** Returns the problem for a request that lacks a credential, with a challenge without an error code (RFC 6750 §3.1). */
const credentialMissing = (c: Context<AppEnv>, detail: string): Problem =>
  new Problem('credentialsMissing', { detail, headers: headersOfRefusal(c, 'credentialsMissing') });

/**
 * Matches `Bearer` (case-insensitive: RFC 9110 §11.1), then 1 to 16 spaces, because headers written by
 * hand can contain more than one, and captures the rest.
 */
const BEARER = /^Bearer(?: {1,16}(.*))?$/i;
/** Matches the characters that a token can have (RFC 6750 §2.1). */
const TOKEN = /^[\w.~+/=-]+$/;

/**
 * Reads the access token of a request (RFC 6750 §2.1).
 *
 * @throws Problem `credentialsMissing` if there is none or the scheme is not `Bearer`; `tokenInvalid` if the text cannot
 * be a token.
 */
export function readBearerToken(c: Context<AppEnv>): string {
  const sent = BEARER.exec(c.req.header('authorization') ?? '');
  if (sent === null) {
    throw credentialMissing(c, tokenMissing);
  }
  const token = sent[1] ?? '';
  if (!TOKEN.test(token)) {
    throw tokenInvalid(c);
  }
  return token;
}

/**
 * Reads the API key of a request.
 *
 * @throws Problem `credentialsMissing` if there is none.
 */
export function readApiKey(c: Context<AppEnv>): string {
  const key = c.req.header('x-api-key');
  if (key === undefined) {
    throw credentialMissing(c, keyMissing);
  }
  return key;
}

import type { Context } from 'hono';
import type { AppEnv } from '../context.ts';
import { Problem } from '../problems/problem.ts';
import type { Scope } from './scopes.ts';

/**
 * A credential was sent and is wrong: somebody may be guessing. One that is missing is none, nor is
 * a token that was good until it expired, as every token does.
 */
export class WrongCredential extends Problem {}

/** The challenge (RFC 6750 §3), which leads to where tokens come from (RFC 9728 §5.1). */
function challenge(c: Context<AppEnv>, error = '') {
  const metadata = `${c.get('config').issuer}/.well-known/oauth-protected-resource`;
  return {
    'WWW-Authenticate': `Bearer realm="prepared-tickets", resource_metadata="${metadata}"${error}`,
  };
}

const invalidToken = (c: Context<AppEnv>) => ({
  detail: 'The access token is not valid or has expired. Get a new one from /oauth2/token.',
  headers: challenge(c, ', error="invalid_token"'),
});

/** One and the same, whatever is wrong with the token. */
export function wrongToken(c: Context<AppEnv>): Problem {
  return new WrongCredential('unauthorized', invalidToken(c));
}

/** Answered as a wrong token is. */
export function expiredToken(c: Context<AppEnv>): Problem {
  return new Problem('unauthorized', invalidToken(c));
}

/** One and the same, whether the key is malformed, unknown, disabled or expired. */
export function wrongKey(c: Context<AppEnv>): Problem {
  return new WrongCredential('unauthorized', {
    detail: 'The API key is not valid. Send your key in the header x-api-key.',
    headers: challenge(c),
  });
}

/** The credentials of two partners are both good and do not go together. */
export function twoPartners(): Problem {
  return new WrongCredential('forbidden', {
    detail: 'The access token and the API key belong to two partners. Use those of one.',
  });
}

/** The principal may not do this (RFC 6750 §3.1). */
export function scopeMissing(c: Context<AppEnv>, scope: Scope): Problem {
  return new Problem('forbidden', {
    detail: `The access token lacks the scope ${scope}. Request a token with it.`,
    headers: challenge(c, `, error="insufficient_scope", scope="${scope}"`),
  });
}

/**
 * `Bearer` and a token, with as many spaces between as somebody may write by hand: the header is
 * remembered as it is, and what is remembered must be short.
 */
const BEARER = /^Bearer {1,16}([\w.~+/=-]+)$/i;

/**
 * The token of a request (RFC 6750 §2.1); the scheme is case-insensitive (RFC 9110 §11.1).
 *
 * @throws Problem `unauthorized` without one.
 */
export function bearerToken(c: Context<AppEnv>): string {
  const header = c.req.header('authorization');
  if (header === undefined) {
    throw new Problem('unauthorized', {
      detail: 'The access token is missing. Send the header authorization: Bearer, then the token.',
      headers: challenge(c),
    });
  }
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) {
    throw wrongToken(c);
  }
  return token;
}

/** The API key of a request. @throws Problem `unauthorized` without one. */
export function apiKey(c: Context<AppEnv>): string {
  const key = c.req.header('x-api-key');
  if (key === undefined) {
    throw new Problem('unauthorized', {
      detail: 'The API key is missing. Send your key in the header x-api-key.',
      headers: challenge(c),
    });
  }
  return key;
}

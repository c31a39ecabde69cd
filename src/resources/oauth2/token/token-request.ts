import type { Context } from 'hono';
import { ACCESS_TOKEN_LIFETIME_S, issueAccessToken } from '../../../auth/access-tokens.ts';
import type { ClientRow } from '../../../auth/credentials.repository.ts';
import { isScope, ON_REQUEST_ONLY, parseScope } from '../../../auth/scopes.ts';
import { signingKeysOf } from '../../../config.ts';
import { hasContentCoding } from '../../../http/requests/content-coding.ts';
import type { Guards } from '../../../http/requests/enforce-policy.ts';
import { NO_STORE, reply } from '../../../http/responses/reply.ts';
import { type Mount, serve } from '../../../http/serve.ts';
import { OAuthError } from '../../../problems/problem.ts';
import { clientCredentialsOf } from './client-authentication.ts';
import { ClientAuthenticator } from './client-authenticator.ts';
import { createToken } from './token.ts';

/**
 * Returns the scope of a new token (RFC 6749 §3.3). A request may ask for a subset of the client's scopes
 * in `scope`. Without `scope`, the token gets all of them except those in `ON_REQUEST_ONLY`.
 *
 * @param form the form of the token request.
 * @param clientScope the scopes of the client, space-delimited.
 * @throws OAuthError `invalid_scope` if the request names other scopes or would result in no scope.
 */
function grantedScope(form: URLSearchParams, clientScope: string): string {
  const granted = parseScope(clientScope).filter(isScope);
  const byDefault = granted.filter((scope) => !ON_REQUEST_ONLY.includes(scope));
  const requested = parseScope(form.get('scope') ?? byDefault.join(' '));
  const known = requested.filter(isScope);
  if (known.length < requested.length || !known.every((scope) => granted.includes(scope))) {
    throw new OAuthError(
      'invalid_scope',
      'The client does not have a requested scope. Request only scopes that the client has.',
    );
  }
  if (known.length === 0) {
    throw new OAuthError(
      'invalid_scope',
      'The token would have no scope. Request the scopes of the client by their names.',
    );
  }
  return [...new Set(known)].join(' ');
}

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/**
 * Reads the form of a token request. A parameter without a value is treated as omitted (RFC 6749 §3.2).
 *
 * @throws OAuthError `invalid_request` if the body is not a form or repeats a parameter.
 */
async function readForm(c: Context): Promise<URLSearchParams> {
  if (!FORM.test(c.req.header('content-type') ?? '')) {
    throw new OAuthError(
      'invalid_request',
      'The body is not labelled as a form. Send it with content-type: application/x-www-form-urlencoded.',
    );
  }
  if (hasContentCoding(c)) {
    throw new OAuthError(
      'invalid_request',
      'The body has a content coding. Send it uncompressed, without content-encoding.',
    );
  }
  const sent = new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer()));
  const names = new Set<string>();
  const form = new URLSearchParams();
  // One pass is enough work for an unauthenticated request: `has` and `get` scan the whole form each time.
  for (const [name, value] of sent) {
    if (names.has(name)) {
      throw new OAuthError(
        'invalid_request',
        'A parameter is repeated. Send each parameter only once.',
      );
    }
    names.add(name);
    if (value !== '') {
      form.append(name, value);
    }
  }
  return form;
}

function requireGrantType(form: URLSearchParams): void {
  const grantType = form.get('grant_type');
  if (grantType === null) {
    throw new OAuthError(
      'invalid_request',
      'The parameter grant_type is missing. Send grant_type=client_credentials.',
    );
  }
  if (grantType !== 'client_credentials') {
    throw new OAuthError(
      'unsupported_grant_type',
      'The grant type is not supported. Send grant_type=client_credentials.',
    );
  }
}

/**
 * Returns the lifetime of a new token in seconds. The token does not outlive its client, except that its
 * lifetime is at least one second.
 *
 * @param now milliseconds since 1970.
 */
function tokenLifetimeSeconds(client: ClientRow, now: number): number {
  const remaining = Math.floor((client.valid_until - now) / 1000);
  return Math.min(ACCESS_TOKEN_LIFETIME_S, Math.max(1, remaining));
}

/** Returns the mount of `/oauth2/token` (RFC 6749 §4.4). */
export function tokenEndpoint({ failedAttempts }: Guards): Mount {
  const authenticator = new ClientAuthenticator(failedAttempts);
  return serve(createToken, async (c) => {
    const form = await readForm(c);
    const credentials = clientCredentialsOf(c.req.header('authorization'), form);
    requireGrantType(form);
    const { dependencies, config } = c.var;
    // The time is read before the client is looked up. If the secret is reported as leaked in between,
    // the revocation then applies to this token too.
    const now = dependencies.now();
    const client = await authenticator.authenticate(c, credentials);
    const scope = grantedScope(form, client.scopes);
    const keys = await signingKeysOf(config);
    const lifetime = tokenLifetimeSeconds(client, now);
    const issuedAt = Math.max(now, client.tokens_from);
    const token = await issueAccessToken(keys, config.issuer, issuedAt, {
      clientId: credentials.clientId,
      partnerId: client.partner_id,
      scope,
      tokenId: dependencies.newId(),
      lifetimeS: lifetime,
    });
    return reply(
      c,
      createToken,
      200,
      { access_token: token, expires_in: lifetime, token_type: 'Bearer', scope },
      { headers: { ...NO_STORE, Pragma: 'no-cache' } },
    );
  });
}

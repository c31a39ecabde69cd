import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ACCESS_TOKEN_LIFETIME, issueAccessToken } from '../../../auth/access-tokens.ts';
import type { Authenticator } from '../../../auth/authenticate.ts';
import { findClient } from '../../../auth/credentials.repository.ts';
import { parseScope } from '../../../auth/scopes.ts';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { countRefusal } from '../../../http/rate-limit.ts';
import { reply } from '../../../http/reply.ts';
import { OAuthError } from '../../../problems/problem.ts';
import { type ClientCredentials, clientCredentialsOf } from './client-authentication.ts';
import * as routes from './token.routes.ts';

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Reads the form; RFC 6749 §3.2: a parameter comes once, and one without a value counts as left out. */
async function formOf(c: Context): Promise<URLSearchParams> {
  if (!FORM.test(c.req.header('content-type') ?? '')) {
    throw new OAuthError(
      'invalid_request',
      'Send the parameters as application/x-www-form-urlencoded.',
    );
  }
  const form = new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer()));
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name);
    if (values.length > 1) {
      throw new OAuthError('invalid_request', 'A parameter is repeated. Send each one once.');
    }
    if (values[0] === '') {
      form.delete(name);
    }
  }
  return form;
}

function requireGrantType(form: URLSearchParams): void {
  const grantType = form.get('grant_type');
  if (grantType === null) {
    throw new OAuthError('invalid_request', 'grant_type is missing. Send client_credentials.');
  }
  if (grantType !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'Send grant_type=client_credentials.');
  }
}

/** One answer, at one cost, for an unknown client and for a wrong secret. */
async function authenticatedClient(c: Context<AppEnv>, credentials: ClientCredentials) {
  const client = await findClient(c.var.db, credentials.clientId);
  const encoder = new TextEncoder();
  const sent = encoder.encode(await sha256(credentials.clientSecret));
  const stored = encoder.encode(client?.secret_sha256 ?? '0'.repeat(sent.byteLength));
  const same = crypto.subtle.timingSafeEqual(sent, stored);
  if (client === undefined || !same) {
    await countRefusal(c);
    throw new OAuthError('invalid_client', 'The client is unknown or its secret is wrong.');
  }
  return client;
}

/** RFC 6749 §3.3: a request may narrow what the client has; without `scope` it gets all. */
function grantedScope(form: URLSearchParams, clientScope: string): string {
  const granted = parseScope(clientScope);
  const requested = parseScope(form.get('scope') ?? clientScope);
  if (requested.length === 0 || !requested.every((scope) => granted.includes(scope))) {
    throw new OAuthError(
      'invalid_scope',
      `The client may request these scopes: ${granted.join(' ')}.`,
    );
  }
  return [...new Set(requested)].join(' ');
}

/** `POST /oauth2/token` (RFC 6749 §4.4). */
export function createToken(
  authenticator: Authenticator,
): RouteHandler<typeof routes.createToken, AppEnv> {
  return async (c) => {
    const form = await formOf(c);
    const credentials = clientCredentialsOf(c.req.header('authorization'), form);
    requireGrantType(form);
    const client = await authenticatedClient(c, credentials);
    const scope = grantedScope(form, client.scopes);
    const { dependencies, config } = c.var;
    const keys = await authenticator.signingKeys(c);
    const token = await issueAccessToken(keys, config.issuer, dependencies.now(), {
      clientId: credentials.clientId,
      partnerId: client.partner_id,
      scope,
      tokenId: dependencies.newId(),
    });
    const body = {
      access_token: token,
      expires_in: ACCESS_TOKEN_LIFETIME,
      token_type: 'Bearer',
      scope,
    };
    return reply(c, routes.createToken, 200, body, {
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
    });
  };
}

import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ACCESS_TOKEN_LIFETIME_S, issueAccessToken } from '../../../auth/access-tokens.ts';
import type { ClientRow } from '../../../auth/credentials.repository.ts';
import { signingKeysOf } from '../../../config.ts';
import type { AppEnv } from '../../../context.ts';
import { hasContentCoding } from '../../../http/requests/content-coding.ts';
import type { Guards } from '../../../http/requests/enforce-policy.ts';
import { reply } from '../../../http/responses/reply.ts';
import { OAuthError } from '../../../problems/problem.ts';
import { clientCredentialsOf } from './client-authentication.ts';
import { ClientAuthenticator } from './client-authenticator.ts';
import { grantedScope } from './granted-scope.ts';
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
  if (hasContentCoding(c)) {
    throw new OAuthError(
      'invalid_request',
      'The body has a content coding. Send it as it is, without content-encoding.',
    );
  }
  const sent = new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer()));
  const names = new Set<string>();
  const form = new URLSearchParams();
  // In one pass: each look-up in a form reads all of it, and nobody has proven who they are yet.
  for (const [name, value] of sent) {
    if (names.has(name)) {
      throw new OAuthError('invalid_request', 'A parameter is repeated. Send each one once.');
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
    throw new OAuthError('invalid_request', 'grant_type is missing. Send client_credentials.');
  }
  if (grantType !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'Send grant_type=client_credentials.');
  }
}

/** Seconds until a token ends: no later than its client, but for the least that there is. */
function lifetimeOf(client: ClientRow, now: number): number {
  const left = Math.floor((client.valid_until - now) / 1000);
  return Math.min(ACCESS_TOKEN_LIFETIME_S, Math.max(1, left));
}

/** `POST /oauth2/token` (RFC 6749 §4.4). */
export function createToken({ suspects }: Guards): RouteHandler<typeof routes.createToken, AppEnv> {
  const authenticator = new ClientAuthenticator(suspects);
  return async (c) => {
    const form = await formOf(c);
    const credentials = clientCredentialsOf(c.req.header('authorization'), form);
    requireGrantType(form);
    const { dependencies, config } = c.var;
    // Taken before the client is looked up, so that a report of a leak in between ends this token too.
    const now = dependencies.now();
    const client = await authenticator.authenticate(c, credentials);
    const scope = grantedScope(form, client.scopes);
    const keys = await signingKeysOf(config);
    const lifetime = lifetimeOf(client, now);
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
      routes.createToken,
      200,
      { access_token: token, expires_in: lifetime, token_type: 'Bearer', scope },
      { 'Cache-Control': 'no-store', Pragma: 'no-cache' },
    );
  };
}

import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ACCESS_TOKEN_LIFETIME, issueAccessToken } from '../../../auth/access-tokens.ts';
import { type ClientRow, findClient } from '../../../auth/credentials.repository.ts';
import { noteUse } from '../../../auth/last-use.ts';
import { isScope, ON_REQUEST_ONLY, parseScope } from '../../../auth/scopes.ts';
import { sha256 } from '../../../auth/secrets.ts';
import { signingKeysOf } from '../../../config.ts';
import type { AppEnv } from '../../../context.ts';
import type { Guards } from '../../../http/enforce-policy.ts';
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

/** Refused for its secret, in the same words as an unknown client: somebody may be guessing. */
class WrongSecret extends OAuthError {
  constructor() {
    super('invalid_client', 'The client is unknown or its secret is wrong.');
  }
}

const encoder = new TextEncoder();
/** Compared with when there is no client, so that its absence takes no less time. */
const NOBODYS = '0'.repeat(64);

/** Whether the secret is one of the client's; each is compared, and in constant time. */
async function isSecretOf(client: ClientRow | undefined, secret: string): Promise<boolean> {
  const sent = encoder.encode(await sha256(secret));
  const digests = [
    client?.secret_sha256 ?? NOBODYS,
    ...(JSON.parse(client?.retired ?? '[]') as string[]),
  ];
  // Those of another length never match; of all others each is looked at.
  return digests
    .map((digest) => encoder.encode(digest))
    .filter(({ byteLength }) => byteLength === sent.byteLength)
    .map((digest) => crypto.subtle.timingSafeEqual(sent, digest))
    .includes(true);
}

/** One answer, at one cost, for an unknown client and for a wrong secret. */
async function authenticatedClient(
  c: Context<AppEnv>,
  { clientId, clientSecret }: ClientCredentials,
): Promise<ClientRow> {
  const now = c.var.dependencies.now();
  const client = await findClient(c.var.db, clientId, now);
  if (!(await isSecretOf(client, clientSecret)) || client === undefined) {
    throw new WrongSecret();
  }
  if (client.valid_until <= now) {
    throw new OAuthError('unauthorized_client', 'The client is disabled or has expired.');
  }
  noteUse(c, [{ table: 'clients', id: clientId, lastUsedAt: client.last_used_at }]);
  return client;
}

/** RFC 6749 §3.3: a request may narrow what the client has; without `scope` it gets the daily ones. */
function grantedScope(form: URLSearchParams, clientScope: string): string {
  const granted = parseScope(clientScope).filter(isScope);
  const daily = granted.filter((scope) => !ON_REQUEST_ONLY.includes(scope));
  const requested = parseScope(form.get('scope') ?? daily.join(' '));
  const known = requested.filter(isScope);
  if (known.length < requested.length || !known.every((scope) => granted.includes(scope))) {
    throw new OAuthError(
      'invalid_scope',
      `The client may request these scopes: ${granted.join(' ')}.`,
    );
  }
  if (known.length === 0) {
    throw new OAuthError(
      'invalid_scope',
      `Request the scopes that the token shall have, of these: ${granted.join(' ')}.`,
    );
  }
  return [...new Set(known)].join(' ');
}

/** Seconds until a token ends: no later than its client, but for the least that there is. */
function lifetimeOf(client: ClientRow, now: number): number {
  const left = Math.floor((client.valid_until - now) / 1000);
  return Math.min(ACCESS_TOKEN_LIFETIME, Math.max(1, left));
}

/** `POST /oauth2/token` (RFC 6749 §4.4). */
export function createToken({ suspects }: Guards): RouteHandler<typeof routes.createToken, AppEnv> {
  return async (c) => {
    const form = await formOf(c);
    const credentials = clientCredentialsOf(c.req.header('authorization'), form);
    requireGrantType(form);
    const client = await suspects.watch(
      c,
      (error) => error instanceof WrongSecret,
      () => authenticatedClient(c, credentials),
    );
    const scope = grantedScope(form, client.scopes);
    const { dependencies, config } = c.var;
    const keys = await signingKeysOf(config);
    const now = dependencies.now();
    const lifetime = lifetimeOf(client, now);
    const token = await issueAccessToken(keys, config.issuer, now, {
      clientId: credentials.clientId,
      partnerId: client.partner_id,
      scope,
      tokenId: dependencies.newId(),
      lifetime,
    });
    const body = { access_token: token, expires_in: lifetime, token_type: 'Bearer', scope };
    return reply(c, routes.createToken, 200, body, {
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
    });
  };
}

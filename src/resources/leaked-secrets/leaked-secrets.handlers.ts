import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isWellFormedApiKey, isWellFormedClientSecret, sha256 } from '../../auth/secrets.ts';
import type { AppEnv } from '../../context.ts';
import { reply } from '../../http/responses/reply.ts';
import { endLeakedSecrets, type LeakedSecret } from './leaked-secrets.repository.ts';
import * as routes from './leaked-secrets.routes.ts';

const isOurs = (text: string) => isWellFormedApiKey(text) || isWellFormedClientSecret(text);

function base64(hex: string): string {
  return btoa(
    String.fromCharCode(...Uint8Array.from(hex.match(/../g) ?? [], (x) => parseInt(x, 16))),
  );
}

/** One line for each, for the operator to tell the partner. */
function logLeak(c: Context<AppEnv>, { partner_id, client_id, api_key_id }: LeakedSecret): void {
  c.var.dependencies.log?.({
    event: 'leak',
    request_id: c.var.requestId,
    partner: partner_id,
    ...(client_id === null ? { api_key: api_key_id } : { client: client_id }),
  });
}

/** `POST /leaked-secrets`. */
export const report: RouteHandler<typeof routes.reportLeakedSecrets, AppEnv> = async (c) => {
  const found = await Promise.all(
    c.req.valid('json').map(async ({ token, type }) => ({
      type,
      isOurs: isOurs(token),
      digest: await sha256(token),
    })),
  );
  const digests = found.filter((one) => one.isOurs).map(({ digest }) => digest);
  const leaked =
    digests.length === 0 ? [] : await endLeakedSecrets(c.var.db, digests, c.var.dependencies.now());
  for (const one of leaked) {
    logLeak(c, one);
  }
  const ended = new Set(leaked.map((one) => one.sha256));
  const body = found.map(({ type, digest }) => ({
    token_hash: base64(digest),
    token_type: type,
    label: ended.has(digest) ? ('true_positive' as const) : ('false_positive' as const),
  }));
  return reply(c, routes.reportLeakedSecrets, 200, body, { 'Cache-Control': 'no-store' });
};

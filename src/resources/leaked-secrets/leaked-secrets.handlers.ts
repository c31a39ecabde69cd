import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isWellFormedApiKey, isWellFormedClientSecret, sha256 } from '../../auth/secrets.ts';
import type { AppEnv } from '../../context.ts';
import { reply } from '../../http/responses/reply.ts';
import { type LeakedSecret, revokeLeakedSecrets } from './leaked-secrets.repository.ts';
import * as routes from './leaked-secrets.routes.ts';

/** Returns whether a text has the form and the checksum of a secret that this API issues. */
const isWellFormedSecret = (text: string) =>
  isWellFormedApiKey(text) || isWellFormedClientSecret(text);

function base64(hex: string): string {
  const byteAt = (_: unknown, i: number) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return btoa(String.fromCharCode(...Array.from({ length: hex.length / 2 }, byteAt)));
}

/** Logs one line for a leaked secret, so that an operator can notify the partner. */
function logLeak(c: Context<AppEnv>, { partner_id, client_id, api_key_id }: LeakedSecret): void {
  c.var.dependencies.log?.({
    event: 'leak',
    request_id: c.var.requestId,
    partner: partner_id,
    ...(client_id === null ? { api_key: api_key_id } : { client: client_id }),
  });
}

/** Handles `POST /leaked-secrets`. */
export const report: RouteHandler<typeof routes.reportLeakedSecrets, AppEnv> = async (c) => {
  const found = await Promise.all(
    c.req.valid('json').map(async ({ token, type }) => ({
      type,
      isWellFormed: isWellFormedSecret(token),
      digest: await sha256(token),
    })),
  );
  const digests = found.filter((one) => one.isWellFormed).map(({ digest }) => digest);
  const leaked =
    digests.length === 0
      ? []
      : await revokeLeakedSecrets(c.var.db, digests, c.var.dependencies.now());
  for (const one of leaked) {
    logLeak(c, one);
  }
  const revoked = new Set(leaked.map((one) => one.sha256));
  const body = found.map(({ type, digest }) => ({
    token_hash: base64(digest),
    token_type: type,
    label: revoked.has(digest) ? ('true_positive' as const) : ('false_positive' as const),
  }));
  return reply(c, routes.reportLeakedSecrets, 200, body, {
    headers: { 'Cache-Control': 'no-store' },
  });
};

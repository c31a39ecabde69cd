import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isWellFormedApiKey, isWellFormedClientSecret, sha256 } from '../../auth/secrets.ts';
import type { AppEnv } from '../../context.ts';
import { MAX_WAITING } from '../../db/cost.ts';
import type { Home } from '../../homes.ts';
import { json, operation } from '../../http/operation.ts';
import { databaseIn } from '../../http/requests/home.ts';
import { NO_STORE, reply } from '../../http/responses/reply.ts';
import { serve } from '../../http/serve.ts';
import { settleInLanes } from '../../lanes.ts';
import { isWellFormedWebhookSecret, newStoredSecret } from '../system/webhook-endpoints/secrets.ts';
import { type LeakedSecret, revokeLeakedSecrets } from './leaked-secrets.repository.ts';

/** The body of a report by GitHub's secret scanning. Other members, which GitHub may send, are ignored. */
const leakReport = z
  .array(
    z.object(
      {
        token: z.string({ error: 'Send the secret that was found, as a string.' }),
        type: z.string({ error: 'Send the type of the secret, as a string.' }),
      },
      { error: 'Send an object with the members token and type.' },
    ),
    { error: 'Send an array with one object for each secret that was found.' },
  )
  .max(500, { error: 'Send at most 500 secrets in one report.' });

/** The response to a report. It identifies each secret by its digest, so that it does not contain the secret. */
const leakLabels = z.array(
  z.object({
    /** SHA-256 of the secret, in base64. */
    token_hash: z.string(),
    token_type: z.string(),
    label: z.enum(['true_positive', 'false_positive']),
  }),
);

/**
 * The operation that secret scanners call, in the protocol of GitHub's secret scanning partner program.
 * Partners do not call it, so the document omits it.
 *
 * @see {@link https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program}
 */
const reportLeakedSecrets = operation({
  method: 'post',
  path: '/leaked-secrets',
  operationId: 'reportLeakedSecrets',
  access: 'public',
  requiresSignature: true,
  internal: true,
  summary: 'Report leaked secrets',
  request: { body: { required: true, content: { 'application/json': { schema: leakReport } } } },
  responses: { 200: json('Whether each reported text was a secret of a partner.', leakLabels, {}) },
});

/** Returns whether a text has the form of a secret that this API issues, and its checksum if it has one. */
const isWellFormedSecret = (text: string) =>
  isWellFormedApiKey(text) || isWellFormedClientSecret(text) || isWellFormedWebhookSecret(text);

function base64(hex: string): string {
  const byteAt = (_: unknown, i: number) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return btoa(String.fromCharCode(...Array.from({ length: hex.length / 2 }, byteAt)));
}

/** Logs one line for a leaked secret, so that an operator can notify the partner. */
function logLeak(c: Context<AppEnv>, { name }: Home, leaked: LeakedSecret): void {
  const { partner_id, client_id, api_key_id, webhook_endpoint_id } = leaked;
  c.var.dependencies.log?.({
    event: 'leak',
    request_id: c.var.requestId,
    home: name,
    partner: partner_id,
    ...(client_id !== null && { client: client_id }),
    ...(api_key_id !== null && { api_key: api_key_id }),
    ...(webhook_endpoint_id !== null && { endpoint: webhook_endpoint_id }),
  });
}

/**
 * Revokes leaked secrets in every home, because only a client secret names its home. Five homes are asked at a time, so
 * that one which answers need not wait behind those that do not. What a home revokes stays revoked
 * if another one fails, and the scanner repeats its report.
 *
 * @param digests the SHA-256 digests of the secrets, in hex.
 * @returns the digests of the secrets that belong to a partner.
 * @throws the first fault after every home has answered or failed.
 */
async function revokeEverywhere(c: Context<AppEnv>, digests: string[]): Promise<Set<string>> {
  const { config, dependencies } = c.var;
  const now = dependencies.now();
  // Nobody knows the new secret of a webhook endpoint until its partner rotates it.
  const newSecretOf = async (id: string) => (await newStoredSecret(config.sealingKeys, id)).stored;
  // The time limit of all homes begins now, so those that do not answer do not add up.
  const opened = config.homes.map((home) => ({ home, db: databaseIn(c, home) }));
  const outcomes = await settleInLanes(opened, MAX_WAITING, async ({ home, db }) => {
    const leaked = await revokeLeakedSecrets(db, digests, now, newSecretOf);
    for (const one of leaked) {
      logLeak(c, home, one);
    }
    return leaked.map(({ sha256 }) => sha256);
  });
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  return new Set(
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : [])),
  );
}

/** Mounts `/leaked-secrets`. */
export const mountLeakedSecrets = serve(reportLeakedSecrets, async (c) => {
  const found = await Promise.all(
    c.req.valid('json').map(async ({ token, type }) => ({
      type,
      isWellFormed: isWellFormedSecret(token),
      digest: await sha256(token),
    })),
  );
  const digests = found.filter((one) => one.isWellFormed).map(({ digest }) => digest);
  const revoked = digests.length === 0 ? new Set<string>() : await revokeEverywhere(c, digests);
  const body = found.map(({ type, digest }) => ({
    token_hash: base64(digest),
    token_type: type,
    label: revoked.has(digest) ? ('true_positive' as const) : ('false_positive' as const),
  }));
  return reply(c, reportLeakedSecrets, 200, body, { headers: NO_STORE });
});

import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import type { IdempotencyKey } from '../../../db/idempotency.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { countKind } from '../../../http/requests/rate-limit.ts';
import { Problem } from '../../../problems/problem.ts';
import type { OwnedChange } from '../owned-change.repository.ts';
import type { Admission } from '../owned-kind.repository.ts';
import * as repository from './consents.repository.ts';
import { askForConsent } from './delivery/consent.ts';
import { receiverRefused } from './receiver-refused.ts';
import { expectedUrl } from './url.ts';
import {
  type EndpointRow,
  type EndpointValues,
  MAX_ENDPOINTS,
} from './webhook-endpoints.repository.ts';

/** Returns the problem of a URL that this API does not deliver to. */
export const forbiddenUrl = () =>
  new Problem('violations', {
    violations: [{ in: 'body', pointer: '#/url', code: 'invalid_format', detail: expectedUrl }],
  });

/**
 * Counts a request that asks a receiver for its consent, or makes the API ask it.
 *
 * @throws Problem `quotaExceeded`.
 */
export const countQuestion = (c: Context<AppEnv>): Promise<void> =>
  countKind(c, 'consents', c.var.principal.partnerId);

/**
 * Asks a receiver for its consent, and counts the question.
 *
 * @throws Problem `quotaExceeded`, or `receiverRefused` without consent.
 */
async function requireConsent(c: Context<AppEnv>, url: string): Promise<void> {
  const { config, db, dependencies } = c.var;
  await countQuestion(c);
  const consent = await askForConsent(url, { config, dependencies });
  // The receiver decides how long this takes, so it does not count against the time limit of the database.
  db.renewDeadline();
  if (consent !== 'agreed') {
    throw receiverRefused({ reason: consent });
  }
}

/**
 * Asks the receiver of a new endpoint for its consent, if the endpoint could be created otherwise.
 *
 * @param once the idempotency key of the request.
 * @returns how the creation is admitted. If the partner used the key before, only its response can be repeated.
 * @throws Problem for a denied host or one endpoint too many, and those of `requireConsent`.
 */
export async function admitEndpoint(
  c: Context<AppEnv>,
  { url }: EndpointValues,
  once: IdempotencyKey | undefined,
): Promise<Admission> {
  const by = changeOf(c);
  const find = () => repository.findProspect(c.var.db, url, by, once);
  const { isRepetition, isDenied, endpoints } = await find();
  if (isRepetition) {
    // This problem is thrown only if the key expires before the write.
    return { refusal: new Problem('serviceUnavailable') };
  }
  if (isDenied) {
    throw forbiddenUrl();
  }
  if (endpoints >= MAX_ENDPOINTS) {
    throw new Problem('tooManyWebhookEndpoints');
  }
  await requireConsent(c, url);
  return {
    ...repository.admissionOf(by, url),
    explain: async () => ((await find()).isDenied ? forbiddenUrl() : undefined),
  };
}

/**
 * Replaces the values of an endpoint. If its receiver must be asked first, and agrees, the values are written under the
 * same preconditions after that.
 *
 * @throws Problem `notFound` or `preconditionFailed`, a violation for a denied host, and those of `requireConsent`.
 */
export async function replaceEndpoint(
  c: Context<AppEnv>,
  request: OwnedChange,
  values: EndpointValues,
): Promise<EndpointRow> {
  const { db } = c.var;
  const first = await repository.updateWithConsent(db, request, values);
  if (first.changed !== undefined) {
    return first.changed;
  }
  if (first.present?.is_denied === 0) {
    await requireConsent(c, values.url);
    const again = { ...request, change: changeOf(c) };
    const second = await repository.updateWithConsent(db, again, values, request.change.now);
    if (second.changed !== undefined) {
      return second.changed;
    }
  }
  throw forbiddenUrl();
}

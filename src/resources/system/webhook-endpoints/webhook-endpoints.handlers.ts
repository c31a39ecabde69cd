import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import type { EventType } from '../../../db/events.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { entityTag, notModified, preconditionsOf } from '../../../http/requests/conditional.ts';
import { idempotencyKey } from '../../../http/requests/idempotency-key.ts';
import { pageLinks } from '../../../http/requests/pagination.ts';
import { reply } from '../../../http/responses/reply.ts';
import { Problem } from '../../../problems/problem.ts';
import type { ChangeRefusal } from '../credentials.repository.ts';
import { insertEndpoint } from './endpoint-creation.repository.ts';
import { newWebhookSecret, sealSecret } from './secrets.ts';
import { expectedUrl, isDeliverable } from './url.ts';
import * as repository from './webhook-endpoints.repository.ts';
import * as routes from './webhook-endpoints.routes.ts';

/** The headers of a response that contains a secret, which no cache may store. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** Returns an endpoint as responses show it. */
export function asEndpoint(row: repository.EndpointRow) {
  const { event_types, created_at, disabled_at, next_attempt_at } = row;
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    event_types: repository.typesOf(event_types),
    created_at: formatDateTime(created_at),
    disabled: disabled_at !== null,
    disabled_reason: row.disabled_reason,
    failed_attempts: row.failed_attempts,
    next_attempt_at: next_attempt_at === null ? null : formatDateTime(next_attempt_at),
  };
}

/** Returns the problem of an endpoint that does not exist. */
export const missingEndpoint = () => new Problem('notFound', { detail: routes.missing });

const refusalProblem = (refusal: ChangeRefusal) =>
  refusal === 'not-found' ? missingEndpoint() : new Problem('preconditionFailed');

/** Returns the URL of an endpoint. */
const urlOf = (c: Context<AppEnv>, id: string) =>
  new URL(`${routes.list.path}/${id}`, c.req.url).href;

/** The members of a request that describe an endpoint. */
interface EndpointBody extends Omit<repository.EndpointValues, 'event_types'> {
  readonly event_types: readonly EventType[] | null;
}

/**
 * Returns what a request says about an endpoint.
 *
 * @throws Problem `violations` for a URL that this deployment does not deliver to.
 */
function valuesOf(c: Context<AppEnv>, body: EndpointBody): repository.EndpointValues {
  const { url, description, event_types: types, disabled } = body;
  if (!isDeliverable(url, c.var.config.issuer)) {
    throw new Problem('violations', {
      violations: [{ in: 'body', pointer: '#/url', code: 'invalid_format', detail: expectedUrl }],
    });
  }
  const event_types = types === null ? null : JSON.stringify(types);
  return { url, description, event_types, disabled };
}

export const list: RouteHandler<typeof routes.list, AppEnv> = async (c) => {
  const page = c.req.valid('query');
  const { db, principal } = c.var;
  const { rows, total } = await repository.listEndpoints(db, principal.partnerId, page);
  const body = { query: page, result: rows.map(asEndpoint), total };
  return reply(c, routes.list, 200, body, { headers: { Link: pageLinks(c.req.url, page, total) } });
};

export const create: RouteHandler<typeof routes.create, AppEnv> = async (c) => {
  const values = valuesOf(c, c.req.valid('json'));
  const { config, db, dependencies } = c.var;
  const change = changeOf(c);
  const key = idempotencyKey(c);
  const id = dependencies.newId();
  const secret = newWebhookSecret();
  const result = await insertEndpoint(
    db,
    { ...values, id, secret: await sealSecret(config.sealingKeys, id, secret) },
    change,
    key === undefined ? undefined : { key, fingerprint: await sha256(JSON.stringify(values)) },
  );
  if (result === 'too-many') {
    throw new Problem('tooManyWebhookEndpoints');
  }
  if (result === 'key-reused') {
    throw new Problem('idempotencyKeyReused');
  }
  const { row, isReplay } = result;
  const body = { ...asEndpoint(row), secret: isReplay ? null : secret };
  return reply(c, routes.create, 201, body, {
    headers: {
      ...NO_STORE,
      Location: urlOf(c, row.id),
      ETag: entityTag(row.version),
      'Idempotent-Replayed': isReplay ? 'true' : undefined,
    },
  });
};

export const get: RouteHandler<typeof routes.get, AppEnv> = async (c) => {
  const id = c.req.valid('param')['endpoint-id'];
  const { db, principal } = c.var;
  const row = await repository.findEndpoint(db, { partnerId: principal.partnerId, id });
  if (row === undefined) {
    throw missingEndpoint();
  }
  const headers = { ETag: entityTag(row.version) };
  return (
    notModified(c, row.version) ?? reply(c, routes.get, 200, asEndpoint(row), { headers: headers })
  );
};

/** Returns the change that a request makes to the endpoint in its path, with its preconditions. */
const changeOfOne = (c: Context<AppEnv>, id: string): repository.EndpointChange => ({
  change: changeOf(c),
  id,
  preconditions: preconditionsOf(c),
});

export const update: RouteHandler<typeof routes.update, AppEnv> = async (c) => {
  const values = valuesOf(c, c.req.valid('json'));
  const request = changeOfOne(c, c.req.valid('param')['endpoint-id']);
  const result = await repository.updateEndpoint(c.var.db, request, values);
  if (typeof result === 'string') {
    throw refusalProblem(result);
  }
  return reply(c, routes.update, 200, asEndpoint(result), {
    headers: {
      ETag: entityTag(result.version),
      'Content-Location': urlOf(c, result.id),
    },
  });
};

export const remove: RouteHandler<typeof routes.remove, AppEnv> = async (c) => {
  const request = changeOfOne(c, c.req.valid('param')['endpoint-id']);
  const outcome = await repository.deleteEndpoint(c.var.db, request);
  if (outcome !== 'done') {
    throw refusalProblem(outcome);
  }
  // The Durable Object then finds that its endpoint is gone, and deletes what it stores.
  const { background, wakeEndpoint } = c.var.dependencies;
  background(wakeEndpoint(c.env, request.id).catch(() => undefined));
  return c.body(null, 204);
};

export const rotate: RouteHandler<typeof routes.rotate, AppEnv> = async (c) => {
  const { overlap_seconds: overlapSeconds } = c.req.valid('json');
  const request = changeOfOne(c, c.req.valid('param')['endpoint-id']);
  const secret = newWebhookSecret();
  const sealed = await sealSecret(c.var.config.sealingKeys, request.id, secret);
  const rotation = { sealed, overlapSeconds };
  const result = await repository.rotateEndpointSecret(c.var.db, request, rotation);
  if (typeof result === 'string') {
    throw refusalProblem(result);
  }
  const body = { ...asEndpoint(result), secret };
  return reply(c, routes.rotate, 201, body, {
    headers: { ...NO_STORE, ETag: entityTag(result.version) },
  });
};

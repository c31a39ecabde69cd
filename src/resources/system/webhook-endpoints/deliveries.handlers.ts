import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { Database } from '../../../db/client.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { logFault } from '../../../http/log.ts';
import { entityTag } from '../../../http/requests/conditional.ts';
import { pageLinks } from '../../../http/requests/pagination.ts';
import { reply } from '../../../http/responses/reply.ts';
import { Problem } from '../../../problems/problem.ts';
import { feedScope, placeInFeed, requirePlace } from '../events/feed-place.ts';
import * as repository from './deliveries.repository.ts';
import { expectedPlace } from './deliveries.schemas.ts';
import { DELIVERY_DB_TIMEOUT_MS, send } from './delivery/delivery.ts';
import { testEvent } from './delivery/message.ts';
import { asEndpoint, missingEndpoint } from './webhook-endpoints.handlers.ts';
import * as routes from './webhook-endpoints.routes.ts';

const keyOf = (c: Context<AppEnv>, id: string) => ({ partnerId: c.var.principal.partnerId, id });

function asDelivery(row: repository.DeliveryRow) {
  const { event_id: id, event_type: type, sequence } = row;
  const { attempt, status, error, duration_ms } = row;
  const attempted_at = formatDateTime(row.attempted_at);
  return { event: { id, type, sequence }, attempt, attempted_at, status, error, duration_ms };
}

export const list: RouteHandler<typeof routes.listDeliveries, AppEnv> = async (c) => {
  const page = c.req.valid('query');
  const key = keyOf(c, c.req.valid('param')['endpoint-id']);
  const found = await repository.listDeliveries(c.var.db, key, page);
  if (found === undefined) {
    throw missingEndpoint();
  }
  const { rows, total } = found;
  const body = { query: page, result: rows.map(asDelivery), total };
  return reply(c, routes.listDeliveries, 200, body, {
    headers: { Link: pageLinks(c.req.url, page, total) },
  });
};

/** Sends a test event and records what came of it, with a D1 time limit that exceeds that of the attempt. */
async function deliverTest(
  c: Context<AppEnv>,
  endpoint: repository.TestedEndpoint,
  event: ReturnType<typeof testEvent>,
): Promise<void> {
  const { config, dependencies, principal } = c.var;
  const result = await send({ config, dependencies }, endpoint, event);
  const { status, error, durationMs: duration } = result;
  const [partner, { type }] = [principal.partnerId, event];
  dependencies.log?.({
    event: 'webhook',
    ...{ partner, endpoint: endpoint.id, type, attempt: 1, status, error, duration },
  });
  const attempted = { id: event.id, type, sequence: null, attempt: 1 };
  const db = new Database(c.env.DB, undefined, DELIVERY_DB_TIMEOUT_MS);
  await repository.recordTest(db, endpoint.id, attempted, result);
}

export const sendTest: RouteHandler<typeof routes.sendTest, AppEnv> = async (c) => {
  const { db, dependencies } = c.var;
  const now = dependencies.now();
  const key = keyOf(c, c.req.valid('param')['endpoint-id']);
  const endpoint = await repository.findTested(db, key, now);
  if (endpoint === undefined) {
    throw missingEndpoint();
  }
  const event = testEvent(endpoint.id, dependencies.newId(), now);
  dependencies.background(
    deliverTest(c, endpoint, event).catch((error: Error) => logFault(c, error)),
  );
  return reply(c, routes.sendTest, 202, { id: event.id });
};

/** Returns the problem of a cursor that lies ahead of the endpoint. */
function skipsEvents(): Problem {
  const detail =
    'Send the cursor of an event that was delivered already, because this one would skip events.';
  return new Problem('violations', {
    violations: [{ in: 'body', pointer: '#/after', code: 'out_of_range', detail }],
  });
}

export const replay: RouteHandler<typeof routes.replay, AppEnv> = async (c) => {
  const { db, principal, config } = c.var;
  const { eventsEpoch: epoch } = config;
  const scope = feedScope(principal.partnerId, { expected: expectedPlace, in: 'body' });
  const place = await placeInFeed(scope, c.req.valid('json').after);
  const after = place.epoch === epoch ? place.sequence : undefined;
  const key = keyOf(c, c.req.valid('param')['endpoint-id']);
  const { row, position, bounds } = await repository.replayFrom(db, key, after);
  if (position === undefined) {
    throw missingEndpoint();
  }
  if (row === undefined) {
    requirePlace(scope, place, epoch, bounds);
    throw skipsEvents();
  }
  return reply(c, routes.replay, 202, asEndpoint(row), {
    headers: { ETag: entityTag(row.version) },
  });
};

import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { Database } from '../../../db/client.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { logFault } from '../../../http/log.ts';
import { json, operation } from '../../../http/operation.ts';
import { reply } from '../../../http/responses/reply.ts';
import { mounted, serve } from '../../../http/serve.ts';
import { Problem } from '../../../problems/problem.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { feedScope, placeInFeed, requirePlace } from '../events/feed-place.ts';
import { body, pageExample, pageQuery } from '../owned.routes.ts';
import * as repository from './deliveries.repository.ts';
import * as schemas from './deliveries.schemas.ts';
import { DELIVERY_DB_TIMEOUT_MS } from './delivery/deliver.ts';
import { type Recipient, send, testEvent } from './delivery/message.ts';
import { findDenial } from './denied-hosts.repository.ts';
import { webhookEndpoint } from './webhook-endpoints.repository.ts';
import { endpointExample } from './webhook-endpoints.schemas.ts';
import { asEndpoint, routes } from './webhook-endpoints.ts';

const { path } = routes.get;
const { params } = routes.get.request;
const common = {
  access: 'webhooks:manage' as const,
  tags: ['Webhooks'],
  missing: webhookEndpoint.missing,
};

const sendTest = operation({
  ...common,
  method: 'post',
  path: `${path}/test-deliveries`,
  operationId: 'sendTestWebhook',
  ownLimit: { name: 'replays' },
  summary: 'Send a test event',
  description:
    'Send a signed test event of the type `webhook_endpoint.test` to a webhook endpoint, also if it is disabled. It is sent once, after the response, and its outcome appears in the deliveries.',
  request: { params },
  violations: exampleViolations('param', params, { 'endpoint-id': 'nonsense' }),
  problems: ['notFound'],
  responses: {
    202: json('The test event is being sent.', schemas.testDelivery, {
      example: schemas.testDeliveryExample,
    }),
  },
});

const listDeliveries = operation({
  ...common,
  method: 'get',
  path: `${path}/deliveries`,
  operationId: 'listWebhookDeliveries',
  summary: 'Retrieve deliveries',
  description:
    'Retrieve the attempts to deliver events to a webhook endpoint in the last 30 days, newest first.',
  request: { params, query: pageQuery },
  violations: exampleViolations('query', pageQuery, { limit: '1001' }),
  problems: ['notFound'],
  responses: {
    200: json('Successful response.', schemas.deliveryList, {
      example: { query: pageExample, result: [schemas.deliveryExample], total: 1 },
    }),
  },
});

const replay = operation({
  ...common,
  method: 'post',
  path: `${path}/replays`,
  operationId: 'replayWebhooks',
  ownLimit: { name: 'replays' },
  summary: 'Deliver events again',
  description:
    'Set a webhook endpoint back to a cursor of the event feed. The events after it are delivered again, in their order and with the same `webhook-id`. A disabled endpoint receives them once it is enabled.',
  request: { params, body: body('Where to begin.', schemas.replay, schemas.replayExample) },
  violations: exampleViolations('json', schemas.replay, { after: '' }),
  problems: ['notFound', 'cursorExpired'],
  responses: {
    202: json('The events are being delivered again.', routes.resource, {
      example: endpointExample,
      headers: ['ETag'],
    }),
  },
});

const keyOf = (c: Context<AppEnv>, id: string) => ({ partnerId: c.var.principal.partnerId, id });

function asDelivery(row: repository.DeliveryRow) {
  const { event_id: id, event_type: type, sequence } = row;
  const { attempt, status, error, duration_ms } = row;
  const attempted_at = formatDateTime(row.attempted_at);
  return { event: { id, type, sequence }, attempt, attempted_at, status, error, duration_ms };
}

/** Sends a test event and records its outcome, with a D1 time limit that exceeds that of the attempt. */
async function deliverTest(
  c: Context<AppEnv>,
  endpoint: Recipient,
  event: ReturnType<typeof testEvent>,
): Promise<void> {
  const { config, dependencies, principal } = c.var;
  const openDatabase = () => new Database(c.env.DB, undefined, DELIVERY_DB_TIMEOUT_MS);
  const isDenied = await findDenial(openDatabase(), endpoint.url);
  const result = await send({ config, dependencies }, endpoint, event, isDenied);
  const { status, error, durationMs: duration } = result;
  const [partner, { type }] = [principal.partnerId, event];
  dependencies.log?.({
    event: 'webhook',
    ...{ partner, endpoint: endpoint.id, type, attempt: 1, status, error, duration },
  });
  const attempted = { id: event.id, type, sequence: null, attempt: 1 };
  await repository.recordTest(openDatabase(), endpoint, attempted, result);
}

/** Returns the problem of a cursor that lies ahead of the endpoint. */
function skipsEvents(): Problem {
  const detail =
    'Send the cursor of an event that was delivered already, because this one would skip events.';
  return new Problem('violations', {
    violations: [{ in: 'body', pointer: '#/after', code: 'out_of_range', detail }],
  });
}

/** Mounts what is about deliveries under `/v2/system/webhook-endpoints`. */
export const mountDeliveries = mounted(
  serve(sendTest, async (c) => {
    const { db, dependencies } = c.var;
    const now = dependencies.now();
    const key = keyOf(c, c.req.valid('param')['endpoint-id']);
    const endpoint = await repository.findRecipient(db, key, now);
    const event = testEvent(endpoint.id, dependencies.newId(), now);
    dependencies.background(
      deliverTest(c, endpoint, event).catch((error: Error) => logFault(c, error)),
    );
    return reply(c, sendTest, 202, { id: event.id });
  }),
  serve(listDeliveries, async (c) => {
    const page = c.req.valid('query');
    const key = keyOf(c, c.req.valid('param')['endpoint-id']);
    const { rows, total } = await repository.listDeliveries(c.var.db, key, page);
    const result = rows.map(asDelivery);
    return reply(c, listDeliveries, 200, { query: page, result, total }, { page });
  }),
  serve(replay, async (c) => {
    const { db, principal, config, dependencies } = c.var;
    const { eventsEpoch: epoch } = config;
    const scope = feedScope(principal.partnerId, { expected: schemas.expectedPlace, in: 'body' });
    const place = await placeInFeed(scope, c.req.valid('json').after);
    const after = place.epoch === epoch ? place.sequence : undefined;
    const key = keyOf(c, c.req.valid('param')['endpoint-id']);
    const { row, bounds } = await repository.replayFrom(db, key, after);
    if (row === undefined) {
      requirePlace(scope, place, epoch, bounds);
      throw skipsEvents();
    }
    return reply(c, replay, 202, asEndpoint(row, dependencies.now()), { version: row.version });
  }),
);

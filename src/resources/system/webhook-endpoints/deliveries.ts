import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { json, operation } from '../../../http/operation.ts';
import { reply } from '../../../http/responses/reply.ts';
import { mounted, serve } from '../../../http/serve.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { pageExample, pageQuery } from '../owned.routes.ts';
import * as repository from './deliveries.repository.ts';
import * as schemas from './deliveries.schemas.ts';
import { testEvent } from './delivery/message.ts';
import { receiverOperation, requireReceiver, sendOnce } from './receiver-requests.ts';
import { findRecipient } from './recipient.repository.ts';
import { webhookEndpoint } from './webhook-endpoints.repository.ts';
import { routes } from './webhook-endpoints.ts';

const { path } = routes.get;
const { params } = routes.get.request;
const common = {
  access: 'webhooks:manage' as const,
  tags: ['Webhooks'],
  missing: webhookEndpoint.missing,
};

const sendTest = operation({
  ...common,
  ...receiverOperation,
  method: 'post',
  path: `${path}/test-deliveries`,
  operationId: 'sendTestWebhook',
  summary: 'Send a test event',
  description:
    'Send a signed test event of the type `webhook_endpoint.test` to a webhook endpoint, also if you disabled it. It is sent once, after the response, and its outcome appears in the deliveries.',
  request: { params },
  violations: exampleViolations('param', params, { 'endpoint-id': 'nonsense' }),
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

const keyOf = (c: Context<AppEnv>, id: string) => ({ partnerId: c.var.principal.partnerId, id });

function asDelivery(row: repository.DeliveryRow) {
  const { event_id: id, event_type: type, sequence } = row;
  const { attempt, status, error, response_text, duration_ms } = row;
  const attempted_at = formatDateTime(row.attempted_at);
  const event = { id, type, sequence };
  return { event, attempt, attempted_at, status, error, response_text, duration_ms };
}

/** Mounts what is about deliveries under `/v2/system/webhook-endpoints`. */
export const mountDeliveries = mounted(
  serve(sendTest, async (c) => {
    const { db, dependencies } = c.var;
    const now = dependencies.now();
    const key = keyOf(c, c.req.valid('param')['endpoint-id']);
    const endpoint = await findRecipient(db, key, now);
    requireReceiver(endpoint);
    const event = testEvent(endpoint.id, dependencies.newId(), now);
    await sendOnce(c, endpoint, event, null);
    return reply(c, sendTest, 202, { id: event.id });
  }),
  serve(listDeliveries, async (c) => {
    const page = c.req.valid('query');
    const key = keyOf(c, c.req.valid('param')['endpoint-id']);
    const { rows, total } = await repository.listDeliveries(c.var.db, key, page);
    const result = rows.map(asDelivery);
    return reply(c, listDeliveries, 200, { query: page, result, total }, { page });
  }),
);

import { json, operation } from '../../../http/operation.ts';
import { idempotencyKeyParameter } from '../../../http/requests/idempotency-key.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { MAX_OVERLAP_S } from '../rotation.repository.ts';
import * as deliveries from './deliveries.schemas.ts';
import { MAX_ENDPOINTS } from './endpoint-creation.repository.ts';
import * as schemas from './webhook-endpoints.schemas.ts';

const path = '/v2/system/webhook-endpoints' as const;
const ofOne = `${path}/{endpoint-id}` as const;

/** The `detail` of a 404. */
export const missing = 'There is no webhook endpoint with this identifier.';

const common = { access: 'webhooks:manage' as const, tags: ['Webhooks'] };
const ofExisting = { ...common, problems: ['notFound'] as const, missing };
const params = schemas.endpointPath;
const { endpointExample } = schemas;
const { url, description, event_types, disabled } = endpointExample;
const withSecret = { ...endpointExample, secret: schemas.secretExample };

const violatedId = exampleViolations('param', params, { 'endpoint-id': 'nonsense' });
const violatedLimit = exampleViolations('query', schemas.endpointsQuery, { limit: '1001' });
const violatedUrl = exampleViolations('json', schemas.newEndpoint, { url: 'http://127.0.0.1/' });
const violatedOverlap = exampleViolations('json', schemas.secretRotation, { overlap_seconds: -1 });
const violatedCursor = exampleViolations('json', deliveries.replay, { after: '' });

/** Returns the declaration of a JSON body. */
const body = <S, E>(told: string, schema: S, example: E) => ({
  required: true,
  description: told,
  content: { 'application/json': { schema, example } },
});

export const list = operation({
  ...common,
  method: 'get',
  path,
  operationId: 'listWebhookEndpoints',
  summary: 'Retrieve webhook endpoints',
  description:
    'Retrieve your webhook endpoints, newest first. The response does not contain their secrets.',
  request: { query: schemas.endpointsQuery },
  violations: violatedLimit,
  responses: {
    200: json('Successful response.', schemas.endpointList, {
      example: { query: { limit: 25, offset: 0 }, result: [endpointExample], total: 1 },
    }),
  },
});

export const create = operation({
  ...common,
  method: 'post',
  path,
  operationId: 'createWebhookEndpoint',
  summary: 'Create a webhook endpoint',
  description: `Create a webhook endpoint with a new secret, which is returned only in this response. The endpoint receives the events after its creation, and none about itself. You can have at most ${MAX_ENDPOINTS}. With an \`Idempotency-Key\`, a retry creates no second endpoint: it returns the original response again, with \`null\` for the secret.`,
  parameters: [idempotencyKeyParameter],
  request: {
    body: body('The webhook endpoint you wish to create.', schemas.newEndpoint, {
      ...{ url, description, event_types },
    }),
  },
  violations: violatedUrl,
  problems: ['tooManyWebhookEndpoints', 'idempotencyKeyReused'],
  responses: {
    201: json('The webhook endpoint was created.', schemas.endpointWithSecret, {
      example: withSecret,
      headers: ['ETag', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

export const get = operation({
  ...ofExisting,
  method: 'get',
  path: ofOne,
  operationId: 'getWebhookEndpoint',
  summary: 'Retrieve a webhook endpoint',
  description:
    'Retrieve a single webhook endpoint by its identifier, without its secret. Leave `If-None-Match` out to see the current `failed_attempts` and `next_attempt_at`.',
  conditional: 'read',
  request: { params },
  violations: violatedId,
  responses: {
    200: json('Successful response.', schemas.endpoint, {
      example: endpointExample,
      headers: ['ETag'],
    }),
  },
});

export const update = operation({
  ...ofExisting,
  method: 'put',
  path: ofOne,
  operationId: 'updateWebhookEndpoint',
  summary: 'Update a webhook endpoint',
  description:
    'Update the URL, description and event types of a webhook endpoint, and disable or enable it. An endpoint that is enabled again continues with the event at which it stopped. A new URL is tried at once. New event types apply to every event that is not delivered yet.',
  conditional: 'write',
  request: {
    params,
    body: body('The webhook endpoint you wish to update.', schemas.endpointUpdate, {
      ...{ url, description, event_types, disabled },
    }),
  },
  violations: violatedUrl,
  responses: {
    200: json('Successful response.', schemas.endpoint, {
      example: endpointExample,
      headers: ['ETag', 'Content-Location'],
    }),
  },
});

export const remove = operation({
  ...ofExisting,
  method: 'delete',
  path: ofOne,
  operationId: 'deleteWebhookEndpoint',
  summary: 'Delete a webhook endpoint',
  description: 'Delete a webhook endpoint together with its secrets and its deliveries.',
  conditional: 'write',
  request: { params },
  violations: violatedId,
  responses: { 204: { description: 'Successfully removed.' } },
});

export const rotate = operation({
  ...ofExisting,
  method: 'post',
  path: `${ofOne}/secrets` as const,
  operationId: 'rotateWebhookSecret',
  summary: 'Rotate the secret of a webhook endpoint',
  description: `Replace the secret of a webhook endpoint with a new one, which is returned only in this response. During the overlap, up to ${MAX_OVERLAP_S / 86_400} days, each message has the signatures of both secrets. There is at most one old secret: a second rotation within the overlap ends the older one at once.`,
  conditional: 'write',
  request: {
    params,
    body: body('How long the current secret signs too.', schemas.secretRotation, {
      overlap_seconds: 86_400,
    }),
  },
  violations: violatedOverlap,
  responses: {
    201: json('The new secret was created and signs from now on.', schemas.endpointWithSecret, {
      example: withSecret,
      headers: ['ETag'],
    }),
  },
});

export const sendTest = operation({
  ...ofExisting,
  method: 'post',
  path: `${ofOne}/test-deliveries` as const,
  operationId: 'sendTestWebhook',
  summary: 'Send a test event',
  description:
    'Send a signed test event of the type `webhook_endpoint.test` to a webhook endpoint, also if it is disabled. It is sent once, after the response, and its outcome appears in the deliveries.',
  request: { params },
  violations: violatedId,
  responses: {
    202: json('The test event is being sent.', deliveries.testDelivery, {
      example: deliveries.testDeliveryExample,
    }),
  },
});

export const listDeliveries = operation({
  ...ofExisting,
  method: 'get',
  path: `${ofOne}/deliveries` as const,
  operationId: 'listWebhookDeliveries',
  summary: 'Retrieve deliveries',
  description:
    'Retrieve the attempts to deliver events to a webhook endpoint in the last 30 days, newest first.',
  request: { params, query: schemas.endpointsQuery },
  violations: violatedLimit,
  responses: {
    200: json('Successful response.', deliveries.deliveryList, {
      example: { query: { limit: 25, offset: 0 }, result: [deliveries.deliveryExample], total: 1 },
    }),
  },
});

export const replay = operation({
  ...ofExisting,
  method: 'post',
  path: `${ofOne}/replays` as const,
  operationId: 'replayWebhooks',
  summary: 'Deliver events again',
  description:
    'Set a webhook endpoint back to a cursor of the event feed. The events after it are delivered again, in their order and with the same `webhook-id`. A disabled endpoint receives them once it is enabled.',
  request: {
    params,
    body: body('Where to begin.', deliveries.replay, deliveries.replayExample),
  },
  violations: violatedCursor,
  problems: ['notFound', 'cursorExpired'],
  responses: {
    202: json('The events are being delivered again.', schemas.endpoint, {
      example: endpointExample,
      headers: ['ETag'],
    }),
  },
});

import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import type { EventType } from '../../../db/events.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { notModified } from '../../../http/requests/conditional.ts';
import { reply } from '../../../http/responses/reply.ts';
import { mounted, serve } from '../../../http/serve.ts';
import { MAX_OVERLAP_S } from '../credentials.repository.ts';
import { retiredExpiryOf } from '../credentials.ts';
import { ownedRoutes } from '../owned.routes.ts';
import * as owned from '../owned.ts';
import { admitEndpoint, forbiddenUrl, replaceEndpoint } from './consents.ts';
import { newStoredSecret, WEBHOOK_SECRET_PATTERN } from './secrets.ts';
import { isDeliverable } from './url.ts';
import {
  type EndpointRow,
  type EndpointValues,
  MAX_ENDPOINTS,
  typesOf,
  webhookEndpoint,
} from './webhook-endpoints.repository.ts';
import * as schemas from './webhook-endpoints.schemas.ts';

const { endpointExample } = schemas;
const { url, description, event_types, disabled } = endpointExample;

export const routes = ownedRoutes({
  path: '/v2/system/webhook-endpoints',
  id: 'endpoint-id',
  access: 'webhooks:manage',
  tag: 'Webhooks',
  kind: webhookEndpoint,
  asksReceiver: true,
  names: { one: 'webhook endpoint', a: 'a webhook endpoint', many: 'webhook endpoints' },
  noun: 'WebhookEndpoint',
  members: {
    response: schemas.response,
    secret: {
      pattern: `^${WEBHOOK_SECRET_PATTERN}$`,
      maxLength: 50,
      description:
        'The new secret that signs the events. It is returned only once, so store it right away. It is `null` if the response repeats the creation of the endpoint: then rotate it.',
    },
    creation: schemas.creation,
    update: schemas.update,
  },
  examples: {
    one: endpointExample,
    list: [endpointExample],
    // It has the form of a secret, and says that it is none.
    secret: `whsec_${'Example'.repeat(6)}E=`,
    creation: { url, description, event_types },
    update: { url, description, event_types, disabled },
    violated: { url: 'http://127.0.0.1/' },
  },
  descriptions: {
    one: 'An address of yours that receives events.',
    withSecret: 'A webhook endpoint with its new secret.',
    list: 'Retrieve your webhook endpoints, newest first. The response does not contain their secrets.',
    create: `Create a webhook endpoint with a new secret, which is returned only in this response. The URL is asked with OPTIONS first and must agree. The API sends to it each event after its creation, except those about the endpoint itself. You can have at most ${MAX_ENDPOINTS}. With an \`Idempotency-Key\`, a retry creates no second endpoint: it returns the original response again, with \`null\` for the secret.`,
    get: 'Retrieve a single webhook endpoint by its identifier, without its secret. Leave `If-None-Match` out to see the current `failed_attempts` and `next_attempt_at`.',
    update:
      'Update the URL, description and event types of a webhook endpoint, and disable or enable it. An endpoint that is enabled again continues with the event at which it stopped. A new URL, and that of an endpoint that is enabled after a 410, is asked with OPTIONS first, must agree, and is tried at once. Other changes do not end a wait. New event types apply to every event that is not delivered yet.',
    delete: 'Delete a webhook endpoint together with its secrets and its deliveries.',
    rotate: `Replace the secret of a webhook endpoint with a new one, which is returned only in this response. During the overlap, up to ${MAX_OVERLAP_S / 86_400} days, each message has the signatures of both secrets. The API keeps one old secret: if you rotate again within the overlap, the older one is invalid at once.`,
  },
  rotation: {
    operationId: 'rotateWebhookSecret',
    summary: 'Rotate the secret of a webhook endpoint',
    schema: schemas.secretRotation,
    body: 'How long the current secret signs too.',
    response: 'The new secret was created and signs from now on.',
  },
});

/** Returns an endpoint as responses show it. @param now milliseconds since 1970. */
export const asEndpoint = (row: EndpointRow, now: number) => ({
  id: row.id,
  url: row.url,
  description: row.description,
  event_types: typesOf(row.event_types),
  created_at: formatDateTime(row.created_at),
  disabled: row.disabled_at !== null,
  disabled_reason: row.disabled_reason,
  failed_attempts: row.failed_attempts,
  // A wait goes on while the endpoint is disabled, but then nothing follows it.
  next_attempt_at:
    row.next_attempt_at === null || row.disabled_at !== null
      ? null
      : formatDateTime(row.next_attempt_at),
  retired_secret_expires_at: retiredExpiryOf(row, now),
});

const endpoints = {
  kind: webhookEndpoint,
  path: routes.list.path,
  newSecret: (c, id) => newStoredSecret(c.var.config.sealingKeys, id),
  membersOf: asEndpoint,
  admit: admitEndpoint,
  update: replaceEndpoint,
} satisfies owned.OwnedResource<EndpointValues, EndpointRow, object>;

/** The members of a request that describe an endpoint. */
interface EndpointBody extends Omit<EndpointValues, 'event_types'> {
  readonly event_types: readonly EventType[] | null;
}

/**
 * Returns what a request says about an endpoint.
 *
 * @throws Problem `violations` for a URL that this deployment does not deliver to.
 */
function valuesOf(c: Context<AppEnv>, body: EndpointBody): EndpointValues {
  if (!isDeliverable(body.url, c.var.config.issuer)) {
    throw forbiddenUrl();
  }
  const types = body.event_types === null ? null : JSON.stringify(body.event_types);
  // The order of the members is part of the fingerprint of an idempotency key.
  return {
    url: body.url,
    description: body.description,
    event_types: types,
    disabled: body.disabled,
  };
}

/** Mounts what is about the endpoints themselves under `/v2/system/webhook-endpoints`. */
export const mountWebhookEndpoints = mounted(
  serve(routes.list, async (c) =>
    reply(c, routes.list, 200, ...(await owned.list(c, endpoints, c.req.valid('query')))),
  ),
  serve(routes.create, async (c) => {
    const values = valuesOf(c, c.req.valid('json'));
    return reply(c, routes.create, 201, ...(await owned.create(c, endpoints, values)));
  }),
  serve(routes.get, async (c) => {
    const [body, facts] = await owned.get(c, endpoints, c.req.valid('param')['endpoint-id']);
    return notModified(c, facts.tag) ?? reply(c, routes.get, 200, body, facts);
  }),
  serve(routes.update, async (c) => {
    const values = valuesOf(c, c.req.valid('json'));
    const id = c.req.valid('param')['endpoint-id'];
    return reply(c, routes.update, 200, ...(await owned.update(c, endpoints, id, values)));
  }),
  serve(routes.delete, async (c) => {
    const id = c.req.valid('param')['endpoint-id'];
    const response = await owned.remove(c, endpoints, id);
    // The Durable Object then finds that its endpoint is gone, and deletes what it stores.
    const { background, wakeEndpoint } = c.var.dependencies;
    background(wakeEndpoint(c.env, c.var.home, id).catch(() => undefined));
    return response;
  }),
  serve(routes.rotate, async (c) => {
    const id = c.req.valid('param')['endpoint-id'];
    const { overlap_seconds } = c.req.valid('json');
    return reply(c, routes.rotate, 201, ...(await owned.rotate(c, endpoints, id, overlap_seconds)));
  }),
);

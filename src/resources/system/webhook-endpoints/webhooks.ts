import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { type EventType, eventTypes, type SubjectType } from '../../../db/events.ts';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { uuidSchema } from '../../../http/fields/text.ts';
import { eventExamples, eventMembers } from '../events/events.schemas.ts';
import { messageType } from './deliveries.schemas.ts';
import { MAX_RETRY_AFTER_MS } from './delivery/deliver.ts';
import { TEST_EVENT } from './delivery/message.ts';
import { ATTEMPT_TIMEOUT_MS, userAgentOf } from './delivery/receiver.ts';

/** The `webhooks` of the document: the requests that the API sends to the receivers of partners. */

type MessageType = EventType | typeof TEST_EVENT;
type Verb = MessageType extends `${string}.${infer Name}` ? Name : never;

const subjects: Readonly<Record<SubjectType, string>> = {
  prepared_ticket: 'A prepared ticket',
  product_line: 'A product line',
  client: 'A client',
  api_key: 'An API key',
  webhook_endpoint: 'A webhook endpoint',
};

const verbs: Readonly<Record<Verb, string>> = {
  created: 'was created',
  updated: 'was updated',
  deleted: 'was deleted',
  picked_up: 'was picked up by its customer',
  put: 'was created or updated',
  rotated: 'got a new secret',
  disabled: 'was disabled by the API',
  test: 'is tested',
};

const message = z
  .object({
    type: messageType,
    timestamp: z
      .string()
      .openapi({ ...dateTimeSchema, description: 'Date and time of the event, in UTC.' }),
    data: z
      .object({ ...eventMembers, type: messageType, sequence: eventMembers.sequence.optional() })
      .openapi('WebhookEvent', {
        description:
          'The event as the feed shows it. A test event is not in the feed, so it has no `sequence`.',
      }),
  })
  .openapi('WebhookMessage', {
    description: 'The body of a webhook, as Standard Webhooks defines it.',
  });

/** Returns the id of the operation of a message, for example `receiveApiKeyCreated`. */
const operationIdOf = (type: MessageType) =>
  ['receive', ...type.split('.').flatMap((part) => part.split('_'))]
    .map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');

/** Returns the message of an event as an example. */
function exampleOf(type: MessageType) {
  const [subjectType] = type.split('.', 1) as [SubjectType];
  const [ticket, line] = eventExamples;
  const { sequence, subject, ...shared } = subjectType === 'product_line' ? line : ticket;
  const isOfTicket = subjectType === 'prepared_ticket' || subjectType === 'product_line';
  const data = {
    ...shared,
    ...(type !== TEST_EVENT && { sequence }),
    type,
    subject: isOfTicket ? subject : { type: subjectType, id: subject.id },
  };
  return { type, timestamp: data.created_at, data };
}

const header = (name: string, description: string, schema: object) => ({
  ...{ name, in: 'header' as const, required: true, description },
  schema: { type: 'string' as const, ...schema },
});

/** Returns the headers of a message, by the names of their components. */
const headersOfMessage = (origin: string) => ({
  WebhookId: header(
    'webhook-id',
    'Identifier of the event. All attempts of the event have the same one.',
    uuidSchema,
  ),
  WebhookTimestamp: header(
    'webhook-timestamp',
    'The time of the attempt, in seconds since 1970. Refuse a message that is more than five minutes old.',
    { pattern: '^[0-9]+$', maxLength: 20 },
  ),
  WebhookSignature: header(
    'webhook-signature',
    'The signatures of the message, separated by spaces. One of them is `v1,` and the HMAC-SHA256 of `webhook-id`, `webhook-timestamp` and the body, joined by full stops, in base64. During a rotation both secrets sign. Ignore signatures of other versions.',
    { pattern: '^[!-~]+(?: [!-~]+)*$', maxLength: 1000 },
  ),
  WebhookUserAgent: header('user-agent', `The API, at present \`${userAgentOf(origin)}\`.`, {
    pattern: '^[ -~]+$',
    maxLength: 255,
  }),
});

const retryAfter = {
  description: `How long the next attempt waits at least: a number of seconds or an HTTP date, up to ${MAX_RETRY_AFTER_MS / 3_600_000} hours (RFC 9110 §10.2.3).`,
  schema: { type: 'string' as const, pattern: '^[ -~]+$', maxLength: 50 },
};
const retried = { headers: { 'Retry-After': retryAfter } };

/** The answers that a receiver can give to a message, by their statuses and the names of their components. */
const answersToMessage = {
  '2XX': [
    'WebhookAccepted',
    {
      description: `The event is delivered. Answer within ${ATTEMPT_TIMEOUT_MS / 1000} seconds. The body is ignored.`,
    },
  ],
  410: [
    'WebhookUnwanted',
    { description: 'You want no more messages. The endpoint is disabled, and must agree again.' },
  ],
  429: ['WebhookPostponed', { description: 'You want the event later.', ...retried }],
  503: ['WebhookPostponed', { description: 'You want the event later.', ...retried }],
  default: [
    'WebhookFailed',
    {
      description:
        'Any other answer is a failure, also a redirect, and so is none. The event is attempted again later, and those behind it wait.',
      ...retried,
    },
  ],
} as const;

const allowedOrigin = {
  description: 'The host of the API, as the request has it, or `*` for every sender.',
  schema: { type: 'string' as const, pattern: '^[ -~]+$', maxLength: 255 },
};

/** The question whether a receiver wants messages. */
const consent = {
  method: 'options' as const,
  path: 'consent',
  operationId: 'agreeToWebhooks',
  tags: ['Webhooks'],
  summary: 'Whether you agree to receive webhooks',
  description:
    'Nothing is posted to a URL that has not agreed. The API asks when you create an endpoint, change its URL, or enable it after a 410.',
  security: [],
  responses: {
    '2XX': {
      description: 'You agree.',
      headers: { 'WebHook-Allowed-Origin': allowedOrigin },
    },
    default: { description: 'You do not agree. Nothing is sent.' },
  },
};

const reference = (kind: 'parameters' | 'responses', name: string) => ({
  $ref: `#/components/${kind}/${name}`,
});

/**
 * Registers the webhooks for the document. Only the build calls it.
 *
 * @param origin the address of the API.
 */
export function registerWebhooks(
  { openAPIRegistry: registry }: OpenAPIHono<AppEnv>,
  origin: string,
) {
  const headers = headersOfMessage(origin);
  for (const [name, parameter] of Object.entries(headers)) {
    registry.registerComponent('parameters', name, parameter);
  }
  for (const [name, response] of Object.values(answersToMessage)) {
    registry.registerComponent('responses', name, response);
  }
  const parameters = Object.keys(headers).map((name) => reference('parameters', name));
  const responses = Object.fromEntries(
    Object.entries(answersToMessage).map(([status, [name]]) => [
      status,
      reference('responses', name),
    ]),
  );
  for (const type of [...eventTypes, TEST_EVENT] as const) {
    const [subject, verb] = type.split('.') as [SubjectType, Verb];
    registry.registerWebhook({
      method: 'post',
      path: type,
      operationId: operationIdOf(type),
      tags: ['Webhooks'],
      summary: `${subjects[subject]} ${verbs[verb]}`,
      security: [],
      parameters,
      request: {
        body: {
          required: true,
          content: { 'application/json': { schema: message, example: exampleOf(type) } },
        },
      },
      responses,
    } as RouteConfig);
  }
  registry.registerWebhook({
    ...consent,
    parameters: [
      header('webhook-request-origin', `The host of the API: \`${new URL(origin).hostname}\`.`, {
        pattern: '^[ -~]+$',
        maxLength: 255,
      }),
    ],
  } as RouteConfig);
}

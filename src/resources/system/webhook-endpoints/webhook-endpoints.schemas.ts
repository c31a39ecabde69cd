import { z } from '@hono/zod-openapi';
import { type EventType, eventTypes } from '../../../db/events.ts';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { integer, integerSchema } from '../../../http/fields/integer.ts';
import { bodyOf, queryOf, readOnly, withDefault } from '../../../http/fields/object.ts';
import { text, uuid, uuidSchema } from '../../../http/fields/text.ts';
import { VISIBLE, visiblePattern } from '../../../http/fields/visible.ts';
import { listOf, pageEcho, pageParameters } from '../../../http/requests/pagination.ts';
import { nameSchema } from '../credentials.schemas.ts';
import { MAX_OVERLAP_S } from '../rotation.repository.ts';
import { WEBHOOK_SECRET_PATTERN } from './secrets.ts';
import { expectedUrl, hasDeliverableForm, MAX_URL_LENGTH } from './url.ts';

export const endpointExample = {
  id: '6f1d2c3b-4a59-4e68-8d7c-9b0a1f2e3d4c',
  url: 'https://hooks.garage.example/tickets',
  description: 'Workshop Berlin',
  event_types: ['prepared_ticket.picked_up'],
  created_at: '2026-03-01T12:00:00.000Z',
  disabled: false,
  disabled_reason: null,
  failed_attempts: 0,
  next_attempt_at: null,
};

/** An example with the form of a secret, which says that it is none. */
export const secretExample = `whsec_${'Example'.repeat(6)}E=`;

const told = {
  id: 'Identifier of the webhook endpoint.',
  url: 'The https URL to which events are sent with POST.',
  description: 'A text that helps you recognise the webhook endpoint.',
  event_types: 'The types of events that the endpoint receives, or null for all types.',
  created_at: 'Date and time when the webhook endpoint was created.',
  disabled: 'Whether the endpoint receives no events.',
  disabled_reason:
    'Why the endpoint is disabled: `requested` by you, `gone` after a response of 410, or `exhausted` after the last attempt for an event. Null while it is enabled.',
  failed_attempts:
    'The number of failed attempts to deliver the next event. It does not change the `ETag`.',
  next_attempt_at:
    'Date and time of the next attempt to deliver that event, or null if it does not wait. It does not change the `ETag`.',
} as const;

const urlSchema = { format: 'uri', pattern: '^https?://[!-~]+$', maxLength: MAX_URL_LENGTH };
const typeSchema = { pattern: '^[a-z_]+\\.[a-z_]+$', maxLength: 50 };
const attemptsRange = { minimum: 0, maximum: 100 };
const descriptionRule = {
  maxLength: 255,
  alphabet: VISIBLE,
  expected:
    'Send at most 255 characters, without control characters, text-direction marks and other invisible characters.',
};

const endpointMembers = {
  id: z.string().openapi({ ...uuidSchema, description: told.id }),
  url: z.string().openapi({ ...urlSchema, description: told.url }),
  description: z.string().openapi({
    ...{ pattern: nameSchema.pattern, maxLength: descriptionRule.maxLength },
    description: told.description,
  }),
  event_types: z
    .array(z.string().openapi(typeSchema))
    .nullable()
    .openapi({ maxItems: 100, description: told.event_types }),
  created_at: z.string().openapi({ ...dateTimeSchema, description: told.created_at }),
  disabled: z.boolean().openapi({ description: told.disabled }),
  disabled_reason: z
    .enum(['requested', 'gone', 'exhausted'])
    .nullable()
    .openapi({ description: told.disabled_reason }),
  failed_attempts: z
    .int()
    .openapi({ ...integerSchema(attemptsRange), description: told.failed_attempts }),
  next_attempt_at: z
    .string()
    .nullable()
    .openapi({ ...dateTimeSchema, description: told.next_attempt_at }),
};

export const endpoint = z.object(endpointMembers).openapi('WebhookEndpoint', {
  description: 'An address of yours that receives events.',
  example: endpointExample,
});

/** The response to a creation and to a rotation. No other response contains the secret. */
export const endpointWithSecret = z
  .object({
    ...endpointMembers,
    secret: z
      .string()
      .nullable()
      .openapi({
        pattern: `^${WEBHOOK_SECRET_PATTERN}$`,
        maxLength: 50,
        description:
          'The new secret that signs the events. It is returned only once, so store it right away. It is `null` if the response repeats the creation of the endpoint: then rotate it.',
      }),
  })
  .openapi('WebhookEndpointWithSecret', {
    description: 'A webhook endpoint with its new secret.',
    example: { ...endpointExample, secret: secretExample },
  });

const deliverableUrl = z
  .string({ error: expectedUrl })
  .superRefine((value, context) => {
    if (!hasDeliverableForm(value)) {
      const code = value.length > MAX_URL_LENGTH ? 'too_long' : 'invalid_format';
      context.addIssue({ code: 'custom', message: expectedUrl, params: { code } });
    }
  })
  .openapi({ ...urlSchema, description: told.url });

const known: readonly string[] = eventTypes;

/** A list of distinct types of events. A list that is too long is refused before any type is looked at. */
const typeList = z
  .array(z.unknown(), { error: 'Send an array of event types, or null for all types.' })
  .superRefine((types, context) => {
    const refuse = (code: string, message: string, path: PropertyKey[] = []) =>
      context.addIssue({ code: 'custom', path, message, params: { code } });
    if (types.length < 1 || types.length > known.length) {
      refuse('out_of_range', 'Send each type once and at least one, or null for all types.');
      return;
    }
    types.forEach((type, index) => {
      if (!known.includes(type as string)) {
        const code = typeof type === 'string' ? 'invalid_format' : 'invalid_type';
        refuse(code, `Send only types of this list: ${known.join(', ')}.`, [index]);
      } else if (types.indexOf(type) < index) {
        refuse('repeated_item', 'Send each type only once.', [index]);
      }
    });
  })
  .transform((types) => types as EventType[])
  .nullable()
  .openapi({
    type: ['array', 'null'],
    items: { type: 'string', enum: [...known] },
    ...{ minItems: 1, maxItems: known.length, uniqueItems: true },
    description: told.event_types,
  });

/** The members of a request that replaces an endpoint. All are required except the read-only ones. */
const writableMembers = {
  url: deliverableUrl,
  description: text(descriptionRule).openapi({
    description: told.description,
    pattern: visiblePattern,
  }),
  event_types: typeList,
  disabled: z.boolean({ error: 'Send true or false.' }).openapi({ description: told.disabled }),
  id: readOnly(told.id, { type: 'string', ...uuidSchema }),
  created_at: readOnly(told.created_at, { type: 'string', ...dateTimeSchema }),
  disabled_reason: readOnly(told.disabled_reason, {
    type: ['string', 'null'],
    ...{ pattern: '^[a-z]+$', maxLength: 50 },
  }),
  failed_attempts: readOnly(told.failed_attempts, {
    type: 'integer',
    ...integerSchema(attemptsRange),
  }),
  next_attempt_at: readOnly(told.next_attempt_at, { type: ['string', 'null'], ...dateTimeSchema }),
};

const { description, event_types, disabled } = writableMembers;

export const newEndpoint = bodyOf({
  ...writableMembers,
  description: withDefault(description, '', `${told.description} Default: an empty text.`),
  event_types: withDefault(event_types, null, `${told.event_types} Default: null.`),
  disabled: withDefault(disabled, false, `${told.disabled} Default: false.`),
}).openapi('NewWebhookEndpoint', { description: 'The webhook endpoint you wish to create.' });

export const endpointUpdate = bodyOf(writableMembers).openapi('WebhookEndpointUpdate', {
  description: 'The webhook endpoint you wish to update.',
});

export const secretRotation = bodyOf({
  overlap_seconds: integer({ minimum: 0, maximum: MAX_OVERLAP_S }).openapi({
    description: 'The number of seconds for which the current secret signs too, at most 30 days.',
  }),
}).openapi('WebhookSecretRotation', {
  description: 'How long the current secret signs together with the new one.',
});

export const endpointsQuery = queryOf(pageParameters);

export const endpointList = listOf(
  z.object(pageEcho).openapi('WebhookEndpointsQuery', {
    description: 'Applied query parameters, including defaults.',
  }),
  endpoint,
  'webhook endpoints',
).openapi('WebhookEndpointList');

export const endpointPath = z.object({
  'endpoint-id': uuid('the webhook endpoint').openapi({
    param: { description: 'Identifier of the webhook endpoint.', example: endpointExample.id },
  }),
});

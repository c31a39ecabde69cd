import { z } from '@hono/zod-openapi';
import { type EventType, eventTypes } from '../../../db/events.ts';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { integer, integerSchema } from '../../../http/fields/integer.ts';
import { member, optional, readOnlyMember } from '../../../http/fields/member.ts';
import { bodyOf, partOf, pick } from '../../../http/fields/object.ts';
import { text, uuidSchema } from '../../../http/fields/text.ts';
import { VISIBLE, visiblePattern } from '../../../http/fields/visible.ts';
import { MAX_OPEN_ITEMS, openStringOrNull } from '../../../open-string.ts';
import { MAX_OVERLAP_S } from '../credentials.repository.ts';
import { nameSchema, retiredSecretExpiry } from '../credentials.ts';
import { eventType } from '../events/events.schemas.ts';
import {
  expectedUrl,
  hasDeliverableForm,
  MAX_URL_LENGTH,
  sentUrlPattern,
  storedUrlPattern,
} from './url.ts';
import { disabledReasons } from './webhook-endpoints.repository.ts';

const urlSchema = { format: 'uri', maxLength: MAX_URL_LENGTH };

const deliverableUrl = z
  .string({ error: expectedUrl })
  .superRefine((value, context) => {
    if (!hasDeliverableForm(value)) {
      const code = value.length > MAX_URL_LENGTH ? 'too_long' : 'invalid_format';
      context.addIssue({ code: 'custom', message: expectedUrl, params: { code } });
    }
  })
  .openapi({ ...urlSchema, pattern: sentUrlPattern });

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
        refuse(code, 'Send only event types that the guide "Follow changes" lists.', [index]);
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
  });

const reasonDescription =
  'Why the endpoint is disabled: `requested` by you, `gone` after a response of 410, `exhausted` after the last attempt for an event, or `operator` by us, which a PUT does not undo. Null while it is enabled. More values may be added.';

/** The members of an endpoint, in the order of a response. */
const members = {
  id: readOnlyMember('Identifier of the webhook endpoint.', {
    response: z.string(),
    form: { type: 'string', ...uuidSchema },
    example: '6f1d2c3b-4a59-4e68-8d7c-9b0a1f2e3d4c',
  }),
  url: member(
    'The https URL to which events are sent with POST: port 443 of a public host name, which is neither an IP address nor the host of this API, without credentials or a fragment.',
    {
      response: z.string().openapi({ ...urlSchema, pattern: storedUrlPattern }),
      request: deliverableUrl,
      example: 'https://hooks.garage.example/tickets',
    },
  ),
  description: member('A text that helps you recognise the webhook endpoint.', {
    response: z.string().openapi({ pattern: nameSchema.pattern, maxLength: 255 }),
    request: text({
      maxLength: 255,
      alphabet: VISIBLE,
      expected:
        'Send at most 255 characters, without control characters, text-direction marks and other invisible characters.',
    }).openapi({ pattern: visiblePattern }),
    example: 'Workshop Berlin',
  }),
  event_types: member('The types of events that the endpoint receives, or null for all types.', {
    response: z.array(eventType).nullable().openapi({ maxItems: MAX_OPEN_ITEMS }),
    request: typeList,
    example: ['prepared_ticket.picked_up'],
  }),
  created_at: readOnlyMember('Date and time when the webhook endpoint was created.', {
    response: z.string(),
    form: { type: 'string', ...dateTimeSchema },
    example: '2026-03-01T12:00:00.000Z',
  }),
  disabled: member('If true, the API sends no events to the endpoint.', {
    response: z.boolean(),
    request: z.boolean({ error: 'Send true or false.' }),
    example: false,
  }),
  disabled_reason: {
    ...readOnlyMember(reasonDescription, {
      response: z.string(),
      form: { type: ['string', 'null'], pattern: '^[a-z]+$', maxLength: 50 },
      example: null,
    }),
    response: openStringOrNull(disabledReasons, reasonDescription),
  },
  failed_attempts: readOnlyMember(
    'The number of failed attempts to deliver the next event. The `ETag` does not change with it.',
    {
      response: z.int(),
      form: { type: 'integer', ...integerSchema({ minimum: 0, maximum: 100 }) },
      example: 0,
    },
  ),
  next_attempt_at: readOnlyMember(
    'Date and time of the next attempt to deliver that event, or null if the endpoint is not waiting for one. The `ETag` does not change with it.',
    {
      response: z.string().nullable(),
      form: { type: ['string', 'null'], ...dateTimeSchema },
      example: null,
    },
  ),
  retired_secret_expires_at: retiredSecretExpiry,
};

const { description, event_types, disabled } = members;

export const endpointExample = partOf(members, 'example');

/** The members of a response. */
export const response = partOf(members, 'response');

/** The members of a request that replaces an endpoint. All are required except the read-only ones. */
export const update = pick(partOf(members, 'request'), [
  ...(['url', 'description', 'event_types', 'disabled', 'id', 'created_at'] as const),
  ...(['disabled_reason', 'failed_attempts', 'next_attempt_at'] as const),
  'retired_secret_expires_at',
]);

/** The members of a request that creates an endpoint. */
export const creation = {
  ...update,
  description: optional(description, '', 'an empty text'),
  event_types: optional(event_types, null),
  disabled: optional(disabled, false),
};

export const secretRotation = bodyOf({
  overlap_seconds: integer({ minimum: 0, maximum: MAX_OVERLAP_S }).openapi({
    description: 'The number of seconds for which the current secret signs too, at most 30 days.',
  }),
}).openapi('WebhookSecretRotation', {
  description: 'How long the current secret signs together with the new one.',
});

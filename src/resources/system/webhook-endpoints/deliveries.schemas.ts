import { z } from '@hono/zod-openapi';
import { eventTypes } from '../../../db/events.ts';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { integer, integerSchema, MAX_INTEGER } from '../../../http/fields/integer.ts';
import { bodyOf } from '../../../http/fields/object.ts';
import { uuidSchema } from '../../../http/fields/text.ts';
import { cursorParameter } from '../../../http/requests/cursor.ts';
import { listOf } from '../../../http/requests/pagination.ts';
import { inCode, openString, openStringOrNull } from '../../../open-string.ts';
import type { ViolationCode } from '../../../problems/violation-codes.ts';
import { cursorExample } from '../events/events.schemas.ts';
import { pageEchoNamed } from '../owned.routes.ts';
import { attemptErrors, TEST_EVENT } from './delivery/message.ts';
import { ATTEMPT_TIMEOUT_MS, MAX_RESPONSE_BYTES } from './delivery/receiver.ts';

/** What to send as the cursor of a replay. */
export const expectedPlace = 'Send the `next` of an earlier response of the event feed unchanged.';

export const replay = bodyOf({
  after: cursorParameter(expectedPlace)
    .openapi({
      description:
        'The `next` of an earlier response of the event feed. The events after it are delivered again.',
    })
    .optional(),
  sequence: integer({ minimum: 1, maximum: MAX_INTEGER })
    .openapi({ description: 'The `sequence` of the one event that is sent again.' })
    .optional(),
})
  .superRefine(({ after, sequence }, context) => {
    const refuse = (path: string, message: string, code: ViolationCode) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { code } });
    if (after === undefined && sequence === undefined) {
      refuse('after', `${expectedPlace} Or send the \`sequence\` of one event.`, 'required');
    } else if (after !== undefined && sequence !== undefined) {
      refuse('sequence', 'Send either `after` or `sequence`.', 'unknown_member');
    }
  })
  .openapi('WebhookReplay', {
    description: 'What to deliver again: exactly one of the two members.',
    minProperties: 1,
    maxProperties: 1,
  });

export const replayExample = { after: cursorExample };

export const testDeliveryExample = { id: 'e4a1b2c3-5d6e-4f70-8192-a3b4c5d6e7f8' };

export const testDelivery = z
  .object({
    id: z.string().openapi({
      ...uuidSchema,
      description: 'Identifier of the test event, which is sent as `webhook-id`.',
    }),
  })
  .openapi('WebhookTestDelivery', {
    description: 'The test event that is sent now.',
    example: testDeliveryExample,
  });

export const deliveryExample = {
  event: {
    id: '1f0c9f5e-6b1a-4c1e-9a59-0e6a4f0c8d21',
    type: 'prepared_ticket.picked_up',
    sequence: 1,
  },
  attempt: 1,
  attempted_at: '2026-03-01T12:00:00.000Z',
  status: 204,
  error: null,
  response_text: null,
  duration_ms: 120,
};

/** The type of an event that is sent. */
export const messageType = openString(
  [...eventTypes, TEST_EVENT],
  `The type of the event; \`${TEST_EVENT}\` for a test event. More types may be added: ignore a type that you do not know.\n\nThe types are ${inCode(eventTypes)}.`,
).openapi('WebhookType');

const delivery = z
  .object({
    event: z
      .object({
        id: z.string().openapi({
          ...uuidSchema,
          description: 'Identifier of the event, which was sent as `webhook-id`.',
        }),
        type: messageType,
        sequence: z
          .int()
          .nullable()
          .openapi({
            ...integerSchema({ minimum: 1, maximum: MAX_INTEGER }),
            description: 'The sequence of the event; null for a test delivery.',
          }),
      })
      .openapi('DeliveredEvent', { description: 'The event that was sent.' }),
    attempt: z.int().openapi({
      ...integerSchema({ minimum: 1, maximum: 100 }),
      description:
        'Counts the attempts to deliver the event, from 1; with the error `consent`, the refusals in a row.',
    }),
    attempted_at: z
      .string()
      .openapi({ ...dateTimeSchema, description: 'Date and time when the attempt began.' }),
    status: z
      .int()
      .nullable()
      .openapi({
        ...integerSchema({ minimum: 100, maximum: 999 }),
        description:
          'The HTTP status of the response, or null if there was none. The event is delivered by a status from 200 to 299.',
      }),
    error: openStringOrNull(
      attemptErrors,
      `Why there was no response: \`timeout\` after ${ATTEMPT_TIMEOUT_MS / 1000} seconds, \`connection\` if none was possible, \`url\` if the URL is no longer accepted, \`consent\` if the receiver was asked and did not agree, or \`secret\` if the message could not be signed. Null if there was a response. More values may be added.`,
    ),
    response_text: z
      .string()
      .nullable()
      .openapi({
        pattern: '^[\\s\\S]*$',
        maxLength: MAX_RESPONSE_BYTES,
        description: `The first ${MAX_RESPONSE_BYTES} bytes of the body of a response that is no success, as text, or null.`,
      }),
    duration_ms: z.int().openapi({
      ...integerSchema({ minimum: 0, maximum: MAX_INTEGER }),
      description: 'How long the attempt took, in milliseconds.',
    }),
  })
  .openapi('WebhookDelivery', {
    description: 'An attempt to deliver an event.',
    example: deliveryExample,
  });

export const deliveryList = listOf(
  pageEchoNamed('WebhookDeliveriesQuery'),
  delivery,
  'deliveries',
).openapi('WebhookDeliveryList');

import { z } from '@hono/zod-openapi';
import { type EventType, eventTypes, subjectTypes } from '../../../db/events.ts';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { integerParameter, integerSchema, MAX_INTEGER } from '../../../http/fields/integer.ts';
import { queryOf } from '../../../http/fields/object.ts';
import { uuidSchema, WITHOUT_NUL } from '../../../http/fields/text.ts';
import { cursorParameter, cursorSchema } from '../../../http/requests/cursor.ts';
import { inCode, openString } from '../../../open-string.ts';

const limitRange = { minimum: 1, maximum: 1000 };
const numberRange = { minimum: 1, maximum: MAX_INTEGER };

/** The value of `after` with which a caller learns the current end of the feed. */
export const LATEST = 'latest';

/** What to send as the cursor. */
export const expectedCursor = `Send the \`next\` of an earlier response unchanged, or ${LATEST}.`;

export const cursorExample = 'MS4xLjNmNWY3OGQ2YjU1YTQ2NTE4MmJkYjQ1ZGYwYzE3NmM0';

const known: readonly string[] = eventTypes;
const expectedTypes =
  'Send event types that the guide "Follow changes" lists, separated by commas.';
/** A pattern of every list of types, also of those that may be added. */
const typesSchema = { pattern: '^[a-z_.]+(,[a-z_.]+)*$', maxLength: 1000 };

/** One type of events or several, separated by commas. The result is sorted. */
const typeList = z
  .string({ error: expectedTypes })
  .superRefine((value, context) => {
    const types = value.split(',');
    const refuse = (code: string, message: string) =>
      context.addIssue({ code: 'custom', message, params: { code } });
    if (!types.every((type) => known.includes(type))) {
      refuse('invalid_format', expectedTypes);
    } else if (new Set(types).size < types.length) {
      refuse('repeated_item', 'Send each type only once.');
    }
  })
  .transform((value) => value.split(',').sort() as EventType[]);

export const eventsQuery = queryOf({
  after: cursorParameter(expectedCursor)
    .optional()
    .openapi({
      param: {
        description: `The \`next\` of an earlier response, or \`${LATEST}\` for the current end of the feed. Without it, the response starts with the oldest event that is kept.`,
      },
    }),
  limit: integerParameter(limitRange)
    .default(100)
    .openapi({
      param: { description: 'Limits the number of events in the response.' },
      type: 'integer',
      ...integerSchema(limitRange),
      default: 100,
    }),
  type: typeList.optional().openapi({
    type: 'string',
    ...typesSchema,
    param: {
      example: 'prepared_ticket.deleted,prepared_ticket.picked_up',
      description:
        'Selects the events of one type or of several, separated by commas. `next` also moves past the events of other types.',
    },
  }),
});

const appliedQuery = z
  .object({
    after: z
      .string()
      .optional()
      .openapi({ ...cursorSchema, description: 'The cursor that you sent.' }),
    limit: z
      .int()
      .openapi({ ...integerSchema(limitRange), description: 'The limit that was applied.' }),
    type: z
      .string()
      .optional()
      .openapi({ ...typesSchema, description: 'The types that you sent, sorted.' }),
  })
  .openapi('EventsQuery', { description: 'Applied query parameters, including defaults.' });

/** The type of an event in a response. */
export const eventType = openString(
  eventTypes,
  `What happened. More types may be added: ignore a type that you do not know.\n\nThe types are ${inCode(eventTypes)}.`,
).openapi('EventType');

const subject = z
  .object({
    type: openString(
      subjectTypes,
      `The type of the resource: ${inCode(subjectTypes)}. More types may be added.`,
    ),
    id: z.string().openapi({
      ...uuidSchema,
      description: 'Identifier of the resource; of a product line, that of its product.',
    }),
    prepared_ticket_id: z
      .string()
      .optional()
      .openapi({ ...uuidSchema, description: 'Of a product line: identifier of its ticket.' }),
    ticket_number: z
      .int()
      .optional()
      .openapi({
        ...integerSchema(numberRange),
        description: 'Of a ticket or a product line: the number of the ticket.',
      }),
    version: z
      .int()
      .optional()
      .openapi({
        ...integerSchema({ minimum: 0, maximum: MAX_INTEGER }),
        description:
          'The version of the resource after the event, with which its `ETag` ends; of a resource that is gone, its last version. It rises with each change and can skip numbers.',
      }),
    preparer_external_reference: z.string().nullable().optional().openapi({
      maxLength: 255,
      pattern: WITHOUT_NUL,
      description:
        'Of a ticket or a product line: your reference of the ticket after the event, or its last one. Null in older events.',
    }),
  })
  .openapi('EventSubject', { description: 'The resource that an event is about.' });

const actor = z
  .object({
    client_id: z.string().openapi({
      maxLength: 255,
      description: 'Identifier of the client whose token authenticated the request.',
      example: 'a8098c1a-f86e-4da5-8b1f-3d4c3a1e2f77',
    }),
  })
  .nullable()
  .openapi('EventActor', {
    description: 'The client that made the change, or null if the operator of this API made it.',
  });

const exampleActor = { client_id: '3d1e5f6a-0b7c-4c8d-9e2f-1a2b3c4d5e6f' };
const exampleTicket = '497f6eca-6276-4993-bfeb-53cbbbba6f08';
const exampleReference = 'DYNAMICS_ERP_3454662';

/** Two events: the creation of a ticket, and of its line. */
export const eventExamples = [
  {
    id: '1f0c9f5e-6b1a-4c1e-9a59-0e6a4f0c8d21',
    sequence: 1,
    type: 'prepared_ticket.created',
    created_at: '2019-08-24T14:15:22.000Z',
    actor: exampleActor,
    subject: {
      type: 'prepared_ticket',
      id: exampleTicket,
      ticket_number: 7179072,
      version: 1,
      preparer_external_reference: exampleReference,
    },
  },
  {
    id: 'c2b4f0de-93c1-4d0c-8c35-7a1f2b9e6d10',
    sequence: 2,
    type: 'product_line.put',
    created_at: '2019-08-24T14:15:23.000Z',
    actor: exampleActor,
    subject: {
      type: 'product_line',
      id: 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3',
      prepared_ticket_id: exampleTicket,
      ticket_number: 7179072,
      version: 4,
      preparer_external_reference: exampleReference,
    },
  },
] satisfies [object, object];

/** The members of an event. */
export const eventMembers = {
  id: z.string().openapi({ ...uuidSchema, description: 'Identifier of the event.' }),
  sequence: z.int().openapi({
    ...integerSchema(numberRange),
    description: 'Counts your events without gaps, in the order in which they happened.',
  }),
  type: eventType,
  created_at: z
    .string()
    .openapi({ ...dateTimeSchema, description: 'Date and time of the event, in UTC.' }),
  actor,
  subject,
};

const event = z.object(eventMembers).openapi('Event', {
  description:
    'Something that happened to one of your resources. It contains no VIN, customer, name or secret: read the resource to see its current state.',
});

export const eventPage = z
  .object({
    query: appliedQuery,
    result: z
      .array(event)
      .openapi({ description: 'List of events, oldest first.', maxItems: limitRange.maximum }),
    next: z.string().openapi({
      ...cursorSchema,
      description:
        'The `after` of the following request. It is always present, also if there is nothing newer now.',
      example: cursorExample,
    }),
  })
  .openapi('EventPage', { description: 'One page of your events, and where the next one begins.' });

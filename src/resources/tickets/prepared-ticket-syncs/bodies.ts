import { z } from '@hono/zod-openapi';
import { bodyOf, pick } from '../../../http/fields/object.ts';
import { text } from '../../../http/fields/text.ts';
import { checkedItems } from '../../../http/requests/checked-items.ts';
import type { Violation } from '../../../problems/problem.ts';
import { omittedViolations, problemSchema, violation } from '../../../problems/schemas.ts';
import {
  atMostLines,
  linesOf,
  MAX_LINES_OF_BATCH,
  MAX_TICKETS,
} from '../prepared-ticket-batches/bodies.ts';
import { newTicketMembers, preparedTicketWithLines } from '../prepared-tickets/prepared-ticket.ts';
import { newLineExample, newProductLines } from '../product-line.ts';
import { responseMembers, ticketExample, writableMembers } from '../ticket.ts';

/** The bodies of syncs, and of the responses to them. */

/** A reference in a request. */
export const syncReference = text({
  minLength: 1,
  maxLength: 255,
  expected:
    'Send your reference as a string of 1 to 255 characters, without NUL or lone surrogates.',
}).openapi({ description: 'Your reference, which no other item has.' });

/** The members of an item that creates or replaces a ticket. */
const written = bodyOf(
  {
    ...newTicketMembers,
    preparer_external_reference: syncReference,
    product_lines: newProductLines.optional().openapi({
      description:
        'All product lines of the ticket. Without this member, the lines of an existing ticket stay as they are.',
    }),
    deleted: z
      .literal(false)
      .optional()
      .openapi({ description: 'The same as without this member.' }),
  },
  'the item',
).openapi({ description: 'A ticket that you wish to have.' });

const deletion = z
  .object({
    preparer_external_reference: syncReference,
    deleted: z.literal(true).openapi({ description: 'The other members are ignored.' }),
  })
  .openapi({ description: 'A ticket that you no longer wish to have.' });

/** The name of the schema of an item in the document. */
export const syncItemName = 'PreparedTicketToSync';

/** An item of a sync. */
export const syncItem = z
  .discriminatedUnion('deleted', [written, deletion], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'Send true to delete the ticket, or leave this member out.'
        : 'Send a JSON object.',
  })
  .openapi(syncItemName, { description: 'A ticket as you wish to have it, by your reference.' });

/** The description of the body. */
export const bodyDescription = 'The prepared tickets as you wish to have them.';

/** The body of POST. */
export const preparedTicketSync = bodyOf({
  prepared_tickets: checkedItems({
    member: 'prepared_tickets',
    item: syncItem,
    itemName: syncItemName,
    minItems: 1,
    maxItems: MAX_TICKETS,
    maxParts: MAX_LINES_OF_BATCH,
    partsOf: linesOf,
    expected: `Send a list of 1 to ${MAX_TICKETS} prepared tickets, which have ${atMostLines} product lines altogether.`,
  }).openapi({
    description: `The prepared tickets, which have ${atMostLines} product lines altogether.`,
  }),
}).openapi('PreparedTicketSync', { description: bodyDescription });

/** A validated item of a sync: the values of a ticket or its deletion, or the violations of the item. */
export type CheckedSyncItem = z.output<typeof preparedTicketSync>['prepared_tickets'][number];

const ofItem = { preparer_external_reference: responseMembers.preparer_external_reference };
const changed = z.boolean().openapi({ description: 'Whether the sync wrote anything for it.' });

/** The result of an item of a sync. */
const syncResult = z.discriminatedUnion('status', [
  z
    .object({
      ...ofItem,
      status: z.union([z.literal(200), z.literal(201)]).openapi({
        description:
          '201: the ticket is created. 200: it was there, and has the values of the item.',
      }),
      changed,
      prepared_ticket: preparedTicketWithLines,
    })
    .openapi({ description: 'You have the ticket.' }),
  z
    .object({
      ...ofItem,
      status: z.literal(204).openapi({ description: 'No prepared ticket has the reference.' }),
      changed,
    })
    .openapi({ description: 'You do not have the ticket.' }),
  z
    .object({
      preparer_external_reference: responseMembers.preparer_external_reference.nullable().openapi({
        description: 'The reference of the item; null if it has no valid one.',
      }),
      status: z.literal(400).openapi({ description: 'Nothing is saved for the item.' }),
      violations: z.array(violation).openapi({
        description:
          'The rules that the item breaks. The whole response lists at most 100 violations, so the list of a later item can be incomplete or empty.',
        maxItems: 100,
      }),
    })
    .openapi({ description: 'An invalid item.' }),
  z
    .object({
      ...ofItem,
      status: z
        .union([z.literal(409), z.literal(410)])
        .openapi({ description: 'Nothing is saved for the item.' }),
      // The schema of problems is complete when all resources are loaded.
      get problem() {
        return problemSchema().openapi({
          description:
            'Why not. Its type is /problems/ambiguous-reference, /problems/ticket-quota-exceeded or /problems/picked-up.',
        });
      },
    })
    .openapi({ description: 'A valid item that cannot take effect.' }),
]);

export type SyncResult = z.output<typeof syncResult>;

/** The response to a sync. */
export const syncResults = z
  .object({
    result: z.array(syncResult).openapi({
      description: 'The result of each item, in the order of the request.',
      minItems: 1,
      maxItems: MAX_TICKETS,
    }),
    omitted_violations: omittedViolations,
  })
  .openapi('PreparedTicketSyncResult', { description: 'What a sync did about each item.' });

const writable = pick(ticketExample, writableMembers);

/** A ticket to have, and one to delete. */
export const syncExample = {
  prepared_tickets: [
    { ...writable, product_lines: [newLineExample] },
    { preparer_external_reference: 'ORDER-1002', deleted: true },
  ],
};

/** A result of each kind but 204, with an item whose VIN is too short. */
export const syncResultExample = (violations: readonly Violation[]) => ({
  result: [
    {
      preparer_external_reference: ticketExample.preparer_external_reference,
      status: 201,
      changed: true,
      prepared_ticket: { ...ticketExample, product_lines: [newLineExample] },
    },
    { preparer_external_reference: 'ORDER-1002', status: 204, changed: false },
    { preparer_external_reference: 'ORDER-1003', status: 400, violations },
  ],
});

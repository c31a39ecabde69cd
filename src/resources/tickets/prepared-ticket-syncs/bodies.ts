import { z } from '@hono/zod-openapi';
import { bodyOf, pick } from '../../../http/fields/object.ts';
import { text } from '../../../http/fields/text.ts';
import { problemSchema } from '../../../problems/schemas.ts';
import {
  linesOf,
  listedViolationsOfItem,
  resultsOf,
  ticketItems,
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
}).openapi({ description: 'Your reference.' });

/** An item that creates or replaces a ticket. */
const written = bodyOf(
  {
    ...newTicketMembers,
    preparer_external_reference: syncReference,
    product_lines: newProductLines.optional().openapi({
      description: 'The product lines of the ticket. Default: those that it has.',
    }),
    deleted: z
      .literal(false)
      .optional()
      .openapi({ description: 'Has no effect; true deletes the ticket.' }),
  },
  'the item',
).openapi({ description: 'A ticket to create or replace.' });

const deletion = z
  .object({ preparer_external_reference: syncReference, deleted: z.literal(true) })
  .openapi({ description: 'A ticket to delete. Other members are ignored.' });

/** An item of a sync. */
const syncItem = z.discriminatedUnion('deleted', [written, deletion], {
  error: ({ code }) =>
    code === 'invalid_union'
      ? 'Send true to delete the ticket, or leave this member out.'
      : 'Send a JSON object.',
});

/** The name of the schema of an item in the document. */
export const syncItemName = 'PreparedTicketToSync';

/** An item in the document. */
export const documentedItem = z.union([written, deletion]).openapi(syncItemName, {
  description:
    'A ticket as you wish to have it, by its reference, which has 1 to 255 characters and which no other item has.',
});

/** The description of the body. */
export const bodyDescription = 'The prepared tickets as you wish to have them.';

/** The body of POST. */
export const preparedTicketSync = bodyOf({
  prepared_tickets: ticketItems({
    schema: syncItem,
    name: syncItemName,
    // A deletion ignores its other members.
    linesOf: (sent) =>
      (sent as { deleted?: unknown } | null)?.deleted === true ? 0 : linesOf(sent),
  }),
}).openapi('PreparedTicketSync', { description: bodyDescription });

/** A validated item of a sync: the values of a ticket or its deletion, or the violations of the item. */
export type CheckedSyncItem = z.output<typeof preparedTicketSync>['prepared_tickets'][number];

const own = {
  preparer_external_reference: responseMembers.preparer_external_reference.openapi({
    description: 'Your reference.',
  }),
};
const changed = z.boolean().openapi({ description: 'Whether the sync changed anything.' });

/** Returns the schema of one of several statuses. The library documents only the first literal of several. */
const oneOfStatuses = <const S extends number>(...statuses: S[]) =>
  z.literal(statuses).openapi({ enum: statuses });

/** The result of an item of a sync. */
const syncResult = z.discriminatedUnion('status', [
  z
    .object({
      ...own,
      status: oneOfStatuses(200, 201),
      changed,
      prepared_ticket: preparedTicketWithLines,
    })
    .openapi({ description: 'The ticket is created (201), or has the values of the item (200).' }),
  z
    .object({ ...own, status: z.literal(204), changed })
    .openapi({ description: 'No prepared ticket has the reference.' }),
  z
    .object({
      preparer_external_reference: own.preparer_external_reference.nullable().openapi({
        description: 'Your reference; null if it is not valid.',
      }),
      status: z.literal(400),
      violations: listedViolationsOfItem,
    })
    .openapi({ description: 'An invalid item. Nothing is saved for it.' }),
  z
    .object({
      ...own,
      status: oneOfStatuses(409, 410),
      // The schema of problems is complete when all resources are loaded.
      get problem() {
        return problemSchema();
      },
    })
    .openapi({
      description:
        'Nothing is saved for the item: its reference is ambiguous, a quota of yours is reached (409), or the ticket was picked up (410).',
    }),
]);

export type SyncResult = z.output<typeof syncResult>;

/** The response to a sync. */
export const syncResults = z
  .object(resultsOf(syncResult))
  .openapi('PreparedTicketSyncResult', { description: 'The results of a sync.' });

const writable = pick(ticketExample, writableMembers);

/** A ticket to have, and one to delete. */
export const syncExample = {
  prepared_tickets: [
    { ...writable, product_lines: [newLineExample] },
    { preparer_external_reference: 'ORDER-1002', deleted: true },
  ],
};

/** The results of a second request with these items. */
export const syncResultExample = {
  result: [
    {
      preparer_external_reference: ticketExample.preparer_external_reference,
      status: 200,
      changed: false,
      prepared_ticket: { ...ticketExample, product_lines: [newLineExample] },
    },
    { preparer_external_reference: 'ORDER-1002', status: 204, changed: false },
  ],
};

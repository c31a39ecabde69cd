import { z } from '@hono/zod-openapi';
import { bodyOf, pick } from '../../../http/fields/object.ts';
import { checkedItems } from '../../../http/requests/checked-items.ts';
import { omittedViolations, problemSchema, violation } from '../../../problems/schemas.ts';
import { newTicketMembers, preparedTicket } from '../prepared-tickets/prepared-tickets.schemas.ts';
import {
  newLineExample,
  newProductLines,
} from '../prepared-tickets/product-lines/new-product-lines.ts';
import { ticketExample, writableMembers } from '../prepared-tickets/ticket-members.ts';

/** Tickets that a batch creates at most. */
export const MAX_TICKETS = 500;

/** Product lines that a batch creates at most, of all its tickets together. */
export const MAX_LINES_OF_BATCH = 2000;

/** Returns how many product lines an item has, as it was sent. */
function linesOf(item: unknown): number {
  const lines = (item as { product_lines?: unknown } | null)?.product_lines;
  return Array.isArray(lines) ? lines.length : 0;
}

/** The name of the schema of an item in the document. */
export const batchItemName = 'NewPreparedTicketWithLines';

/** An item of a batch: what POST takes, and the lines of the ticket. */
export const batchItem = bodyOf(
  {
    ...newTicketMembers,
    product_lines: newProductLines.optional().openapi({
      description: 'The product lines of the ticket. Default: none.',
    }),
  },
  'the ticket',
).openapi(batchItemName, {
  description: 'A prepared ticket that you wish to create, with its product lines.',
});

/** What the document says of the body. */
export const bodyDescription = 'The prepared tickets you wish to create.';

/** The body of POST. */
export const newPreparedTicketBatch = bodyOf({
  prepared_tickets: checkedItems({
    member: 'prepared_tickets',
    item: batchItem,
    itemName: batchItemName,
    minItems: 1,
    maxItems: MAX_TICKETS,
    maxParts: MAX_LINES_OF_BATCH,
    partsOf: linesOf,
    expected: `Send a list of 1 to ${MAX_TICKETS} prepared tickets, which have at most ${MAX_LINES_OF_BATCH.toLocaleString('en')} product lines altogether.`,
  }).openapi({
    description: `The prepared tickets, which have at most ${MAX_LINES_OF_BATCH.toLocaleString('en')} product lines altogether. Their numbers rise in the order of this list.`,
  }),
}).openapi('NewPreparedTicketBatch', { description: bodyDescription });

/** The response to a batch that is written as a whole. */
export const preparedTicketBatch = z
  .object({
    result: z.array(preparedTicket).openapi({
      description: 'The created prepared tickets, in the order of the request.',
      minItems: 1,
      maxItems: MAX_TICKETS,
    }),
  })
  .openapi('PreparedTicketBatch', { description: 'The tickets that a batch created.' });

const created = z
  .object({
    status: z.literal(201).openapi({ description: 'The ticket is created.' }),
    prepared_ticket: preparedTicket,
  })
  .openapi({ description: 'A valid item, which was created.' });

const refused = z
  .object({
    status: z.literal(400).openapi({ description: 'Nothing is created for the item.' }),
    violations: z.array(violation).openapi({
      description:
        'The rules that the item breaks. The whole response lists at most 100 violations, so the list of a later item can be incomplete or empty.',
      maxItems: 100,
    }),
  })
  .openapi({ description: 'An invalid item, which was not created.' });

const overQuota = z
  .object({
    status: z.literal(409).openapi({ description: 'Nothing is created for the item.' }),
    problem: problemSchema.openapi({
      description: 'Why not. Its type is /problems/ticket-quota-exceeded.',
    }),
  })
  .openapi({ description: 'A valid item, which was not created.' });

/** The result of an item of a lenient batch. */
const lenientItem = z.discriminatedUnion('status', [created, refused, overQuota]);

export type LenientItem = z.output<typeof lenientItem>;

/** The response to a batch of which the valid items are written. */
export const lenientBatch = z
  .object({
    result: z.array(lenientItem).openapi({
      description: 'The result of each item, in the order of the request.',
      minItems: 1,
      maxItems: MAX_TICKETS,
    }),
    omitted_violations: omittedViolations,
  })
  .openapi('LenientPreparedTicketBatch', {
    description: 'The results of a batch with `Prefer: handling=lenient`.',
  });

const writable = pick(ticketExample, writableMembers);

/** Two tickets, of which one has a line. */
export const batchExample = {
  prepared_tickets: [
    { ...writable, product_lines: [newLineExample] },
    { ...writable, vin: null, voucher_code: null, preparer_external_reference: 'ORDER-1002' },
  ],
};

/** An item of a batch that was validated: a ticket to be, or what is wrong with it. */
export type CheckedTicket = z.output<typeof newPreparedTicketBatch>['prepared_tickets'][number];

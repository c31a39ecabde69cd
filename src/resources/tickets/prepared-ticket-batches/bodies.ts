import { z } from '@hono/zod-openapi';
import { bodyOf, pick } from '../../../http/fields/object.ts';
import { checkedItems } from '../../../http/requests/checked-items.ts';
import { omittedViolations, problemSchema, violation } from '../../../problems/schemas.ts';
import { newTicketMembers, preparedTicket } from '../prepared-tickets/prepared-ticket.ts';
import { newLineExample, newProductLines } from '../product-line.ts';
import { ticketExample, writableMembers } from '../ticket.ts';

/** The bodies of batches, and of the responses to them. */

/** The maximum number of tickets of a batch or a sync. */
export const MAX_TICKETS = 500;

/** The maximum number of product lines of a batch or a sync, of all its tickets together. */
const MAX_LINES_OF_BATCH = 2000;

/** A part of descriptions and of the detail of a violation. */
export const atMostLines = `at most ${MAX_LINES_OF_BATCH}`;

/** Returns how many product lines an item has, as it was sent. */
export function linesOf(item: unknown): number {
  const lines = (item as { product_lines?: unknown } | null)?.product_lines;
  return Array.isArray(lines) ? lines.length : 0;
}

/** The name of the schema of an item in the document. */
export const batchItemName = 'NewPreparedTicketWithLines';

/** An item of a batch: the members of a POST, and the lines of the ticket. */
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

/** The description of the body. */
export const bodyDescription = 'The prepared tickets you wish to create.';

/**
 * Returns the member `prepared_tickets` of the body of a batch or a sync, whose items are checked one by one.
 *
 * @param more what the description says after the limits.
 */
export const ticketItems = <S extends z.ZodType>(
  item: { readonly schema: S; readonly name: string; readonly linesOf: (sent: unknown) => number },
  more = '',
) =>
  checkedItems({
    member: 'prepared_tickets',
    item: item.schema,
    itemName: item.name,
    minItems: 1,
    maxItems: MAX_TICKETS,
    maxParts: MAX_LINES_OF_BATCH,
    partsOf: item.linesOf,
    expected: `Send a list of 1 to ${MAX_TICKETS} prepared tickets, which have ${atMostLines} product lines altogether.`,
  }).openapi({
    description: `The prepared tickets, which have ${atMostLines} product lines altogether.${more}`,
  });

/** The body of POST. */
export const newPreparedTicketBatch = bodyOf({
  prepared_tickets: ticketItems(
    { schema: batchItem, name: batchItemName, linesOf },
    ' Their numbers rise in the order of this list.',
  ),
}).openapi('NewPreparedTicketBatch', { description: bodyDescription });

/** The response to a batch whose tickets are all created. */
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

/** The violations of an item in a response, also to a sync. */
export const listedViolationsOfItem = z.array(violation).openapi({
  description:
    'The rules that the item breaks. The whole response lists at most 100 violations, so the list of a later item can be incomplete or empty.',
  maxItems: 100,
});

const refused = z
  .object({
    status: z.literal(400).openapi({ description: 'Nothing is created for the item.' }),
    violations: listedViolationsOfItem,
  })
  .openapi({ description: 'An invalid item, which was not created.' });

const overQuota = z
  .object({
    status: z.literal(409).openapi({ description: 'Nothing is created for the item.' }),
    // The schema of problems is complete when all resources are loaded.
    get problem() {
      return problemSchema().openapi({
        description: 'Why not. Its type is that of a quota that is reached.',
      });
    },
  })
  .openapi({ description: 'A valid item, which was not created.' });

/** Returns the members of a response with a result for each item, also to a sync. */
export const resultsOf = <S extends z.ZodType>(item: S) => ({
  result: z.array(item).openapi({
    description: 'The result of each item, in the order of the request.',
    minItems: 1,
    maxItems: MAX_TICKETS,
  }),
  omitted_violations: omittedViolations,
});

/** The result of an item of a lenient batch. */
const lenientItem = z.discriminatedUnion('status', [created, refused, overQuota]);

export type LenientItem = z.output<typeof lenientItem>;

/** The response to a batch of which only the valid items are created. */
export const lenientBatch = z.object(resultsOf(lenientItem)).openapi('LenientPreparedTicketBatch', {
  description: 'The results of a batch with `Prefer: handling=lenient`.',
});

const writable = pick(ticketExample, writableMembers);

/** The values of a second ticket in the examples. */
export const secondExample = {
  ...writable,
  vin: null,
  voucher_code: null,
  preparer_external_reference: 'ORDER-1002',
};

/** Two tickets, of which one has a line. */
export const batchExample = {
  prepared_tickets: [{ ...writable, product_lines: [newLineExample] }, secondExample],
};

/** A validated item of a batch: the values of a ticket, or the violations of the item. */
export type CheckedTicket = z.output<typeof newPreparedTicketBatch>['prepared_tickets'][number];

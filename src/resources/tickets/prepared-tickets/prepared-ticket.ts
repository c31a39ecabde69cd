import { z } from '@hono/zod-openapi';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { bodyOf, pick, withDefault } from '../../../http/fields/object.ts';
import { uuid } from '../../../http/fields/text.ts';
import { Problem } from '../../../problems/problem.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { linesOfTicket, newLineExample } from '../product-line.ts';
import {
  readOnlyMembers,
  requestMembers,
  responseMembers,
  tagExample,
  ticketExample,
  ticketMembers,
  writableMembers,
} from '../ticket.ts';
import type { PreparedTicketRow } from './ticket-columns.repository.ts';

/** What the operations on prepared tickets share, one by one, by reference and in batches. */

export const PREPARED_TICKETS = '/v2/tickets/prepared-tickets';
export const PREPARED_TICKET = `${PREPARED_TICKETS}/{prepared-ticket-id}` as const;

/** A prepared ticket in a response, always with all members. */
export const preparedTicket = z.object(responseMembers).openapi('PreparedTicket', {
  description:
    'A ticket with pre-filled data that can be picked up by a customer in the Customer Portal. It appears there when a VIN, a vehicle model and an associated product line are present.',
  example: ticketExample,
});

/** A prepared ticket with its lines, for GET and PUT by reference, for syncs and for the export. */
export const preparedTicketWithLines = z
  .object({ ...responseMembers, product_lines: linesOfTicket })
  .openapi('PreparedTicketWithLines', {
    description: 'A prepared ticket with its product lines.',
    example: { ...ticketExample, product_lines: [newLineExample] },
  });

const { voucher_code } = ticketMembers;

/** The members that a request may name to create a ticket. */
export const newTicketMembers = {
  ...pick(requestMembers, writableMembers),
  voucher_code: withDefault(
    voucher_code.request,
    null,
    `${voucher_code.description} Default: null.`,
  ),
  ...pick(requestMembers, readOnlyMembers),
};

/** The description of the body of POST. */
export const newTicketDescription = 'The prepared ticket you wish to create.';

/** The body of POST. */
export const newPreparedTicket = bodyOf(newTicketMembers).openapi('NewPreparedTicket', {
  description: newTicketDescription,
});

export const preparedTicketPath = z.object({
  'prepared-ticket-id': uuid('the prepared ticket').openapi({
    param: { description: 'Identifier of the prepared ticket.', example: ticketExample.id },
  }),
});

/** The `detail` of a 404 for a ticket. */
export const noTicket = 'There is no prepared ticket with this identifier.';

/** What the operations on one prepared ticket declare alike. */
export const ofTicket = {
  request: { params: preparedTicketPath },
  violations: exampleViolations('param', preparedTicketPath, {
    'prepared-ticket-id': String(ticketExample.ticket_number),
  }),
  problems: ['notFound', 'pickedUp'],
  missing: noTicket,
  tagExample,
} as const;

/** The detail of a violation, and a part of a description: an update cannot change the customer. */
export const customerIsFixed =
  'The customer of a ticket cannot change. Send the current customer, or delete the ticket and create a new one.';

/** Returns the problem of a request that names another customer than that of the ticket. */
export function otherCustomer(): Problem {
  return new Problem('violations', {
    violations: [
      { in: 'body', pointer: '#/customer_id', code: 'immutable', detail: customerIsFixed },
    ],
  });
}

/** Returns a ticket as responses show it. */
export function asTicket({ created_at, ...row }: Omit<PreparedTicketRow, 'version'>) {
  return { ...row, created_at: formatDateTime(created_at) };
}

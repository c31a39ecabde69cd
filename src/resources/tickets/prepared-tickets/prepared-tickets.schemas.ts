import { z } from '@hono/zod-openapi';
import { bodyOf, pick, queryOf, withDefault } from '../../../http/fields/object.ts';
import { uuid } from '../../../http/fields/text.ts';
import { appliedQuery, listOf, pageParameters } from '../../../http/requests/pagination.ts';
import { filterEchoes, filterParameters } from './filters.ts';
import {
  changeableMembers,
  readOnlyMembers,
  requestMembers,
  responseMembers,
  ticketExample,
  ticketMembers,
  writableMembers,
} from './ticket-members.ts';

/** A prepared ticket in a response, always with all members. */
export const preparedTicket = z.object(responseMembers).openapi('PreparedTicket', {
  description:
    'A ticket with pre-filled data that can be picked up by a customer in the Customer Portal. It appears there when a VIN, a vehicle model and an associated product line are present.',
  example: ticketExample,
});

const { customer_id, voucher_code } = ticketMembers;

/** The descriptions of the bodies of POST and PUT. */
export const bodyDescriptions = {
  create: 'The prepared ticket you wish to create.',
  update: 'The prepared ticket you wish to update.',
};

/** The detail of a violation, and a part of a description: an update cannot change the customer. */
export const customerIsFixed =
  'The customer of a ticket cannot change. Send the current customer, or leave this member out.';

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

/** The body of POST. */
export const newPreparedTicket = bodyOf(newTicketMembers).openapi('NewPreparedTicket', {
  description: bodyDescriptions.create,
});

/** The body of PUT. All members that can change are required. */
export const preparedTicketUpdate = bodyOf({
  ...pick(requestMembers, changeableMembers),
  customer_id: customer_id.request.optional().openapi({
    description: `${customer_id.description} ${customerIsFixed}`,
  }),
  ...pick(requestMembers, readOnlyMembers),
}).openapi('PreparedTicketUpdate', { description: bodyDescriptions.update });

export const preparedTicketsQuery = queryOf({ ...filterParameters, ...pageParameters });

export const preparedTicketList = listOf(
  appliedQuery(filterEchoes).openapi('PreparedTicketsQuery'),
  preparedTicket,
  'prepared tickets',
).openapi('PreparedTicketList');

export const preparedTicketPath = z.object({
  'prepared-ticket-id': uuid('the prepared ticket').openapi({
    param: { description: 'Identifier of the prepared ticket.', example: ticketExample.id },
  }),
});

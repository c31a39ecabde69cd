import { z } from '@hono/zod-openapi';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { queryOf } from '../../../http/fields/object.ts';
import { uuid } from '../../../http/fields/text.ts';
import { appliedQuery, listOf, pageParameters } from '../../../http/requests/pagination.ts';
import { responseMembers, ticketExample } from '../prepared-tickets/ticket-members.ts';
import { filterEchoes, filterParameters } from './filters.ts';

export const pickedUpExample = {
  ...ticketExample,
  state: 'pending',
  picked_up_at: '2019-08-25T09:30:00.000Z',
};

/** A picked-up ticket in a response, always with all members. */
export const ticket = z
  .object({
    ...responseMembers,
    // No enum: a client that was generated from one would reject the states that are added later.
    state: z.string().openapi({
      description:
        'The state of the work on the ticket. It is `pending` at present. Further states will be added, so accept values that you do not know.',
      minLength: 1,
      maxLength: 64,
      pattern: '^[a-z_]{1,64}$',
      example: pickedUpExample.state,
    }),
    picked_up_at: z.string().openapi({
      ...dateTimeSchema,
      description:
        'Date and time at which the customer picked the ticket up, in UTC with milliseconds.',
    }),
  })
  .openapi('Ticket', {
    description:
      'A ticket that a customer picked up in the Customer Portal. It has the identifier, the number and the values of the prepared ticket that it was.',
    example: pickedUpExample,
  });

export const ticketsQuery = queryOf({ ...filterParameters, ...pageParameters });

export const ticketList = listOf(
  appliedQuery(filterEchoes).openapi('TicketsQuery'),
  ticket,
  'tickets',
).openapi('TicketList');

export const ticketPath = z.object({
  'ticket-id': uuid('the ticket').openapi({
    param: { description: 'Identifier of the ticket.', example: pickedUpExample.id },
  }),
});

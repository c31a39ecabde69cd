import type { FilterName } from '../../src/resources/tickets/prepared-tickets/filters.ts';
import { NOBODY, PRODUCT, type Ticket } from './tickets.ts';

/** A value for each filter, as the query string sends it; a new filter does not compile without one. */
type FilterValues = Record<FilterName, string>;

const shifted = (time: string, milliseconds: number) =>
  new Date(Date.parse(time) + milliseconds).toISOString();

/** Returns the values with which each filter finds a ticket that has a line for `PRODUCT`. */
export const matchingFilters = (ticket: Ticket): FilterValues => ({
  created_after: shifted(ticket.created_at, -1),
  created_before: shifted(ticket.created_at, 1),
  customer_id: ticket.customer_id,
  preparer_external_reference: ticket.preparer_external_reference,
  product_id: PRODUCT,
  ticket_number: String(ticket.ticket_number),
  vin: ticket.vin ?? '',
});

/** Returns the values with which no filter finds the ticket. */
export const missingFilters = (ticket: Ticket): FilterValues => ({
  created_after: ticket.created_at,
  created_before: ticket.created_at,
  customer_id: NOBODY,
  preparer_external_reference: '',
  product_id: NOBODY,
  ticket_number: String(ticket.ticket_number + 1),
  vin: '',
});

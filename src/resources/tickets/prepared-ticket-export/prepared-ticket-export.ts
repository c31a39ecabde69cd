import { exportOf } from '../export.ts';
import { preparedSelection } from '../prepared-tickets/filters.repository.ts';
import { filterParameters } from '../prepared-tickets/filters.ts';
import { asTicket, preparedTicketWithLines } from '../prepared-tickets/prepared-ticket.ts';
import { newLineExample } from '../product-line.ts';
import { ticketExample } from '../ticket.ts';

/** Mounts `/v2/tickets/prepared-ticket-export`. */
export const mountPreparedTicketExport = exportOf({
  path: '/v2/tickets/prepared-ticket-export',
  operationId: 'exportPreparedTickets',
  tag: 'Prepared tickets',
  summary: 'Export prepared tickets',
  exports: 'Export prepared tickets, oldest first',
  meanwhile:
    'Tickets that are created during an export appear at its end; none is skipped or repeated, whatever is created or deleted meanwhile.',
  names: 'prepared tickets',
  fileName: 'prepared-tickets',
  schema: preparedTicketWithLines,
  example: { ...ticketExample, product_lines: [newLineExample] },
  filterParameters,
  selectionOf: preparedSelection,
  asTicket,
});

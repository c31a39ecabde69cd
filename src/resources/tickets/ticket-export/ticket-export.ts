import { exportOf } from '../export.ts';
import { filterParameters } from '../tickets/filters.ts';
import { pickedUpSelection } from '../tickets/tickets.repository.ts';
import { asTicket, pickedUpExample, ticket } from '../tickets/tickets.ts';

/** Mounts `/v2/tickets/ticket-export`. */
export const mountTicketExport = exportOf({
  path: '/v2/tickets/ticket-export',
  operationId: 'exportTickets',
  tag: 'Tickets',
  summary: 'Export tickets',
  exports: 'Export the tickets that customers picked up, in the order of the pick-ups',
  meanwhile:
    'Tickets that are picked up during an export appear at its end; none is skipped or repeated.',
  names: 'tickets',
  fileName: 'tickets',
  ticket,
  example: pickedUpExample,
  exported: {
    name: 'ExportedTicket',
    description: 'A ticket with its product lines: one line of the export in NDJSON.',
  },
  filterParameters,
  selectionOf: pickedUpSelection,
  asTicket,
});

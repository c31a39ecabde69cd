import { z } from '@hono/zod-openapi';
import { exportOf } from '../export.ts';
import { linesOfTicket, newLineExample } from '../product-line.ts';
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
  schema: z
    .object({ ...ticket.shape, product_lines: linesOfTicket })
    .openapi('TicketWithLines', { description: 'A picked-up ticket with its product lines.' }),
  example: { ...pickedUpExample, product_lines: [newLineExample] },
  filterParameters,
  selectionOf: pickedUpSelection,
  asTicket,
});

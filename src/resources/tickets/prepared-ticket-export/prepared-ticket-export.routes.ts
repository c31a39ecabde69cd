import { operation } from '../../../http/operation.ts';
import { MAX_PREFERENCE_LENGTH } from '../../../http/requests/bounded-headers.ts';
import { headersNamed } from '../../../http/responses/header-components.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { lineExample } from '../prepared-tickets/product-lines/product-lines.schemas.ts';
import { ticketExample } from '../prepared-tickets/ticket-members.ts';
import { csv, csvExample, ndjson } from './formats.ts';
import {
  exportedTicket,
  exportInCsv,
  preparedTicketExportQuery,
} from './prepared-ticket-export.schemas.ts';

const { product_id, quantity } = lineExample;

export const exportPreparedTickets = operation({
  method: 'get',
  path: '/v2/tickets/prepared-ticket-export',
  operationId: 'exportPreparedTickets',
  access: 'prepared-tickets:read',
  tags: ['Prepared tickets'],
  summary: 'Export prepared tickets',
  description: `Export prepared tickets, oldest first, as a stream. All given filters apply together. The \`Accept\` header chooses the format: \`application/x-ndjson\` (default; each line is a prepared ticket with its \`product_lines\`) or \`text/csv\` (a header line, then the eight members of each ticket). If it accepts both alike, the first one that it names is sent; a header of more than ${MAX_PREFERENCE_LENGTH} characters is treated as absent. A page holds at most 10,000 tickets; \`Link\` with \`rel="next"\` leads to the following page and is absent on the last one, and from the response to a HEAD, which reads no ticket. Tickets that are created during an export appear at its end; none is skipped or repeated, whatever is created or deleted meanwhile. A response that ends without its last chunk is incomplete: request the page again.`,
  heavy: { name: 'exports' },
  request: { query: preparedTicketExportQuery },
  violations: exampleViolations('query', preparedTicketExportQuery, { limit: '10001' }),
  problems: ['notAcceptable'],
  responses: {
    200: {
      description: 'Successful response.',
      headers: headersNamed(['Vary']),
      content: {
        [ndjson.contentType]: {
          schema: exportedTicket,
          example: { ...ticketExample, product_lines: [{ product_id, quantity }] },
        },
        [csv.contentType]: { schema: exportInCsv, example: csvExample },
      },
    },
  },
});

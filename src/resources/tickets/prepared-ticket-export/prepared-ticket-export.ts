import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { integerParameter, integerSchema } from '../../../http/fields/integer.ts';
import { queryOf } from '../../../http/fields/object.ts';
import { logExport, logFault } from '../../../http/log.ts';
import { operation } from '../../../http/operation.ts';
import { acceptedBy } from '../../../http/requests/accept.ts';
import { MAX_PREFERENCE_LENGTH } from '../../../http/requests/bounded-headers.ts';
import { cursorOf, cursorParameter, placeOfCursor } from '../../../http/requests/cursor.ts';
import { headersNamed } from '../../../http/responses/header-components.ts';
import { markComplete, responseHeaders } from '../../../http/responses/standard-headers.ts';
import { serve } from '../../../http/serve.ts';
import { Problem } from '../../../problems/problem.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { preparedSelection } from '../prepared-tickets/filters.repository.ts';
import { filterParameters } from '../prepared-tickets/filters.ts';
import { preparedTicketWithLines } from '../prepared-tickets/prepared-ticket.ts';
import { newLineExample } from '../product-line.ts';
import { ticketExample } from '../ticket.ts';
import {
  csv,
  csvExample,
  type ExportedTicket,
  type ExportFormat,
  exportInCsv,
  formats,
  ndjson,
} from './formats.ts';
import * as repository from './prepared-ticket-export.repository.ts';

const limitRange = { minimum: 1, maximum: 10_000 };

const expectedCursor =
  'Send the cursor unchanged and with the same filters, as the Link header of the page before has it.';

const exportQuery = queryOf({
  ...filterParameters,
  limit: integerParameter(limitRange)
    .default(limitRange.maximum)
    .openapi({
      param: { description: 'Limits the number of prepared tickets in the response.' },
      type: 'integer',
      ...integerSchema(limitRange),
      default: limitRange.maximum,
    }),
  after: cursorParameter(expectedCursor)
    .optional()
    .openapi({
      param: {
        description:
          'The cursor from the `Link` header of the previous page. It is valid only with the same filters.',
      },
    }),
});

const exportPreparedTickets = operation({
  method: 'get',
  path: '/v2/tickets/prepared-ticket-export',
  operationId: 'exportPreparedTickets',
  access: 'prepared-tickets:read',
  tags: ['Prepared tickets'],
  summary: 'Export prepared tickets',
  description: `Export prepared tickets, oldest first, as a stream. All given filters apply together. The \`Accept\` header chooses the format: \`application/x-ndjson\` (default; each line is a prepared ticket with its \`product_lines\`) or \`text/csv\` (a header line, then the eight members of each ticket). If it accepts both alike, the first one that it names is sent; a header of more than ${MAX_PREFERENCE_LENGTH} characters is treated as absent. A page holds at most 10,000 tickets; \`Link\` with \`rel="next"\` leads to the following page and is absent on the last one, and from the response to a HEAD, which reads no ticket. Tickets that are created during an export appear at its end; none is skipped or repeated, whatever is created or deleted meanwhile. A response that ends without its last chunk is incomplete: request the page again.`,
  ownLimit: { name: 'exports' },
  request: { query: exportQuery },
  violations: exampleViolations('query', exportQuery, { limit: '10001' }),
  problems: ['notAcceptable'],
  responses: {
    200: {
      description: 'Successful response.',
      headers: headersNamed(['Vary']),
      content: {
        [ndjson.contentType]: {
          schema: preparedTicketWithLines,
          example: { ...ticketExample, product_lines: [newLineExample] },
        },
        [csv.contentType]: { schema: exportInCsv, example: csvExample },
      },
    },
  },
});

const VARY = { Vary: 'Accept' };

function acceptedFormat(c: Context<AppEnv>): ExportFormat {
  const format = acceptedBy(c, formats);
  if (format === undefined) {
    throw new Problem('notAcceptable');
  }
  return format;
}

function asTicket({ created_at, product_lines, ...row }: repository.ExportedRow): ExportedTicket {
  return {
    ...row,
    created_at: formatDateTime(created_at),
    product_lines: product_lines === null ? [] : JSON.parse(product_lines),
  };
}

async function* ticketsOf(parts: AsyncGenerator<repository.ExportedRow[], void, void>) {
  for await (const rows of parts) {
    yield rows.map(asTicket);
  }
}

/** Returns the link to the page after a cursor. It keeps the other parameters. */
function nextLink(url: string, cursor: string): string {
  const target = new URL(url);
  target.searchParams.set('after', cursor);
  return `<${target.href}>; rel="next"`;
}

async function* noParts(): AsyncGenerator<repository.ExportedRow[], void, void> {}

/** How the body of an export ended. */
type Outcome = 'complete' | 'cancelled' | 'failed';

/** Learns once how the body ended and how many tickets were sent. */
interface Listener {
  readonly onEnd: (outcome: Outcome, tickets: number) => void;
  readonly onFault: (error: Error) => void;
}

/**
 * Returns tickets as a stream of bytes in a format. Each part is read when the reader asks for more, so at most
 * one part is in memory, however slow the reader is. A fault makes the stream fail, so a body that ends without
 * an error is complete.
 */
function exportStream(
  parts: AsyncGenerator<ExportedTicket[], void, void>,
  format: ExportFormat,
  { onEnd, onFault }: Listener,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let head = format.head;
  let tickets = 0;
  const send = (controller: ReadableStreamDefaultController<Uint8Array>, text: string) => {
    if (text !== '') {
      controller.enqueue(encoder.encode(text));
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const part = await parts.next();
          const written = part.done ? [] : part.value.map(format.write);
          tickets += written.length;
          send(controller, head + written.join(''));
          head = '';
          // Without bytes, the runtime would not ask for the next part.
          if (part.done || written.length === 0) {
            controller.close();
            onEnd('complete', tickets);
          }
        } catch (error) {
          controller.error(error);
          onFault(error as Error);
          onEnd('failed', tickets);
        }
      },
      async cancel() {
        await parts.return();
        onEnd('cancelled', tickets);
      },
    },
    // Reads no ticket before the reader asks for the body. Nobody asks for that of a HEAD.
    { highWaterMark: 0 },
  );
}

/** Mounts `/v2/tickets/prepared-ticket-export`. */
export const mountPreparedTicketExport = serve(exportPreparedTickets, async (c) => {
  const { limit, after, ...filters } = c.req.valid('query');
  const format = acceptedFormat(c);
  const { db, principal } = c.var;
  const { partnerId } = principal;
  const scope = {
    operationId: 'exportPreparedTickets',
    partnerId,
    filters,
    expected: expectedCursor,
  };
  const place = after === undefined ? undefined : await placeOfCursor(scope, after);
  const headers = { 'Content-Type': format.contentType, ...VARY };
  if (c.req.method === 'HEAD') {
    // Only a read tells whether a page follows, so there is no link to one.
    return markComplete(new Response(null, { headers: responseHeaders(c, headers) }));
  }
  const selection = {
    ...preparedSelection(partnerId, filters),
    after: place && { created_at: place[0], ticket_number: place[1] },
  };
  const page = await repository.findPage(db, selection, limit);
  const next =
    page && !page.isLast
      ? await cursorOf(scope, [page.until.created_at, page.until.ticket_number])
      : undefined;
  const parts = page ? repository.readPage(db, selection, page, format.hasLines) : noParts();
  const body = exportStream(ticketsOf(parts), format, {
    onEnd: (outcome, tickets) => logExport(c, outcome, tickets),
    onFault: (error) => logFault(c, error),
  });
  const Link = next && nextLink(c.req.url, next);
  return markComplete(new Response(body, { headers: responseHeaders(c, { ...headers, Link }) }));
});

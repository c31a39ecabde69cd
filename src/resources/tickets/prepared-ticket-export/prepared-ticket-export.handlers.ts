import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { logExport, logFault } from '../../../http/log.ts';
import { acceptedBy } from '../../../http/requests/accept.ts';
import { cursorOf, placeOfCursor } from '../../../http/requests/cursor.ts';
import { markComplete, responseHeaders } from '../../../http/responses/standard-headers.ts';
import { Problem } from '../../../problems/problem.ts';
import { preparedSelection } from '../prepared-tickets/filters.repository.ts';
import { exportStream } from './export-stream.ts';
import { type ExportedTicket, type ExportFormat, formats } from './formats.ts';
import * as repository from './prepared-ticket-export.repository.ts';
import type { exportPreparedTickets } from './prepared-ticket-export.routes.ts';
import { expectedCursor } from './prepared-ticket-export.schemas.ts';

const VARY = { Vary: 'Accept' };

function acceptedFormat(c: Context<AppEnv>): ExportFormat {
  const format = acceptedBy(c, formats);
  if (format === undefined) {
    throw new Problem('notAcceptable', { headers: VARY });
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

/** The Link to the page after a cursor; the other parameters stay as they are. */
function nextLink(url: string, cursor: string): string {
  const target = new URL(url);
  target.searchParams.set('after', cursor);
  return `<${target.href}>; rel="next"`;
}

export const exportTickets: RouteHandler<typeof exportPreparedTickets, AppEnv> = async (c) => {
  const { limit, after, ...filters } = c.req.valid('query');
  const format = acceptedFormat(c);
  const db = c.get('db');
  const { partnerId } = c.get('principal');
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
};

async function* noParts(): AsyncGenerator<repository.ExportedRow[], void, void> {}

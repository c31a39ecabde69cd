import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { PartnerId } from '../../db/partner-id.ts';
import { integerParameter, integerSchema } from '../../http/fields/integer.ts';
import { queryOf } from '../../http/fields/object.ts';
import { logExport, logFault } from '../../http/log.ts';
import { operation } from '../../http/operation.ts';
import { acceptedBy } from '../../http/requests/accept.ts';
import { MAX_PREFERENCE_LENGTH } from '../../http/requests/bounded-headers.ts';
import { cursorOf, cursorParameter, placeOfCursor } from '../../http/requests/cursor.ts';
import { headersNamed } from '../../http/responses/header-components.ts';
import { markComplete, responseHeaders } from '../../http/responses/standard-headers.ts';
import { type Mount, serve } from '../../http/serve.ts';
import { Problem } from '../../problems/problem.ts';
import { exampleViolations } from '../../problems/violations.ts';
import * as repository from './export.repository.ts';
import {
  csvOf,
  type Exported,
  type ExportFormat,
  exportInCsv,
  mediaTypes,
  ndjsonOf,
} from './export-formats.ts';
import { exportStream } from './export-stream.ts';
import type { Selection } from './selections.repository.ts';

/** The export of prepared tickets and that of picked-up tickets, which are one operation but for their tickets. */

/** The parts in which the export of one kind of tickets differs from that of the other kind. */
interface ExportKind<Filters extends z.ZodRawShape, Row> {
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  /** What is exported, and in which order: the beginning of a sentence of the description. */
  readonly exports: string;
  /** What appears at the end of an export in progress, and what cannot disturb it, as a sentence. */
  readonly meanwhile: string;
  /** The name of the tickets in sentences, in the plural. */
  readonly names: string;
  /** The name of a file with them, without its extension. */
  readonly fileName: string;
  /** The schema of a ticket with its `product_lines`, which is a line of NDJSON, and its example. */
  readonly schema: z.ZodObject;
  readonly example: object;
  /** The filters of their list. */
  readonly filterParameters: Filters;
  /** Returns the tickets of a partner that match all filters. */
  readonly selectionOf: (
    partnerId: PartnerId,
    filters: z.output<z.ZodObject<Filters>>,
  ) => Selection<Row>;
  /** Returns a ticket without its lines as responses show it. */
  readonly asTicket: (row: Row) => object;
}

const limitRange = { minimum: 1, maximum: 10_000 };

const expectedCursor =
  'Send the cursor unchanged and with the same filters, as the Link header of the page before has it.';

/** Returns a parameter that can be absent or have one value. */
function onlyParameter(value: string, description: string) {
  const expected = `Send ${value}, or leave this parameter out.`;
  return z
    .string({ error: expected })
    .refine((sent) => sent === value, { error: expected })
    .optional()
    .openapi({ type: 'string', enum: [value], param: { description, example: value } });
}

/** The parameters that choose a page, and the form of CSV. They are no filters. */
const pageParameters = {
  limit: integerParameter(limitRange)
    .default(limitRange.maximum)
    .openapi({
      param: { description: 'Limits the number of tickets in the response.' },
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
  columns: onlyParameter(
    'product_lines',
    'Adds the product lines to CSV as the last column, in JSON: `[{"product_id":…,"quantity":…}]`.',
  ),
  header: onlyParameter('false', 'Leaves out the header line of CSV.'),
};

type PageParameters = z.output<z.ZodObject<typeof pageParameters>>;

const VARY = { Vary: 'Accept' };

function acceptedFormat(
  c: Context<AppEnv>,
  formats: readonly [ExportFormat, ...ExportFormat[]],
): ExportFormat {
  const format = acceptedBy(c, formats);
  if (format === undefined) {
    throw new Problem('notAcceptable');
  }
  return format;
}

/** Returns the link to the page after a cursor. It keeps the other parameters. */
function nextLink(url: string, cursor: string): string {
  const target = new URL(url);
  target.searchParams.set('after', cursor);
  return `<${target.href}>; rel="next"`;
}

/** Returns the tickets of a page as they are exported, part by part. */
async function* ticketsOf<Row>(
  parts: AsyncGenerator<repository.ExportedRow<Row>[], void, void>,
  asTicket: (row: Row) => object,
): AsyncGenerator<Exported[], void, void> {
  for await (const rows of parts) {
    yield rows.map((row) => ({
      ...asTicket(row),
      product_lines: row.product_lines === null ? [] : JSON.parse(row.product_lines),
    }));
  }
}

async function* noParts(): AsyncGenerator<never[], void, void> {}

/** Returns the function that mounts the export of a kind of tickets. */
export function exportOf<Filters extends z.ZodRawShape, Row>(
  kind: ExportKind<Filters, Row>,
): Mount {
  const { operationId, names, schema, example } = kind;
  const query = queryOf({ ...kind.filterParameters, ...pageParameters });
  const ndjson = ndjsonOf(schema);
  const csvExample = csvOf(schema, { hasHeader: true, hasLines: false });
  const route = operation({
    method: 'get',
    path: kind.path,
    operationId,
    access: 'prepared-tickets:read',
    tags: [kind.tag],
    summary: kind.summary,
    description: `${kind.exports}, as a stream. All given filters apply together. The \`Accept\` header chooses the format: \`application/x-ndjson\` (default; each line is a ticket with its \`product_lines\`) or \`text/csv\` (a header line, then the members of each ticket). If it accepts both alike, the first one that it names is sent; a header of more than ${MAX_PREFERENCE_LENGTH} characters is treated as absent. A page holds at most 10,000 tickets; \`Link\` with \`rel="next"\` leads to the following page and is absent on the last one, and from the response to a HEAD, which reads no ticket. ${kind.meanwhile} A response that ends without its last chunk is incomplete: request the page again.`,
    ownLimit: { name: 'exports' },
    request: { query },
    violations: exampleViolations('query', query, { limit: '10001' }),
    problems: ['notAcceptable'],
    responses: {
      200: {
        description: 'Successful response.',
        headers: headersNamed(['Vary', 'Content-Disposition']),
        content: {
          [mediaTypes.ndjson]: { schema, example },
          [mediaTypes.csv]: {
            schema: exportInCsv(schema, names),
            example: csvExample.head + csvExample.write({ ...example }),
          },
        },
      },
    },
  });

  return serve(route, async (c) => {
    const { limit, after, columns, header, ...given } = c.req.valid('query') as PageParameters;
    const filters = given as z.output<z.ZodObject<Filters>>;
    const csv = csvOf(schema, {
      hasHeader: header === undefined,
      hasLines: columns !== undefined,
    });
    const format = acceptedFormat(c, [ndjson, csv]);
    const { db, principal } = c.var;
    const { partnerId } = principal;
    const scope = { operationId, partnerId, filters: given, expected: expectedCursor };
    const place = after === undefined ? undefined : await placeOfCursor(scope, after);
    const headers = {
      'Content-Type': format.contentType,
      'Content-Disposition': `attachment; filename="${kind.fileName}.${format.extension}"`,
      ...VARY,
    };
    if (c.req.method === 'HEAD') {
      // Only a read tells whether a page follows, so there is no link to one.
      return markComplete(new Response(null, { headers: responseHeaders(c, headers) }));
    }
    const selection = {
      ...kind.selectionOf(partnerId, filters),
      after: place && { at: place[0], number: place[1] },
    };
    const page = await repository.findPage(db, selection, limit);
    const next =
      page && !page.isLast ? await cursorOf(scope, [page.until.at, page.until.number]) : undefined;
    const parts = page ? repository.readPage(db, selection, page, format.hasLines) : noParts();
    const body = exportStream(ticketsOf(parts, kind.asTicket), format, {
      onEnd: (outcome, tickets) => logExport(c, outcome, tickets),
      onFault: (error) => logFault(c, error),
    });
    const Link = next && nextLink(c.req.url, next);
    return markComplete(new Response(body, { headers: responseHeaders(c, { ...headers, Link }) }));
  });
}

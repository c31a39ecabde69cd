import { z } from '@hono/zod-openapi';
import type { Offered } from '../../../http/requests/accept.ts';
import { pickOf } from '../../../http/responses/declared-members.ts';
import { productLine } from '../product-line.ts';
import { responseMembers, ticketExample } from '../ticket.ts';

/** A line of the export in NDJSON. */
export const exportedTicket = z
  .object({
    ...responseMembers,
    product_lines: z.array(productLine.pick({ product_id: true, quantity: true })).openapi({
      description: 'The product lines of the ticket.',
    }),
  })
  .openapi('ExportedPreparedTicket', {
    description: 'A prepared ticket with its product lines: one line of the export in NDJSON.',
  });

export type ExportedTicket = z.output<typeof exportedTicket>;

/** A format in which tickets are exported. */
export interface ExportFormat extends Offered {
  /** Whether the format has the product lines of each ticket. */
  readonly hasLines: boolean;
  /** The text before the first ticket. */
  readonly head: string;
  /** Returns a ticket with the end of its line. */
  readonly write: (ticket: ExportedTicket) => string;
}

const pickDeclared = pickOf(exportedTicket);

/** JSON texts, each of which ends with a line feed. */
export const ndjson = {
  contentType: 'application/x-ndjson',
  hasLines: true,
  head: '',
  write: (ticket) => `${JSON.stringify(pickDeclared(ticket))}\n`,
} as const satisfies ExportFormat;

const columns = Object.keys(responseMembers) as (keyof typeof responseMembers)[];

/** Matches fields of CSV that must be quoted (RFC 4180 §2), and those with spaces at an end, which some readers cut. */
const TO_BE_QUOTED = /[",\r\n]|^\s|\s$/;

/** Returns a field of CSV. Null becomes an empty field. */
function field(value: string | number | null): string {
  const text = String(value ?? '');
  return TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const record = (fields: readonly string[]) => `${fields.join(',')}\r\n`;

/** CSV with a header line (RFC 4180). */
export const csv = {
  contentType: 'text/csv; charset=utf-8',
  hasLines: false,
  head: record(columns),
  write: (ticket) => record(columns.map((name) => field(ticket[name]))),
} as const satisfies ExportFormat;

/** The formats, the default one first. */
export const formats: readonly [ExportFormat, ...ExportFormat[]] = [ndjson, csv];

/** The example of an export in CSV in the document. */
export const csvExample = csv.head + csv.write({ ...ticketExample, product_lines: [] });

/** The maximum length of CSV, in characters: 10,000 records of the longest members, with every quote doubled. */
const MAX_CSV_LENGTH = 7_000_000;

/** The export in CSV. */
export const exportInCsv = z.string().openapi({
  pattern: `^${Object.keys(responseMembers).join(',')}`,
  maxLength: MAX_CSV_LENGTH,
  description:
    'CSV (RFC 4180): a header line with the names of the eight members, then one record for each prepared ticket. Null is an empty field.',
});

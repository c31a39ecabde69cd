import type { z } from '@hono/zod-openapi';
import type { Offered } from '../../../http/requests/accept.ts';
import { pickOf } from '../../../http/responses/declared-members.ts';
import { responseMembers, ticketExample } from '../prepared-tickets/ticket-members.ts';
import { exportedTicket } from './prepared-ticket-export.schemas.ts';

export type ExportedTicket = z.output<typeof exportedTicket>;

/** A format in which tickets are exported. */
export interface ExportFormat extends Offered {
  /** Whether the format has the product lines of each ticket. */
  readonly hasLines: boolean;
  /** What comes before the first ticket. */
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

/** What a field of CSV must be quoted for (RFC 4180 §2), and spaces at its ends, which some readers cut. */
const TO_BE_QUOTED = /[",\r\n]|^\s|\s$/;

/** A field of CSV; null is an empty one. */
function field(value: string | number | null): string {
  const text = String(value ?? '');
  return TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const record = (fields: readonly string[]) => `${fields.join(',')}\r\n`;

/** CSV with a header line, as of RFC 4180. */
export const csv = {
  contentType: 'text/csv; charset=utf-8',
  hasLines: false,
  head: record(columns),
  write: (ticket) => record(columns.map((name) => field(ticket[name]))),
} as const satisfies ExportFormat;

/** The formats, the default one first. */
export const formats: readonly [ExportFormat, ...ExportFormat[]] = [ndjson, csv];

/** What the document shows as an export in CSV. */
export const csvExample = csv.head + csv.write({ ...ticketExample, product_lines: [] });

import { z } from '@hono/zod-openapi';
import type { Offered } from '../../http/requests/accept.ts';
import { pickOf } from '../../http/responses/declared-members.ts';

/** A ticket as an export writes it: the members of its kind of tickets, and its product lines. */
export type Exported = Readonly<Record<string, unknown>>;

/** The member with the product lines of a ticket, which CSV has only on request. */
const LINES = 'product_lines';

/** A format in which tickets are exported. */
export interface ExportFormat extends Offered {
  /** The end of the name of its files. */
  readonly extension: string;
  /** Whether the format has the product lines of each ticket. */
  readonly hasLines: boolean;
  /** The text before the first ticket. */
  readonly head: string;
  /** Returns a ticket with the end of its line. */
  readonly write: (ticket: Exported) => string;
}

/** What a request chooses about CSV. */
export interface CsvOptions {
  /** Whether the names of the columns come first. */
  readonly hasHeader: boolean;
  /** Whether the last column has the product lines, as JSON. */
  readonly hasLines: boolean;
}

/** Matches fields of CSV that must be quoted (RFC 4180 §2), and those with spaces at an end, which some readers cut. */
const TO_BE_QUOTED = /[",\r\n]|^\s|\s$/;

/** Returns a field of CSV. Null becomes an empty field, and a list becomes JSON. */
function field(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  const shown = String(text ?? '');
  return TO_BE_QUOTED.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

const record = (fields: readonly string[]) => `${fields.join(',')}\r\n`;

/** The media types of the formats. */
export const mediaTypes = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' };

/** Returns the format in JSON texts, each of which ends with a line feed. */
export function ndjsonOf(schema: z.ZodObject): ExportFormat {
  const pickDeclared = pickOf(schema);
  return {
    contentType: mediaTypes.ndjson,
    extension: 'ndjson',
    hasLines: true,
    head: '',
    write: (ticket) => `${JSON.stringify(pickDeclared(ticket))}\n`,
  };
}

/** Returns the columns that CSV always has. */
const columnsOf = (schema: z.ZodObject) =>
  Object.keys(schema.shape).filter((name) => name !== LINES);

/** Returns the format in CSV (RFC 4180). */
export function csvOf(schema: z.ZodObject, { hasHeader, hasLines }: CsvOptions): ExportFormat {
  const columns = hasLines ? [...columnsOf(schema), LINES] : columnsOf(schema);
  return {
    contentType: mediaTypes.csv,
    extension: 'csv',
    hasLines,
    head: hasHeader ? record(columns) : '',
    write: (ticket) => record(columns.map((name) => field(ticket[name]))),
  };
}

/**
 * The maximum length of CSV, in characters: 10,000 records of the longest members with 50 lines each and every quote
 * doubled, and as much again for tickets that had more lines before that limit.
 */
const MAX_CSV_LENGTH = 100_000_000;

/**
 * Returns the schema of an export in CSV.
 *
 * @param what the name of the tickets, in the plural.
 */
export const exportInCsv = (schema: z.ZodObject, what: string) =>
  z.string().openapi({
    // Without a header line and without a ticket, nothing is left.
    pattern: `^(?:$|(?:[^,]*,){${columnsOf(schema).length - 1}})`,
    maxLength: MAX_CSV_LENGTH,
    description: `CSV (RFC 4180): a header line with the names of the members, then one record for each of the ${what}. Null is an empty field.`,
  });

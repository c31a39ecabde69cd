/** What the generated clients have in common in a night. Each takes its steps in its own file `night.ts`. */
import { readFileSync } from 'node:fs';

const { CLIENT_ID = '', CLIENT_SECRET = '', INCOMPLETE = '' } = process.env;

const line = { product_id: 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3', quantity: 1 };
const order = (lines: number) => ({
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  vehicle_model_id: 4711,
  vin: null,
  preparer_external_reference: crypto.randomUUID(),
  product_lines: Array(lines).fill(line) as (typeof line)[],
});

/** An order that is accepted, and one that no client refuses before it is sent. */
export const orders = { prepared_tickets: [order(1), order(2)] };
export const form = {
  grant_type: 'client_credentials' as const,
  client_id: CLIENT_ID,
  client_secret: CLIENT_SECRET,
};
/** The headers with which a batch creates its valid items although others are refused. */
export const lenient = {
  Prefer: 'handling=lenient',
  'Idempotency-Key': `"${crypto.randomUUID()}"`,
};
/** The path of a ticket that has neither a VIN nor a product line. */
export const path = { 'prepared-ticket-id': INCOMPLETE };
/** The number of events on a page of the feed. */
export const limit = 1000;
/** A cursor that the API refuses. */
export const after = 'unknown';
/** The bodies of the webhooks about the events so far. */
export const messages = readFileSync('webhooks.ndjson', 'utf8')
  .split('\n')
  .map((text) => JSON.parse(text));

/** What came of a request: its data, or the error of one that failed. */
type Outcome = { data?: unknown; error?: unknown };

/** Returns all lines of an export. */
export async function all<Line>(lines: AsyncIterable<Line>): Promise<Line[]> {
  const found: Line[] = [];
  for await (const line of lines) {
    found.push(line);
  }
  return found;
}

/** Returns values as they came. @throws Error if one of them does not have the schema. */
export function valid(schema: { parse(value: unknown): unknown }, ...values: unknown[]): Outcome {
  for (const value of values) {
    schema.parse(value);
  }
  return { data: values };
}

/** The steps of a night. */
export type Step =
  | ('token' | 'sync' | 'batch' | 'list' | 'tickets' | 'export')
  | ('feed' | 'readiness' | 'endpoints' | 'webhooks' | 'problem');

/** Takes all steps, and prints what each received, or the fault of each that failed. */
export async function spend(night: Readonly<Record<Step, () => Promise<Outcome>>>): Promise<void> {
  for (const [step, take] of Object.entries(night)) {
    const { data, error } = await take().catch((fault) => ({ data: undefined, error: fault }));
    if (data !== undefined) {
      console.log(JSON.stringify([step, data]));
      continue;
    }
    const text = error instanceof Error ? error.message : JSON.stringify(error);
    // The errors of a validation have a line for each part of each value.
    console.error(`${step}: ${text?.replaceAll(/\s+/g, ' ').slice(0, 300)}`);
    process.exitCode = 1;
  }
}

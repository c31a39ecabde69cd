import { BATCHES, type TestApi } from './api.ts';
import { lenient } from './calls.ts';
import { everywhere } from './homes.ts';
import type { TestPartner } from './partners.ts';
import type { ProblemBody } from './problems.ts';
import { newTicket, type Ticket } from './tickets.ts';

/** What a lenient batch answers. */
export interface LenientBatch {
  result: (
    | { status: 201; prepared_ticket: Ticket }
    | { status: 400; violations: { pointer: string; code: string; detail: string }[] }
    | { status: 409; problem: ProblemBody }
  )[];
  omitted_violations?: number;
}

interface Sending {
  readonly key?: string;
  readonly isLenient?: boolean;
  readonly prefer?: string;
}

/** Sends items, or a body that is something else, as a batch. */
export function sendBatch(
  api: TestApi,
  as: TestPartner,
  items: unknown[] | string,
  { key, isLenient = false, prefer }: Sending = {},
): Promise<Response> {
  return api.request('POST', BATCHES, {
    as,
    body: typeof items === 'string' ? items : { prepared_tickets: items },
    headers: {
      ...(isLenient && lenient),
      ...(prefer !== undefined && { prefer }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
  });
}

/** Valid items that differ in their references, which are `ITEM-0` and so on. */
export const itemsOf = (count: number, values: object = {}): (typeof newTicket)[] =>
  Array.from({ length: count }, (_, i) => ({
    ...newTicket,
    ...values,
    preparer_external_reference: `ITEM-${i}`,
  }));

/** The tickets that a batch created. */
export async function ticketsOf(response: Response): Promise<Ticket[]> {
  return (await response.clone().json<{ result: Ticket[] }>()).result;
}

/** The references of all tickets that there are, in the order of their numbers in each home. */
export async function storedReferences(): Promise<string[]> {
  const rows = await everywhere<{ reference: string }>(
    'SELECT preparer_external_reference AS reference FROM prepared_tickets ORDER BY ticket_number',
  );
  return rows.map(({ reference }) => reference);
}

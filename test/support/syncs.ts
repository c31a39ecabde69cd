import { expect } from 'vitest';
import { SYNCS, type TestApi } from './api.ts';
import type { TestPartner } from './partners.ts';
import type { ProblemBody } from './problems.ts';
import { CUSTOMER, type ProductLine, type Ticket } from './tickets.ts';

/** A product line of a ticket that is written or shown with its lines. */
export type Line = Omit<ProductLine, 'ticket_id'>;

/** A ticket as a sync shows it. */
export type TicketWithLines = Ticket & { product_lines: Line[] };

/** The result of an item of a sync. */
export type SyncResult = { preparer_external_reference: string } & (
  | { status: 200 | 201; changed: boolean; prepared_ticket: TicketWithLines }
  | { status: 204; changed: boolean }
  | { status: 400; violations: { pointer: string; code: string }[] }
  | { status: 409 | 410; problem: ProblemBody }
);

/** Sends items, or a body that is something else, as a sync. */
export function sendSync(
  api: TestApi,
  as: TestPartner,
  items: readonly unknown[] | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = typeof items === 'string' ? items : { prepared_tickets: items };
  return api.request('POST', SYNCS, { as, body, headers });
}

/** Syncs items, and returns the result of each. */
export async function sync(
  api: TestApi,
  as: TestPartner,
  ...items: readonly unknown[]
): Promise<SyncResult[]> {
  const response = await sendSync(api, as, items);
  expect(response.status).toBe(200);
  return (await response.json<{ result: SyncResult[] }>()).result;
}

/** Returns a valid item. */
export const order = (reference: string, values: object = {}) => ({
  customer_id: CUSTOMER,
  vehicle_model_id: 7,
  vin: null,
  voucher_code: null,
  preparer_external_reference: reference,
  ...values,
});

/** Returns an item that deletes the ticket with the reference. */
export const deletionOf = (reference: string) => ({
  preparer_external_reference: reference,
  deleted: true,
});

/** Returns the status of each result, and whether it changed anything. */
export const outcomesOf = (results: readonly SyncResult[]) =>
  results.map(
    (result) => `${result.status}${'changed' in result && result.changed ? ' changed' : ''}`,
  );

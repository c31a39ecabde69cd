import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { pickedUpRecount } from '../../src/resources/tickets/tickets/recount.repository.ts';
import type { TestApi } from './api.ts';
import { alone } from './d1.ts';
import { databaseOf, inEachHome } from './homes.ts';
import type { TestPartner } from './partners.ts';
import { START } from './start.ts';
import { type List, newTicket, PRODUCT, type Ticket } from './tickets.ts';

/** The path of the list of picked-up tickets. */
export const PICKED_UP = '/v2/tickets/tickets';

export interface PickedUpTicket extends Ticket {
  state: string;
  picked_up_at: string;
}

/** Returns the path of a picked-up ticket. */
export const pickedUpPath = (id: string) => `${PICKED_UP}/${id}`;

/** Returns the statements that make the counts of all picked-up tickets of a database anew. */
export const recountPickedUp = (database = env.DB) =>
  pickedUpRecount.repairCounts.map((statement) => database.prepare(statement));

/** Inserts a picked-up ticket with a line for `PRODUCT`, and its counts, directly into the database. */
export async function writePickedUp(
  { partnerId }: Pick<TestPartner, 'partnerId'>,
  values: Partial<PickedUpTicket> = {},
  batch = alone,
): Promise<PickedUpTicket> {
  const ticket = {
    ...newTicket,
    id: crypto.randomUUID() as string,
    created_at: new Date(START).toISOString(),
    picked_up_at: new Date(START + 1000).toISOString(),
    state: 'pending',
    ...values,
  };
  const number = values.ticket_number ?? null;
  const database = databaseOf({ partnerId });
  const [, inserted] = await batch<{ ticket_number: number }>(database, [
    database
      .prepare(
        `INSERT INTO ticket_numbers (partner_id, newest) VALUES (?1, coalesce(?2, 1))
       ON CONFLICT DO UPDATE SET newest = max(newest, coalesce(?2, newest + 1))`,
      )
      .bind(partnerId, number),
    database
      .prepare(
        `INSERT INTO tickets (ticket_number, partner_id, id, created_at, customer_id, vehicle_model_id, vin,
         voucher_code, preparer_external_reference, state, picked_up_at)
       VALUES (coalesce(?1, (SELECT newest FROM ticket_numbers WHERE partner_id = ?2)), ?2, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       RETURNING ticket_number`,
      )
      .bind(
        number,
        partnerId,
        ticket.id,
        Date.parse(ticket.created_at),
        ticket.customer_id,
        ticket.vehicle_model_id,
        ticket.vin,
        ticket.voucher_code,
        ticket.preparer_external_reference,
        ticket.state,
        Date.parse(ticket.picked_up_at),
      ),
    database
      .prepare(
        `INSERT INTO ticket_lines (partner_id, ticket_number, product_id, quantity)
       SELECT partner_id, ticket_number, ?, 1 FROM tickets WHERE id = ?`,
      )
      .bind(PRODUCT, ticket.id),
    ...recountPickedUp(database),
  ]);
  return { ...ticket, ticket_number: inserted?.results[0]?.ticket_number as number };
}

/** Lists picked-up tickets through the API. */
export async function listPickedUp(
  api: TestApi,
  as: TestPartner,
  query: Record<string, string | number> = {},
): Promise<List<PickedUpTicket>> {
  const parameters = Object.entries(query).map(([name, value]) => [name, String(value)]);
  const response = await api.get(`${PICKED_UP}?${new URLSearchParams(parameters)}`, as);
  expect(response.status).toBe(200);
  return response.json<List<PickedUpTicket>>();
}

/** Deletes all picked-up tickets. */
export async function removePickedUp(): Promise<void> {
  const tables = ['ticket_lines', 'tickets', 'picked_up_counts'];
  await inEachHome((database) =>
    database.batch(tables.map((table) => database.prepare(`DELETE FROM ${table}`))),
  );
}

import { expect } from 'vitest';
import { repairCounts } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { type TestApi, TICKETS } from './api.ts';
import { alone } from './d1.ts';
import { databaseOf, everywhere, inEachHome } from './homes.ts';
import type { TestPartner } from './partners.ts';
import { START } from './start.ts';

export interface Ticket {
  id: string;
  created_at: string;
  customer_id: string;
  ticket_number: number;
  vehicle_model_id: number;
  vin: string | null;
  voucher_code: string | null;
  preparer_external_reference: string;
}

export interface ProductLine {
  ticket_id: string;
  product_id: string;
  quantity: number;
}

export interface List<T> {
  query: Record<string, unknown>;
  result: T[];
  total: number;
}

export type TicketList = List<Ticket>;

/** A violation without its detail, for example `body #/vin too_short` or `query limit out_of_range`. */
export type ViolationName = `${'body' | 'query' | 'path' | 'header'} ${string} ${string}`;

export const CUSTOMER = '160c0c4b-9966-4dc1-a916-8407eb10d74e';
export const PRODUCT = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';
/** An id that no ticket, customer or product has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

/** A valid body of POST: the sample of the contract with a VIN of 17 characters. */
export const newTicket = {
  customer_id: CUSTOMER,
  vehicle_model_id: 0,
  vin: 'JH4KA7630PC007649',
  voucher_code: 'WQ4MM3',
  preparer_external_reference: 'DYNAMICS_ERP_3454662',
};

const { customer_id: _customer, ...mutable } = newTicket;

/** A valid body of PUT. */
export const ticketUpdate = mutable;

/** Returns the path of a ticket. */
export const ticketPath = (id: string) => `${TICKETS}/${id}`;

/** The path of the ticket with a reference. */
export const referencePath = (reference: string) =>
  `${TICKETS}/by-reference/${encodeURIComponent(reference)}`;

/** Returns the path of a ticket's product lines, or of one of them. */
export const linesPath = (ticketId: string, productId?: string) =>
  `${ticketPath(ticketId)}/product-lines${productId === undefined ? '' : `/${productId}`}`;

/** Creates a ticket through the API. `values` replace those of `newTicket`. */
export async function createTicket(
  api: TestApi,
  as: TestPartner,
  values: Partial<Ticket> = {},
): Promise<Ticket> {
  const response = await api.post(TICKETS, as, { ...newTicket, ...values });
  expect(response.status).toBe(201);
  return response.json<Ticket>();
}

/** Returns the statement that takes the next numbers of a partner, for tickets that are inserted directly. */
export const takeNumbers = (partnerId: number, tickets: number) =>
  databaseOf({ partnerId })
    .prepare(
      `INSERT INTO ticket_numbers (partner_id, newest) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET newest = newest + excluded.newest`,
    )
    .bind(partnerId, tickets);

/**
 * Inserts a ticket, its counts and its event directly into the database, which takes a tenth of the time of a
 * request.
 */
export async function writeTicket(
  { partnerId, clientId }: TestPartner,
  values: Partial<Ticket> = {},
  batch = alone,
): Promise<Ticket> {
  const ticket = { ...newTicket, ...values };
  const id = crypto.randomUUID();
  const database = databaseOf({ partnerId });
  const [, made] = await batch<Ticket>(database, [
    takeNumbers(partnerId, 1),
    database
      .prepare(
        `INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id, vin,
         voucher_code, preparer_external_reference)
       VALUES (?1, ?2, (SELECT newest FROM ticket_numbers WHERE partner_id = ?2), ?, ?, ?, ?, ?, ?)
       RETURNING id, ticket_number`,
      )
      .bind(
        id,
        partnerId,
        START,
        ticket.customer_id,
        ticket.vehicle_model_id,
        ticket.vin,
        ticket.voucher_code,
        ticket.preparer_external_reference,
      ),
    database
      .prepare(
        `INSERT INTO events (partner_id, sequence, id, type, created_at, client_id, subject_id, ticket_number, version,
         preparer_external_reference)
       SELECT partner_id, (SELECT coalesce(max(sequence), 0) + 1 FROM events WHERE partner_id = ?1), ?2,
         'prepared_ticket.created', created_at, ?3, id, ticket_number, version, preparer_external_reference
       FROM prepared_tickets WHERE id = ?4`,
      )
      .bind(partnerId, crypto.randomUUID(), clientId, id),
    ...repairCounts.map((statement) => database.prepare(statement)),
  ]);
  return { ...ticket, ...(made?.results[0] as Ticket), created_at: new Date(START).toISOString() };
}

/** Lists tickets through the API. */
export async function listTickets(
  api: TestApi,
  as: TestPartner,
  query: Record<string, string | number> = {},
): Promise<TicketList> {
  const parameters = Object.entries(query).map(([name, value]) => [name, String(value)]);
  const response = await api.get(`${TICKETS}?${new URLSearchParams(parameters)}`, as);
  expect(response.status).toBe(200);
  return response.json<TicketList>();
}

/** Creates or replaces a product line through the API. */
export async function putLine(
  api: TestApi,
  as: TestPartner,
  ticketId: string,
  productId: string,
  quantity = 1,
): Promise<void> {
  const response = await api.put(linesPath(ticketId, productId), as, { quantity });
  expect([200, 201]).toContain(response.status);
}

/**
 * Inserts a product line and its count directly into the database, unless the ticket has it, which takes a fifth of the
 * time of a request.
 */
export async function writeLine(ticketId: string, productId: string): Promise<void> {
  await inEachHome((database) =>
    database.batch([
      database
        .prepare(
          `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, ?, partner_id, created_at, 1 FROM prepared_tickets WHERE id = ?
       ON CONFLICT DO NOTHING`,
        )
        .bind(productId.toLowerCase(), ticketId),
      ...repairCounts.map((statement) => database.prepare(statement)),
    ]),
  );
}

/** Returns every ticket and product line of all partners. A rejected request must not change them. */
export async function storedRows() {
  const [tickets, lines] = await Promise.all([
    everywhere('SELECT * FROM prepared_tickets ORDER BY partner_id, ticket_number'),
    everywhere('SELECT * FROM product_lines ORDER BY partner_id, ticket_number, product_id'),
  ]);
  return { tickets, lines };
}

/** Expects the exact `violations` problem with exactly these violations. */
export async function expectViolations(
  response: Response,
  expected: readonly ViolationName[],
): Promise<void> {
  const { violations, request_id, ...problem } = await response.clone().json<{
    violations: { in: string; pointer?: string; name?: string; code: string; detail: string }[];
    request_id: string;
  }>();
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(request_id).toBe(response.headers.get('x-request-id'));
  expect(problem).toEqual({
    type: '/problems/violations',
    title: 'Bad request',
    status: 400,
    detail:
      'The request violates one or more constraints. Please resolve all of them and try again.',
  });
  const names = violations.map((violation) => {
    const { in: part, pointer, name, code, detail, ...others } = violation;
    expect(others).toEqual({});
    expect(part === 'body' ? name : pointer).toBeUndefined();
    expect(detail, `the sentence of ${code}`).toMatch(/(?:send|leave|encode) .+\.$/i);
    return `${part} ${pointer ?? name} ${code}`;
  });
  expect(names.sort()).toEqual([...expected].sort());
}

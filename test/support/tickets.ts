import { expect } from 'vitest';
import { type TestApi, TICKETS } from './api.ts';
import type { TestPartner } from './partners.ts';

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

export interface TicketList {
  query: Record<string, unknown>;
  result: Ticket[];
  total: number;
}

export const CUSTOMER = '160c0c4b-9966-4dc1-a916-8407eb10d74e';
export const PRODUCT = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

/** A valid body of POST. */
export const newTicket = {
  customer_id: CUSTOMER,
  vehicle_model_id: 0,
  vin: 'JH4KA7630PC007649',
  voucher_code: 'WQ4MM3',
  preparer_external_reference: 'DYNAMICS_ERP_3454662',
};

/** A valid body of PUT. */
export const { customer_id: _customer, ...ticketUpdate } = newTicket;

/** Creates a ticket through the API; `values` replace those of `newTicket`. */
export async function createTicket(
  api: TestApi,
  as: TestPartner,
  values: Partial<Ticket> = {},
): Promise<Ticket> {
  const response = await api.post(TICKETS, as, { ...newTicket, ...values });
  expect(response.status).toBe(201);
  return response.json<Ticket>();
}

/** The list that a query gives. */
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

/** Puts a product line on a ticket through the API. */
export async function putLine(
  api: TestApi,
  as: TestPartner,
  ticketId: string,
  productId: string,
  quantity = 1,
): Promise<void> {
  const response = await api.put(`${TICKETS}/${ticketId}/product-lines/${productId}`, as, {
    quantity,
  });
  expect([200, 201]).toContain(response.status);
}

import type { z } from 'zod';
import type { preparedTicket } from '../tickets/prepared-tickets/prepared-ticket.ts';
import type { productLine } from '../tickets/product-line.ts';
import type { ticket } from '../tickets/tickets/tickets.ts';
import { type ApiClient, ApiRefusal } from './api-client.ts';

type PreparedTicket = z.output<typeof preparedTicket>;
type Line = z.output<typeof productLine>;

/** A ticket that was picked up. */
export type PickedUpTicket = z.output<typeof ticket>;

/** A prepared ticket with what its customer sees of it. */
export interface ShownTicket extends PreparedTicket {
  /** The entity tag of the ticket, which the pick-up sends as `If-Match`. */
  readonly etag: string;
  readonly lines: readonly Line[];
  /** What the ticket lacks to appear in the portal. */
  readonly missing: readonly string[];
}

/** Tickets, and how many there are in all. */
export interface Some<T> {
  readonly result: readonly T[];
  readonly total: number;
}

/** A customer with the number of tickets that the portal found. */
export interface CustomerSummary {
  readonly id: string;
  readonly prepared: number;
  readonly pickedUp: number;
}

/** Everything that the page of a customer shows. */
export interface CustomerTickets {
  readonly prepared: Some<ShownTicket>;
  readonly pickedUp: Some<PickedUpTicket>;
}

const PREPARED = '/v2/tickets/prepared-tickets';
const PICKED_UP = '/v2/tickets/tickets';
/** The number of tickets of a customer that a page shows. Each costs three requests. */
const SHOWN = 25;
/** The number of tickets in which customers are looked for: the longest page of a list. */
const SEARCHED = 1000;

/** Returns the customers of the newest tickets. No operation lists customers, because partners know them. */
export async function findCustomers(api: ApiClient): Promise<CustomerSummary[]> {
  const [prepared, pickedUp] = await Promise.all([
    api.get<Some<PreparedTicket>>(`${PREPARED}?limit=${SEARCHED}`),
    api.get<Some<PickedUpTicket>>(`${PICKED_UP}?limit=${SEARCHED}`),
  ]);
  const ids = [...prepared.result, ...pickedUp.result].map(({ customer_id }) => customer_id);
  const countOf = ({ result }: Some<PreparedTicket>, id: string) =>
    result.filter(({ customer_id }) => customer_id === id).length;
  return [...new Set(ids)].map((id) => ({
    id,
    prepared: countOf(prepared, id),
    pickedUp: countOf(pickedUp, id),
  }));
}

/** Returns the newest tickets of a customer. */
export async function findTickets(api: ApiClient, customerId: string): Promise<CustomerTickets> {
  const query = new URLSearchParams({ customer_id: customerId, limit: String(SHOWN) });
  const [prepared, pickedUp] = await Promise.all([
    api.get<Some<PreparedTicket>>(`${PREPARED}?${query}`),
    api.get<Some<PickedUpTicket>>(`${PICKED_UP}?${query}`),
  ]);
  const shown = await Promise.all(prepared.result.map(({ id }) => show(api, id)));
  const present = shown.filter((found) => found !== undefined);
  return { prepared: { result: present, total: prepared.total }, pickedUp };
}

/** Returns what a customer sees of a ticket; undefined if it is gone since the list was read. */
async function show(api: ApiClient, id: string): Promise<ShownTicket | undefined> {
  const path = `${PREPARED}/${id}`;
  try {
    const [response, lines, readiness] = await Promise.all([
      api.call(path),
      api.get<Some<Line>>(`${path}/product-lines`),
      api.get<{ missing: string[] }>(`${path}/readiness`),
    ]);
    return {
      ...(await response.json<PreparedTicket>()),
      etag: response.headers.get('etag') ?? '',
      lines: lines.result,
      missing: readiness.missing,
    };
  } catch (error) {
    if (error instanceof ApiRefusal && [404, 410].includes(error.status)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Picks up a ticket for a customer, in the state that the customer saw.
 *
 * @throws ApiRefusal if the ticket cannot be picked up.
 */
export async function pickUp(
  api: ApiClient,
  customerId: string,
  { ticket_id, etag }: { ticket_id: string; etag: string },
): Promise<void> {
  await api.call(`${PREPARED}/${ticket_id}/pick-up`, {
    method: 'POST',
    headers: { 'if-match': etag },
    json: { customer_id: customerId },
  });
}

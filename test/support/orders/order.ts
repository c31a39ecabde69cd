import type { Ticket } from '../tickets.ts';
import type { OrderLine, OrderValues, SentOrder } from './writes.ts';

/** A prepared ticket as the model knows it. */
export interface Order {
  readonly id: string;
  readonly version: number;
  /** As responses show it. */
  readonly ticket: Ticket;
  /** In the order of `product_id`. */
  readonly lines: readonly OrderLine[];
}

/** What a write changes, as one event tells it. */
export interface Change {
  readonly type: string;
  /** The order after the change, or its last state. */
  readonly order: Order;
  readonly product?: string;
}

/** What the contract says that a write answers and changes. */
export interface Outcome {
  readonly status: number;
  readonly changes: readonly Change[];
  /** Undefined for a problem and for an empty body. */
  readonly body?: unknown;
  /** The `ETag` of the ticket. */
  readonly tag?: string;
}

/** Returns the entity tag of an order. */
export const tagOf = ({ ticket, version }: Order) => `"${ticket.ticket_number}-${version}"`;

/** A write that changes nothing. */
export const refused = (status: number): Outcome => ({ status, changes: [] });

/** Returns lines in the order of `product_id`. */
export const inOrder = (lines: readonly OrderLine[]) =>
  lines.toSorted((a, b) => (a.product_id < b.product_id ? -1 : 1));

/** Returns a ticket as responses with lines show it. */
export const withLines = ({ ticket, lines }: Order) => ({ ...ticket, product_lines: lines });

const isSame = (a: Order, b: Order) =>
  JSON.stringify(withLines(a)) === JSON.stringify(withLines(b));

/** Returns an order with the values of a write, in the next version unless they are those it has. */
export function replaced(old: Order, sent: OrderValues & Partial<SentOrder>): Order {
  const { preparer_external_reference = old.ticket.preparer_external_reference } = sent;
  const { vehicle_model_id, vin, voucher_code = null, product_lines } = sent;
  const values = { vehicle_model_id, vin: vin?.toUpperCase() ?? null, voucher_code };
  const ticket = { ...old.ticket, ...values, preparer_external_reference };
  const lines = product_lines === undefined ? old.lines : inOrder(product_lines);
  const order = { ...old, ticket, lines };
  return isSame(old, order) ? old : { ...order, version: old.version + 1 };
}

/** The changes by which an order becomes another one: none if it is the same. */
export const replacement = (old: Order, order: Order): Change[] =>
  order === old ? [] : [{ type: 'prepared_ticket.updated', order }];

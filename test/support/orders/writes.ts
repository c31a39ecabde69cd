import { BATCHES, SYNCS, TICKETS } from '../api.ts';
import { linesPath, referencePath, ticketPath } from '../tickets.ts';

/** A product line of an order. */
export interface OrderLine {
  readonly product_id: string;
  readonly quantity: number;
}

/** The values of an order that a write sends. */
export interface OrderValues {
  readonly vehicle_model_id: number;
  readonly vin: string | null;
  readonly voucher_code?: string | null | undefined;
}

/** An order as a sync or a PUT by reference sends it. */
export interface SentOrder extends OrderValues {
  readonly preparer_external_reference: string;
  readonly customer_id: string;
  readonly product_lines?: readonly OrderLine[] | undefined;
}

/** An item of a sync. */
export type SyncItem =
  | SentOrder
  | { readonly preparer_external_reference: string; readonly deleted: true };

/** A request that writes prepared tickets. */
export type Write =
  | { readonly kind: 'sync'; readonly items: readonly SyncItem[] }
  | { readonly kind: 'create'; readonly orders: readonly SentOrder[] }
  | { readonly kind: 'put by reference'; readonly order: SentOrder; readonly ifMatch?: string }
  | { readonly kind: 'delete by reference'; readonly reference: string }
  | {
      readonly kind: 'put';
      readonly id: string;
      readonly order: Omit<SentOrder, 'customer_id' | 'product_lines'>;
      readonly ifMatch?: string;
    }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'put line'; readonly id: string; readonly line: OrderLine }
  | { readonly kind: 'delete line'; readonly id: string; readonly product: string }
  | { readonly kind: 'pick up'; readonly id: string; readonly customer: string };

/** A request without its credentials. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
}

/** Returns the request that makes a write. */
export function requestOf(write: Write): Request {
  switch (write.kind) {
    case 'sync':
      return { method: 'POST', path: SYNCS, body: { prepared_tickets: write.items } };
    case 'create': {
      const [{ product_lines: _lines, ...ticket }, ...others] = write.orders as [SentOrder];
      return others.length === 0
        ? { method: 'POST', path: TICKETS, body: ticket }
        : { method: 'POST', path: BATCHES, body: { prepared_tickets: write.orders } };
    }
    case 'put by reference': {
      const { order: body, ifMatch } = write;
      return {
        method: 'PUT',
        path: referencePath(body.preparer_external_reference),
        body,
        ifMatch,
      };
    }
    case 'delete by reference':
      return { method: 'DELETE', path: referencePath(write.reference) };
    case 'put':
      return {
        method: 'PUT',
        path: ticketPath(write.id),
        body: write.order,
        ifMatch: write.ifMatch,
      };
    case 'delete':
      return { method: 'DELETE', path: ticketPath(write.id) };
    case 'put line': {
      const { product_id, quantity } = write.line;
      return { method: 'PUT', path: linesPath(write.id, product_id), body: { quantity } };
    }
    case 'delete line':
      return { method: 'DELETE', path: linesPath(write.id, write.product) };
    default: {
      const body = { customer_id: write.customer };
      return { method: 'POST', path: `${ticketPath(write.id)}/pick-up`, body };
    }
  }
}

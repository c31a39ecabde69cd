import { START } from '../start.ts';
import type { Ticket } from '../tickets.ts';
import {
  type Change,
  inOrder,
  type Order,
  type Outcome,
  refused,
  replaced,
  replacement,
  tagOf,
  withLines,
} from './order.ts';
import type { SentOrder, SyncItem, Write } from './writes.ts';

/** In this order a sync records what it does. */
const types = ['prepared_ticket.created', 'prepared_ticket.updated', 'prepared_ticket.deleted'];

/** The prepared tickets of a partner, and those that were picked up, as the contract says that writes change them. */
export class Orders {
  readonly prepared = new Map<string, Order>();
  readonly pickedUp = new Map<string, Order>();
  #newestNumber = 0;

  /** Applies a change that `outcomeOf` returned. */
  apply({ type, order }: Change): void {
    const isGone = type === 'prepared_ticket.deleted' || type === 'prepared_ticket.picked_up';
    if (isGone) {
      this.prepared.delete(order.id);
    } else {
      this.prepared.set(order.id, order);
    }
    if (type === 'prepared_ticket.picked_up') {
      this.pickedUp.set(order.id, order);
    }
    this.#newestNumber = Math.max(this.#newestNumber, order.ticket.ticket_number);
  }

  /**
   * Returns what a write does in the present state.
   *
   * @param ids the ids of the tickets that it creates, in their order.
   */
  outcomeOf(write: Write, ids: readonly string[]): Outcome {
    switch (write.kind) {
      case 'sync':
        return this.#sync(write.items, ids);
      case 'create':
        return this.#create(write.orders, ids);
      case 'put by reference':
        return this.#putByReference(write.order, write.ifMatch, ids);
      case 'delete by reference': {
        const found = this.#only(write.reference);
        return typeof found === 'object' ? this.#delete(found) : refused(found);
      }
      default:
        return this.#ofTicket(write);
    }
  }

  /** Returns the prepared tickets that have a reference. */
  having(reference: string): Order[] {
    return [...this.prepared.values()].filter(
      ({ ticket }) => ticket.preparer_external_reference === reference,
    );
  }

  /** Returns the one prepared ticket with a reference, or the status that says why there is none. */
  #only(reference: string): Order | 404 | 409 | 410 {
    const [first, ...others] = this.having(reference);
    if (first !== undefined) {
      return others.length === 0 ? first : 409;
    }
    const isPickedUp = [...this.pickedUp.values()].some(
      ({ ticket }) => ticket.preparer_external_reference === reference,
    );
    return isPickedUp ? 410 : 404;
  }

  /** Returns a new order, which is the `nth` of its request. */
  #new(sent: SentOrder, ids: readonly string[], nth = 0): Order {
    const id = ids[nth] ?? '';
    const { customer_id, preparer_external_reference } = sent;
    const ticket: Ticket = {
      id,
      created_at: new Date(START).toISOString(),
      customer_id,
      ticket_number: this.#newestNumber + 1 + nth,
      vehicle_model_id: 0,
      vin: null,
      voucher_code: null,
      preparer_external_reference,
    };
    return { ...replaced({ id, version: 0, ticket, lines: [] }, sent), version: 1 };
  }

  #create(sent: readonly SentOrder[], ids: readonly string[]): Outcome {
    // A POST of one ticket has no lines.
    const lines = sent.length === 1 ? { product_lines: [] } : {};
    const orders = sent.map((one, nth) => this.#new({ ...one, ...lines }, ids, nth));
    const result = orders.map(({ ticket }) => ticket);
    const [first] = orders;
    return {
      status: 201,
      changes: orders.map((order) => ({ type: 'prepared_ticket.created', order })),
      body: sent.length === 1 ? result[0] : { result },
      ...(sent.length === 1 && first && { tag: tagOf(first) }),
    };
  }

  #delete(order: Order): Outcome {
    return { status: 204, changes: [{ type: 'prepared_ticket.deleted', order }] };
  }

  #putByReference(sent: SentOrder, ifMatch: string | undefined, ids: readonly string[]): Outcome {
    const found = this.#only(sent.preparer_external_reference);
    if (found === 404 && ifMatch === undefined) {
      const order = this.#new(sent, ids);
      const changes = [{ type: 'prepared_ticket.created', order }];
      return { status: 201, changes, body: withLines(order), tag: tagOf(order) };
    }
    if (typeof found === 'number') {
      return refused(found === 404 ? 412 : found);
    }
    if (found.ticket.customer_id !== sent.customer_id) {
      return refused(400);
    }
    if (ifMatch !== undefined && ifMatch !== tagOf(found)) {
      return refused(412);
    }
    const order = replaced(found, sent);
    const body = withLines(order);
    return { status: 200, changes: replacement(found, order), body, tag: tagOf(order) };
  }

  #sync(items: readonly SyncItem[], ids: readonly string[]): Outcome {
    let created = 0;
    const changes: Change[] = [];
    const result = items.map((item) => {
      const { preparer_external_reference } = item;
      const only = { preparer_external_reference };
      const isRepeated =
        items.filter((other) => other.preparer_external_reference === preparer_external_reference)
          .length > 1;
      const found = this.#only(preparer_external_reference);
      if (isRepeated || found === 409 || found === 410) {
        return { ...only, status: isRepeated ? 400 : found };
      }
      if ('deleted' in item) {
        const changed = found !== 404;
        changes.push(...(changed ? this.#delete(found).changes : []));
        return { ...only, status: 204, changed };
      }
      const outcome = this.#putByReference(item, undefined, ids.slice(created));
      if (outcome.status === 400) {
        return { ...only, status: 400 };
      }
      if (outcome.status === 201) {
        const order = this.#new(item, ids, created);
        created += 1;
        changes.push({ type: 'prepared_ticket.created', order });
        return { ...only, status: 201, changed: true, prepared_ticket: withLines(order) };
      }
      changes.push(...outcome.changes);
      const changed = outcome.changes.length > 0;
      return { ...only, status: 200, changed, prepared_ticket: outcome.body };
    });
    const recorded = types.flatMap((type) => changes.filter((change) => change.type === type));
    return { status: 200, changes: recorded, body: { result } };
  }

  #ofTicket(write: Extract<Write, { readonly id: string }>): Outcome {
    const order = this.prepared.get(write.id);
    const pickedUp = this.pickedUp.get(write.id);
    if (order === undefined) {
      const isAgain = write.kind === 'pick up' && pickedUp?.ticket.customer_id === write.customer;
      const isOthers = write.kind === 'pick up' && !isAgain;
      return refused(isAgain ? 200 : pickedUp === undefined || isOthers ? 404 : 410);
    }
    switch (write.kind) {
      case 'put': {
        if (write.ifMatch !== undefined && write.ifMatch !== tagOf(order)) {
          return refused(412);
        }
        const next = replaced(order, write.order);
        const { ticket: body } = next;
        return { status: 200, changes: replacement(order, next), body, tag: tagOf(next) };
      }
      case 'delete':
        return this.#delete(order);
      case 'pick up': {
        if (order.ticket.customer_id !== write.customer) {
          return refused(404);
        }
        const isReady = order.ticket.vin !== null && order.lines.length > 0;
        return isReady
          ? { status: 201, changes: [{ type: 'prepared_ticket.picked_up', order }] }
          : refused(409);
      }
      default:
        return this.#line(order, write);
    }
  }

  /** A write of a line raises the version of its ticket, whose event it does not have. */
  #line(
    order: Order,
    write: Extract<Write, { readonly kind: 'put line' | 'delete line' }>,
  ): Outcome {
    const isPut = write.kind === 'put line';
    const product = isPut ? write.line.product_id : write.product;
    const old = order.lines.find(({ product_id }) => product_id === product);
    const others = order.lines.filter((line) => line !== old);
    if (isPut && old?.quantity === write.line.quantity) {
      return refused(200);
    }
    if (!isPut && old === undefined) {
      return refused(404);
    }
    const lines = isPut ? inOrder([...others, write.line]) : others;
    const next = { ...order, lines, version: order.version + 1 };
    const type = isPut ? 'product_line.put' : 'product_line.deleted';
    const status = isPut ? (old === undefined ? 201 : 200) : 204;
    return { status, changes: [{ type, order: next, product }] };
  }
}

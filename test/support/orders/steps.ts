import fc from 'fast-check';
import type { Ticket } from '../tickets.ts';
import type { Lane } from './lane.ts';
import type { SentOrder, SyncItem, Write } from './writes.ts';

/** Random steps of programs, with few values, so that they meet often. */

export const customers = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
export const products = [1, 2, 3].map((n) => `10000000-0000-4000-8000-00000000000${n}`);
export const vins = [null, 'AAAAAAAAAAAAAAAA1', 'aaaaaaaaaaaaaaaa2'] as const;
/** The references of orders that are written by reference only, so that one prepared ticket has each. */
export const once = ['ORDER-1', 'ORDER-2', 'ORDER-3', 'ORDER-4', 'ORDER-5', '42'];
/** References that several tickets can have. */
const shared = ['SHARED', 'S/2?'];
export const references = [...once, ...shared];

const from = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const values = {
  vehicle_model_id: from(0, 1),
  vin: from(...vins),
  voucher_code: from(undefined, null, 'WQ4MM3'),
};
/** Mostly the first customer, because another one is refused. */
const customer_id = from(...Array(6).fill(customers[0] as string), customers[1] as string);
const lines = fc.uniqueArray(fc.record({ product_id: from(...products), quantity: from(1, 2) }), {
  selector: ({ product_id }) => product_id,
});
const order: fc.Arbitrary<SentOrder> = fc.record({
  ...values,
  customer_id,
  preparer_external_reference: from(...once, ...once, ...shared),
  product_lines: fc.option(lines, { nil: undefined }),
});
const deletion = fc.record({
  preparer_external_reference: from(...references),
  deleted: fc.constant(true as const),
});
const item: fc.Arbitrary<SyncItem> = fc.oneof(
  { weight: 4, arbitrary: order },
  { weight: 1, arbitrary: deletion },
);
/** Which of the known tickets, modulo their number, the newest first. */
const pick = fc.nat(5);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      items: fc.array(item, { minLength: 1, maxLength: 6 }),
      /** Whether the program sends its last sync again, as after a night without changes. */
      isAgain: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('put by reference' as const),
      order,
      isConditional: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete by reference' as const),
      reference: from(...references),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      orders: fc.array(
        fc.record({
          ...values,
          customer_id,
          preparer_external_reference: from(...shared),
          product_lines: lines,
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      pick,
      values: fc.record({ ...values, voucher_code: from(null, 'WQ4MM3') }),
      other: from(...shared),
      isConditional: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('put line' as const),
      pick,
      line: fc.record({ product_id: from(...products), quantity: from(1, 2) }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete line' as const),
      pick,
      product: from(...products),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('pick up' as const),
      pick,
      isOther: from(false, false, false, true),
    }),
  },
);

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Returns runs of about as many steps. */
export const steps = (length: number) =>
  fc.array(step, { minLength: length / 2, maxLength: length, size: 'max' });

/** A ticket as one of the programs saw it last. */
interface Seen {
  readonly ticket: Ticket;
  readonly tag: string | undefined;
}

/** What the programs of a partner know of its tickets, from which a step becomes a write. */
export class Known {
  readonly #seen = new Map<string, Seen>();
  readonly #lastSync = new Map<Lane, Write>();

  /** Makes the write of a step, if there is a ticket for it. */
  async send(lane: Lane, taken: Step): Promise<void> {
    const write = this.#writeOf(lane, taken);
    if (write === undefined) {
      return;
    }
    const { body, tag } = await lane.send(write);
    if (write.kind === 'sync') {
      this.#lastSync.set(lane, write);
    }
    for (const ticket of ticketsIn(body)) {
      this.#seen.delete(ticket.id);
      this.#seen.set(ticket.id, { ticket, tag });
    }
  }

  #writeOf(lane: Lane, taken: Step): Write | undefined {
    switch (taken.kind) {
      case 'sync':
        return (taken.isAgain && this.#lastSync.get(lane)) || { ...taken };
      case 'put by reference': {
        const { order, isConditional } = taken;
        const seen = [...this.#seen.values()].findLast(
          ({ ticket }) => ticket.preparer_external_reference === order.preparer_external_reference,
        );
        return { kind: 'put by reference', order, ...(isConditional && conditionOf(seen)) };
      }
      case 'delete by reference':
        return taken;
      case 'create':
        return taken;
      default:
        return this.#ofTicket(taken);
    }
  }

  #ofTicket(taken: Extract<Step, { readonly pick: number }>): Write | undefined {
    const newestFirst = [...this.#seen.values()].reverse();
    const seen = newestFirst[taken.pick % (newestFirst.length || 1)];
    if (seen === undefined) {
      return undefined;
    }
    const { id, customer_id, preparer_external_reference } = seen.ticket;
    switch (taken.kind) {
      case 'put': {
        const isShared = shared.includes(preparer_external_reference);
        const reference = isShared ? taken.other : preparer_external_reference;
        const order = { ...taken.values, preparer_external_reference: reference };
        return { kind: 'put', id, order, ...(taken.isConditional && conditionOf(seen)) };
      }
      case 'pick up': {
        const other = customers.find((one) => one !== customer_id) as string;
        return { kind: 'pick up', id, customer: taken.isOther ? other : customer_id };
      }
      case 'put line':
        return { kind: 'put line', id, line: taken.line };
      case 'delete line':
        return { kind: 'delete line', id, product: taken.product };
      default:
        return { kind: 'delete', id };
    }
  }
}

const conditionOf = (seen: Seen | undefined) =>
  seen?.tag === undefined ? {} : { ifMatch: seen.tag };

/** Returns the prepared tickets that an answer shows. */
function ticketsIn(body: unknown): Ticket[] {
  const { result } = (body ?? {}) as {
    result?: readonly (Ticket | { readonly prepared_ticket?: Ticket })[];
  };
  const shown = (result ?? [body]).map((one) =>
    one !== undefined && 'prepared_ticket' in (one as object)
      ? (one as { prepared_ticket: Ticket }).prepared_ticket
      : (one as Ticket | undefined),
  );
  return shown.filter((one): one is Ticket => one?.id !== undefined && !('state' in one));
}

import { type Dataset, idOf } from '../dataset.ts';

/** A request of a partner, as `fetch` takes it. */
export interface Call {
  readonly path: string;
  readonly method?: 'POST';
  readonly body?: string;
}

const LIST = '/v2/tickets/prepared-tickets';
const EXPORT = '/v2/tickets/prepared-ticket-export';

const query = (path: string, values: Record<string, string | number>): string =>
  `${path}?${new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]))}`;

/** A batch of 500 tickets with 2,000 lines, of which no two have a customer in common. */
function batch(n: number): Call {
  const tickets = Array.from({ length: 500 }, (_, i) => ({
    customer_id: crypto.randomUUID(),
    vehicle_model_id: 1,
    vin: null,
    preparer_external_reference: `NEIGHBOUR_${n}_${i}`,
    product_lines: [0, 1, 2, 3].map((product) => ({
      product_id: idOf.product((4 * (n + i) + product) % 40),
      quantity: 1,
    })),
  }));
  const body = JSON.stringify({ prepared_tickets: tickets });
  return { path: '/v2/tickets/prepared-ticket-batches', method: 'POST', body };
}

/** The syncs of a window. Each has orders of its own. */
const SYNCS = 10;

/**
 * A sync of 500 orders with 2,000 lines, of which no two have a customer or a product in common. Each later one with the
 * same orders changes every ticket, and replaces each line with one of another product, so that it changes the counts of
 * 4,000 products.
 *
 * @param n the number of the sync. The first ten create the tickets.
 */
function sync(n: number): Call {
  const [round, part] = [Math.floor(n / SYNCS), n % SYNCS];
  const orders = Array.from({ length: 500 }, (_, i) => ({
    customer_id: idOf.customer(i),
    vehicle_model_id: round,
    // The syncs have every other window, and each of them adds or removes the VIN.
    vin: Math.ceil(round / 2) % 2 === 0 ? null : 'WBENCHNEIGHBOUR01',
    preparer_external_reference: `NEIGHBOUR_SYNC_${part}_${i}`,
    product_lines: [0, 1, 2, 3].map((product) => ({
      product_id: idOf.product(4 * (500 * round + i) + product),
      quantity: 1,
    })),
  }));
  const body = JSON.stringify({ prepared_tickets: orders });
  return { path: '/v2/tickets/prepared-ticket-syncs', method: 'POST', body };
}

/** Returns the syncs that create the tickets which those of the heavy partner then change. */
export const firstSyncs = (): Call[] => Array.from({ length: SYNCS }, (_, n) => sync(n));

/** The heaviest requests of each kind. `perWindow` of them are allowed in 10 seconds, 50 altogether. */
export interface Heavy {
  readonly name: string;
  readonly perWindow: number;
  /** Whether only every other window has them, from the first or the second one on, because two kinds share a limit. */
  readonly everyOther?: 'first' | 'second';
  readonly call: (n: number) => Call;
}

/** Returns the heaviest requests that the limits of `wrangler.toml` allow a partner with all these tickets. */
export function heaviestRequests({ tickets }: Dataset): readonly Heavy[] {
  const big = idOf.customer(0);
  const products = (n: number) => idOf.product(n % 40);
  return [
    {
      name: 'syncs that change 500 tickets and 2,000 lines',
      perWindow: SYNCS,
      everyOther: 'first',
      call: (n) => sync(SYNCS + n),
    },
    { name: 'batches of 500 with 2,000 lines', perWindow: 10, everyOther: 'second', call: batch },
    {
      name: 'exports of 10,000 with lines',
      perWindow: 10,
      call: (n) => ({ path: query(EXPORT, n % 2 === 0 ? {} : { customer_id: big }) }),
    },
    {
      name: 'searches by a customer and a product',
      perWindow: 10,
      call: (n) => ({
        path: query(LIST, { customer_id: big, product_id: products(n), limit: 1000 }),
      }),
    },
    {
      name: 'lists by a reference that 1 % of the tickets have',
      perWindow: 10,
      call: () => ({ path: query(LIST, { preparer_external_reference: '', limit: 1000 }) }),
    },
    {
      name: 'pages of 1,000 at a deep offset',
      perWindow: 10,
      call: (n) => ({
        path: query(LIST, { limit: 1000, offset: Math.floor((tickets * (1 + (n % 9))) / 10) }),
      }),
    },
  ];
}

/** The requests of the other partner that are measured. The number chooses the ticket. */
export const measuredRequests: Readonly<Record<string, (dataset: Dataset, n: number) => Call>> = {
  // The tickets of the second partner follow those of the first.
  'GET one': ({ tickets }, n) => ({
    path: `${LIST}/${idOf.ticket(tickets + (n % (tickets / 100)))}`,
  }),
  'list of 25': () => ({ path: LIST }),
};

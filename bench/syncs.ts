import { idOf } from './dataset.ts';
import type { Cost, Request, Sample } from './measure.ts';
import type { Operation } from './operations.ts';

/** The orders of a sync. */
const ORDERS = 500;

/** Returns the budget of a sync: one round trip, and rows for each of its orders. */
const forEach = (read: number, written: number): Cost => ({
  trips: 1,
  read: read * ORDERS,
  written: written * ORDERS,
});

/** Returns a sync of 500 orders. */
const syncOf = (itemOf: (i: number) => object): Request => ({
  collection: '/v2/tickets/prepared-ticket-syncs',
  method: 'POST',
  path: '',
  body: { prepared_tickets: Array.from({ length: ORDERS }, (_, i) => itemOf(i)) },
});

/** Returns a sync of the orders whose references begin with a text, each of a customer of its own. */
const ordersOf = (name: string, values: object = {}): Request =>
  syncOf((i) => ({
    customer_id: idOf.customer(i),
    vehicle_model_id: 1,
    vin: 'WBENCHSYNC0000001',
    voucher_code: 'BENCH1',
    preparer_external_reference: `${name}_${i}`,
    ...values,
  }));

const deletionsOf = (name: string): Request =>
  syncOf((i) => ({ preparer_external_reference: `${name}_${i}`, deleted: true }));

/** Returns the values of an order with lines for this many products from a number on. */
const withLines = (count: number, { first = 0, quantity = 1 } = {}) => ({
  product_lines: Array.from({ length: count }, (_, i) => ({
    product_id: idOf.product(first + i),
    quantity,
  })),
});

/** The names of orders with one line each, and of orders with four, so that a sync has 2,000. */
const ONE_LINE = ['SYNC_A', 'SYNC_B'];
const FOUR_LINES = ['SYNC_C', 'SYNC_D'];

/** What a sync replaces: the quantity, the product, what the counts of a ticket depend on, or its lines too. */
const replacements = [
  withLines(1, { quantity: 2 }),
  withLines(1, { first: 1 }),
  { vin: null, vehicle_model_id: 2 },
  { vehicle_model_id: 3, product_lines: [] },
  withLines(1),
];

/** Returns the syncs. The later ones find the tickets of the earlier ones. */
export function syncs(): Operation[] {
  const samplesOf = (names: readonly string[], ...requests: ((name: string) => Request)[]) =>
    names.flatMap((name) =>
      requests.map((request): Sample => ({ request: request(name), status: 200 })),
    );
  const orders = (values: object) => (name: string) => ordersOf(name, values);
  return [
    {
      name: 'sync of 500 that creates tickets with one line',
      budget: forEach(16, 13),
      samples: samplesOf(ONE_LINE, orders(withLines(1))),
      isOnce: true,
    },
    {
      name: 'sync of 500 that creates tickets with four lines',
      budget: forEach(28, 22),
      samples: samplesOf(FOUR_LINES, orders(withLines(4))),
      isOnce: true,
    },
    {
      name: 'sync of 500 unchanged with one line',
      budget: forEach(8 + 2, 0),
      samples: samplesOf(ONE_LINE, orders(withLines(1))),
    },
    {
      name: 'sync of 500 unchanged with four lines',
      budget: forEach(8 + 4 * 2, 0),
      samples: samplesOf(FOUR_LINES, orders(withLines(4)), orders({})),
    },
    {
      name: 'sync of 500 that replaces tickets with one line',
      budget: forEach(30, 14),
      samples: samplesOf(ONE_LINE, ...replacements.map(orders)),
      isOnce: true,
    },
    {
      name: 'sync of 500 that deletes tickets with one line',
      budget: forEach(31, 14),
      samples: samplesOf(ONE_LINE, deletionsOf),
      isOnce: true,
    },
  ];
}

import { newApiKey } from '../src/auth/secrets.ts';
import { customerOf, type Dataset, idOf, productOf } from './dataset.ts';
import type { Request } from './measure.ts';
import type { Operation } from './operations.ts';

const TEN = Array.from({ length: 10 }, (_, i) => i);
const TWENTY = Array.from({ length: 20 }, (_, i) => i);
/** The number of the first of ten consecutive tickets without a VIN; see `dataset.ts`. */
const FIRST_WITHOUT_VIN = 70;

/** The values of a ticket that is created or replaced. */
export const values = {
  vehicle_model_id: 1,
  vin: 'WBENCHNEW00000001',
  voucher_code: 'BENCH1',
  preparer_external_reference: 'BENCH_NEW',
};

const samples = (status: number, requests: readonly Request[]) =>
  requests.map((request) => ({ request, status }));

/** Returns the operations on one ticket. */
export function singleTickets({ tickets }: Dataset): Operation[] {
  const path = (n: number) => `/${idOf.ticket(n)}`;
  const get = [0, 1, tickets / 2, tickets - 1].map(
    (n): Request => ({ method: 'GET', path: path(n) }),
  );
  // The first ticket of a customer on a day inserts counts. The next ones update them.
  const bodies = [1, 1, 1, 78, 78, 0, 0].flatMap((n) =>
    [values.vin, null].map((vin) => ({ customer_id: idOf.customer(n), ...values, vin })),
  );
  const post = [...bodies, ...bodies].map(
    (body): Request => ({
      method: 'POST',
      path: '',
      body,
      headers: { 'Idempotency-Key': crypto.randomUUID() },
    }),
  );
  const clear = { ...values, vin: null };
  const put = [values, values, clear, clear, values].map(
    (body): Request => ({ method: 'PUT', path: path(2), body }),
  );
  const deletions = TEN.flatMap((i) => [100 + i, FIRST_WITHOUT_VIN + i]).map(
    (n): Request => ({ method: 'DELETE', path: path(n) }),
  );
  return [
    { name: 'GET one', budget: { trips: 1, read: 3, written: 0 }, samples: samples(200, get) },
    {
      name: 'POST with an idempotency key',
      budget: { trips: 1, read: 18, written: 14 },
      samples: samples(201, post),
      isOnce: true,
    },
    { name: 'PUT', budget: { trips: 1, read: 14, written: 9 }, samples: samples(200, put) },
    {
      name: 'PUT, unchanged',
      budget: { trips: 1, read: 14, written: 0 },
      samples: samples(200, [{ method: 'PUT', path: path(2), body: values }]),
    },
    {
      name: 'DELETE of a ticket with one line',
      budget: { trips: 1, read: 26, written: 15 },
      samples: samples(204, deletions),
      isOnce: true,
    },
  ];
}

/** The number of a product that no ticket has. */
const NEW_PRODUCT = 1000;
/** Tickets of a batch. */
const BATCH = 500;

/** Returns the operations that write several rows, and the feed of the events that all of these have written. */
export function batchesAndEvents({ tickets }: Dataset): Operation[] {
  const byReference = TWENTY.map((i): Request => {
    // Each reference after the first third is that of one ticket only.
    const n = Math.floor(tickets / 2) + 10 * i + 1;
    return {
      method: 'PUT',
      path: `/${idOf.ticket(n)}`,
      body: { ...values, preparer_external_reference: `BENCH_OWN_${i}` },
    };
  });
  const replacing = TWENTY.map((i): Request => {
    const n = Math.floor(tickets / 2) + 10 * i + 1;
    return {
      method: 'PUT',
      path: `/by-reference/BENCH_OWN_${i}`,
      body: {
        ...values,
        customer_id: customerOf(n),
        preparer_external_reference: `BENCH_OWN_${i}`,
        product_lines: [{ product_id: productOf(n), quantity: 3 }],
      },
    };
  });
  const pickUps = TWENTY.map((i): Request => {
    const n = Math.floor(tickets / 2) + 10 * i + 1;
    return {
      method: 'POST',
      path: `/${idOf.ticket(n)}/pick-up`,
      body: { customer_id: customerOf(n) },
    };
  });
  const ofOne = TWENTY.map((i) => Math.floor(tickets / 2) + 10 * i + 1);
  const line = (n: number, product: number, request: Omit<Request, 'path'>): Request => ({
    ...request,
    path: `/${idOf.ticket(n)}/product-lines/${idOf.product(product)}`,
  });
  const putLines = ofOne.map((n) => line(n, NEW_PRODUCT, { method: 'PUT', body: { quantity: 2 } }));
  const batch: Request = {
    collection: '/v2/tickets/prepared-ticket-batches',
    method: 'POST',
    path: '',
    body: {
      prepared_tickets: Array.from({ length: BATCH }, (_, i) => ({
        customer_id: idOf.customer(i),
        ...values,
      })),
    },
  };
  const feed = (query: string): Request => ({
    collection: '/v2/system/events',
    method: 'GET',
    path: query,
  });
  return [
    {
      name: 'PUT (to give each ticket a reference of its own)',
      budget: { trips: 1, read: 14, written: 9 },
      samples: samples(200, byReference),
      isOnce: true,
    },
    {
      name: 'PUT by reference of a ticket with one line',
      budget: { trips: 1, read: 28, written: 18 },
      samples: samples(200, replacing),
      isOnce: true,
    },
    {
      name: 'PUT by reference of a ticket with one line, unchanged',
      budget: { trips: 1, read: 28, written: 0 },
      samples: samples(200, replacing),
    },
    {
      name: 'GET by reference of a ticket with one line',
      budget: { trips: 1, read: 8, written: 0 },
      samples: samples(
        200,
        TEN.map((i) => ({ method: 'GET', path: `/by-reference/BENCH_OWN_${i}` })),
      ),
    },
    {
      name: 'PUT that adds a line to a ticket with one',
      budget: { trips: 1, read: 24, written: 10 },
      samples: samples(
        201,
        ofOne.map((n) => line(n, NEW_PRODUCT, { method: 'PUT', body: { quantity: 1 } })),
      ),
      isOnce: true,
    },
    {
      name: 'PUT of a line',
      budget: { trips: 1, read: 24, written: 10 },
      samples: samples(200, putLines),
      isOnce: true,
    },
    {
      name: 'PUT of a line, unchanged',
      budget: { trips: 1, read: 24, written: 0 },
      samples: samples(200, putLines),
    },
    {
      name: 'DELETE of a line',
      budget: { trips: 1, read: 24, written: 10 },
      samples: samples(
        204,
        ofOne.map((n) => line(n, NEW_PRODUCT, { method: 'DELETE' })),
      ),
      isOnce: true,
    },
    {
      name: 'pick-up of a ticket with one line',
      budget: { trips: 1, read: 34, written: 22 },
      samples: samples(201, pickUps),
      isOnce: true,
    },
    {
      name: `batch of ${BATCH} without lines`,
      budget: { trips: 1, read: 12 * BATCH, written: 10 * BATCH },
      samples: samples(201, [batch]),
    },
    {
      name: 'a page of 100 events',
      budget: { trips: 1, read: 110, written: 0 },
      samples: samples(200, [feed('?limit=100'), feed('?limit=100&type=prepared_ticket.created')]),
    },
    {
      name: 'a page of 100 events of two types',
      budget: { trips: 1, read: 115, written: 0 },
      samples: samples(
        200,
        [
          'prepared_ticket.created,prepared_ticket.updated',
          'product_line.put,product_line.deleted',
          'client.deleted,api_key.deleted',
        ].map((types) => feed(`?limit=100&type=${types}`)),
      ),
    },
  ];
}

/**
 * Returns requests that the API rejects because of their credentials.
 *
 * @param otherKey an API key of another partner.
 */
export function refusals(otherKey: string): Operation[] {
  const free = { trips: 0, read: 0, written: 0 };
  // D1 reports no rows for a call that failed, and the gate fails. test/auth/gate.repository.test.ts counts them.
  const oneTrip = { trips: 1, read: 0, written: 0 };
  const requestsWith = (headers: Record<string, string>): Request[] => [
    { method: 'GET', path: '', headers },
    { method: 'DELETE', path: `/${idOf.ticket(3)}`, headers },
  ];
  const key = newApiKey('test');
  const mistyped = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
  const refused: Operation[] = [
    {
      name: 'rejected: malformed key',
      budget: free,
      samples: samples(401, [
        ...requestsWith({ 'x-api-key': 'malformed' }),
        ...requestsWith({ 'x-api-key': mistyped }),
      ]),
    },
    {
      name: 'rejected: invalid token',
      budget: free,
      samples: samples(401, [
        ...requestsWith({ Authorization: 'Bearer bad' }),
        ...requestsWith({ Authorization: 'Bearer a.b.c', 'x-api-key': key }),
      ]),
    },
    {
      name: 'rejected: unknown key',
      budget: oneTrip,
      samples: samples(401, requestsWith({ 'x-api-key': key })),
    },
    {
      name: "rejected: another partner's key",
      budget: oneTrip,
      samples: samples(403, requestsWith({ 'x-api-key': otherKey })),
    },
  ];
  return refused.map((operation) => ({ ...operation, isRefused: true }));
}

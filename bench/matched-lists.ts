import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { type Dataset, idOf } from './dataset.ts';
import { listBudget, listSample, type Operation } from './operations.ts';

/** A filter as query parameters and as SQL. */
interface Filter {
  readonly name: string;
  readonly query: Record<string, string | number>;
  readonly sql: string;
}

const by = (name: string, column: string, value: string): Filter => ({
  name,
  query: { [column]: value },
  sql: `${column} = '${value}'`,
});

const bigCustomer = by('big customer', 'customer_id', idOf.customer(0));
const smallCustomer = by('small customer', 'customer_id', idOf.customer(77));
const product: Filter = {
  name: 'product',
  query: { product_id: idOf.product(7) },
  sql: `(partner_id, ticket_number) IN (SELECT partner_id, ticket_number FROM product_lines WHERE product_id = '${idOf.product(7)}')`,
};
const noVin: Filter = { name: 'vin=', query: { vin: '' }, sql: 'vin IS NULL' };
const emptyReference = by("reference ''", 'preparer_external_reference', '');

/** Returns filters with the values of one ticket. A few other tickets have the same VIN and reference. */
async function ownFilters(database: RuntimeDatabase, { partner, tickets }: Dataset) {
  const row = await database
    .prepare(
      `SELECT ticket_number, vin, preparer_external_reference AS reference, customer_id AS customer
       FROM prepared_tickets WHERE partner_id = ? AND ticket_number > ? AND customer_id <> ?
         AND vin IS NOT NULL AND preparer_external_reference <> '' ORDER BY ticket_number LIMIT 1`,
    )
    .bind(partner, Math.floor(tickets * 0.05), idOf.customer(0))
    .first<{ ticket_number: number; vin: string; reference: string; customer: string }>();
  const { ticket_number, vin, reference, customer } = row as NonNullable<typeof row>;
  return {
    number: by('ticket_number', 'ticket_number', String(ticket_number)),
    vin: by('vin', 'vin', vin),
    reference: by('reference', 'preparer_external_reference', reference),
    customer: by('its customer', 'customer_id', customer),
  };
}

function period({ start, end }: Dataset): Filter {
  const middle = start + Math.floor((end - start) / 2);
  const [after, before] = [middle, middle + Math.floor((end - start) / 12)];
  return {
    name: 'dates',
    query: {
      created_after: new Date(after).toISOString(),
      created_before: new Date(before).toISOString(),
    },
    sql: `created_at > ${after} AND created_at < ${before}`,
  };
}

async function count(
  database: RuntimeDatabase,
  { partner }: Dataset,
  filters: readonly Filter[],
): Promise<number> {
  const conditions = filters.map(({ sql }) => sql).join(' AND ');
  const sql = `SELECT count(*) AS total FROM prepared_tickets WHERE partner_id = ${partner} AND ${conditions}`;
  return (await database.prepare(sql).first<{ total: number }>())?.total ?? 0;
}

/**
 * Returns the lists whose budget depends on the number of matches: those of the one filter without counts,
 * within the period if there is one, or those of the most selective of several filters.
 */
export async function matchedLists(
  database: RuntimeDatabase,
  dataset: Dataset,
): Promise<Operation[]> {
  const { number, vin, reference, customer } = await ownFilters(database, dataset);
  const dates = period(dataset);
  const unknown = by('unknown reference', 'preparer_external_reference', 'no such');
  const single = [
    [number],
    [vin],
    [reference],
    [emptyReference],
    [unknown],
    [reference, dates],
    [emptyReference, dates],
    [vin, dates],
  ];
  const combined = [
    [bigCustomer, product],
    [smallCustomer, product],
    [bigCustomer, noVin],
    [smallCustomer, noVin],
    [product, noVin],
    [bigCustomer, product, noVin],
    [product, noVin, dates],
    [bigCustomer, product, dates],
    [emptyReference, bigCustomer],
    [emptyReference, smallCustomer],
    [emptyReference, product],
    [emptyReference, noVin],
    [emptyReference, bigCustomer, dates],
    [reference, customer],
    [reference, bigCustomer],
    [reference, product],
    [reference, noVin],
    [vin, reference],
    [vin, emptyReference],
    [vin, customer],
    [vin, bigCustomer, product],
    [number, bigCustomer],
    [number, vin, reference, customer, product, dates],
  ];
  const operations: Operation[] = [];
  for (const filters of single) {
    operations.push(operation(filters, 10 + 3 * (await count(database, dataset, filters))));
  }
  for (const filters of combined) {
    const when = filters.filter((filter) => filter === dates);
    const others = filters.filter((filter) => filter !== dates);
    const matches = await Promise.all(
      others.map((each) => count(database, dataset, [each, ...when])),
    );
    operations.push(operation(filters, 3000 + 4 * Math.min(...matches)));
  }
  return operations;
}

function operation(filters: readonly Filter[], read: number): Operation {
  const query = Object.assign({}, ...filters.map((filter) => filter.query));
  return {
    name: `list by ${filters.map(({ name }) => name).join(', ')}`,
    budget: listBudget(read),
    samples: [0, 25, 1000].map((offset) => listSample({ ...query, offset })),
  };
}

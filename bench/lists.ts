import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { DAY, type Dataset, idOf } from './dataset.ts';
import { listBudget, listSample, type Operation } from './operations.ts';

type Query = Record<string, string | number>;

const LIMIT = 25;
const HOUR = DAY / 24;
const FIRST_PAGE = LIMIT + 3000;
const ANY_PAGE = LIMIT + 6000;

/** A filter whose matches are counted, as SQL too. */
interface Facet {
  readonly name: string;
  readonly query: Query;
  readonly sql: string;
}

const facets: readonly Facet[] = [
  { name: 'no filter', query: {}, sql: 'true' },
  customer('the big customer', 0),
  customer('a small customer', 77),
  {
    name: 'product',
    query: { product_id: idOf.product(7) },
    sql: `ticket_number IN (SELECT ticket_number FROM product_lines WHERE product_id = '${idOf.product(7)}')`,
  },
  { name: 'vin=', query: { vin: '' }, sql: 'vin IS NULL' },
];

function customer(name: string, number: number): Facet {
  const id = idOf.customer(number);
  return { name, query: { customer_id: id }, sql: `customer_id = '${id}'` };
}

/** `created_after` and `created_before`. */
type Bounds = readonly [after: number | undefined, before: number | undefined];

const iso = (time: number) => new Date(time).toISOString();

/**
 * Periods whose bounds fall where a day is dearest to count, near noon, and elsewhere; each with the
 * same bounds in milliseconds, both exclusive.
 */
function periods({ start, end }: Dataset): Record<string, readonly Bounds[]> {
  const day = (share: number) => start + Math.floor((end - start) / DAY / share) * DAY;
  const afters = [day(730), day(3) + 11.9 * HOUR, day(2) + 12.1 * HOUR, end - 12 * HOUR];
  const befores = [day(1.01), day(1.5) + 12 * HOUR - 1, day(2) + 12 * HOUR, day(8) + 12 * HOUR + 1];
  const spans = [
    [day(3) + 11.9 * HOUR, day(1.5) + 12.1 * HOUR],
    [start - DAY, end + DAY],
    [day(2) + 12 * HOUR, day(2) + DAY + 12 * HOUR],
    [day(2) + 2 * HOUR, day(2) + 22 * HOUR],
    [day(2), day(2) + DAY],
    [day(2) + 12 * HOUR, day(2) + 12 * HOUR + 1000],
  ] as const;
  return {
    'any time': [[undefined, undefined]],
    created_after: afters.map((after) => [after, undefined]),
    created_before: befores.map((before) => [undefined, before]),
    'both dates': spans,
  };
}

function dates(after: number | undefined, before: number | undefined): Query {
  return {
    ...(after !== undefined && { created_after: iso(after) }),
    ...(before !== undefined && { created_before: iso(before) }),
  };
}

async function totals(
  database: RuntimeDatabase,
  sql: string,
  bounds: readonly Bounds[],
): Promise<number[]> {
  const results = await database.batch<{ total: number }>(
    bounds.map(([after = 0, before = Number.MAX_SAFE_INTEGER]) =>
      database
        .prepare(
          `SELECT count(*) AS total FROM prepared_tickets
           WHERE partner_id = 1 AND created_at > ? AND created_at < ? AND ${sql}`,
        )
        .bind(after, before),
    ),
  );
  return results.map(({ results: rows }) => rows[0]?.total ?? 0);
}

/** Offsets in the middle of a list, near its end, on its last entry, and beyond it. */
function offsets(total: number): number[] {
  const places = [1, total / 3, total / 2, total - LIMIT - 1, total - 1, total, total + 1e6];
  return places.map(Math.floor).filter((offset) => offset > 0);
}

/** The lists of which the budget does not follow the number of matches. */
export async function countedLists(
  database: RuntimeDatabase,
  dataset: Dataset,
): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (const { name, query, sql } of facets) {
    for (const [when, bounds] of Object.entries(periods(dataset))) {
      const found = await totals(database, sql, bounds);
      const queries = bounds.map(([after, before]) => ({ ...query, ...dates(after, before) }));
      operations.push({
        name: `list, ${name}, ${when}: first page`,
        budget: listBudget(FIRST_PAGE),
        samples: queries.map(listSample),
      });
      operations.push({
        name: `list, ${name}, ${when}: any offset`,
        budget: listBudget(ANY_PAGE),
        samples: queries.flatMap((each, i) =>
          offsets(found[i] as number).map((offset) => listSample({ ...each, offset })),
        ),
      });
    }
  }
  return operations;
}

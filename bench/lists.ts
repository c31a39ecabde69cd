import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { DAY_MS, type Dataset, idOf } from './dataset.ts';
import { listBudget, listSample, type Operation } from './operations.ts';

type Query = Record<string, string | number>;

/** The page size of the lists. */
const LIMIT = 25;
const HOUR_MS = DAY_MS / 24;
/** The budgets of a first page and of any page in rows read. */
const FIRST_PAGE_ROWS = LIMIT + 3000;
const ANY_PAGE_ROWS = LIMIT + 6000;

/** A counted filter as query parameters and as SQL. */
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

/** `created_after` and `created_before` in milliseconds since 1970, both exclusive. */
type Bounds = readonly [after: number | undefined, before: number | undefined];

const iso = (time: number) => new Date(time).toISOString();

/**
 * Returns periods with bounds near noon, where counting a part of a day is most expensive, and at other
 * times.
 */
function periods({ start, end }: Dataset): Record<string, readonly Bounds[]> {
  const day = (share: number) => start + Math.floor((end - start) / DAY_MS / share) * DAY_MS;
  const afters = [day(730), day(3) + 11.9 * HOUR_MS, day(2) + 12.1 * HOUR_MS, end - 12 * HOUR_MS];
  const befores = [
    day(1.01),
    day(1.5) + 12 * HOUR_MS - 1,
    day(2) + 12 * HOUR_MS,
    day(8) + 12 * HOUR_MS + 1,
  ];
  const spans = [
    [day(3) + 11.9 * HOUR_MS, day(1.5) + 12.1 * HOUR_MS],
    [start - DAY_MS, end + DAY_MS],
    [day(2) + 12 * HOUR_MS, day(2) + DAY_MS + 12 * HOUR_MS],
    [day(2) + 2 * HOUR_MS, day(2) + 22 * HOUR_MS],
    [day(2), day(2) + DAY_MS],
    [day(2) + 12 * HOUR_MS, day(2) + 12 * HOUR_MS + 1000],
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

/** Returns offsets in the middle of a list, near its end, at its last entry, and beyond it. */
function offsets(total: number): number[] {
  const places = [1, total / 3, total / 2, total - LIMIT - 1, total - 1, total, total + 1e6];
  return places.map(Math.floor).filter((offset) => offset > 0);
}

/** Returns the lists whose budget does not depend on the number of matches. */
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
        budget: listBudget(FIRST_PAGE_ROWS),
        samples: queries.map(listSample),
      });
      operations.push({
        name: `list, ${name}, ${when}: any offset`,
        budget: listBudget(ANY_PAGE_ROWS),
        samples: queries.flatMap((each, i) =>
          offsets(found[i] as number).map((offset) => listSample({ ...each, offset })),
        ),
      });
    }
  }
  return operations;
}

import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { DAY_MS, type Dataset, idOf } from './dataset.ts';
import { type Collection, PREPARED_TICKETS } from './measure.ts';
import { listBudget, listSample, type Operation } from './operations.ts';

type Query = Record<string, string | number>;

/** The page size of the lists. */
const LIMIT = 25;
const FIRST_PAGE_ROWS = LIMIT + 2500;
const ANY_PAGE_ROWS = LIMIT + 4500;

/** A counted filter as query parameters and as SQL. */
interface Facet {
  readonly name: string;
  readonly query: Query;
  readonly sql: string;
}

/** Counted lists of one collection: its table, the time of its order with its bounds, and its filters. */
interface CountedLists {
  readonly what: string;
  readonly collection: Collection;
  readonly table: string;
  readonly time: string;
  readonly after: string;
  readonly before: string;
  readonly facets: readonly Facet[];
}

const facetsOfAll: readonly Facet[] = [
  { name: 'no filter', query: {}, sql: 'true' },
  customer('the big customer', 0),
  customer('a small customer', 77),
];

const facets: readonly Facet[] = [
  ...facetsOfAll,
  {
    name: 'product',
    query: { product_id: idOf.product(7) },
    sql: `(partner_id, ticket_number) IN (SELECT partner_id, ticket_number FROM product_lines WHERE product_id = '${idOf.product(7)}')`,
  },
  { name: 'vin=', query: { vin: '' }, sql: 'vin IS NULL' },
];

/** The counted lists of prepared tickets. */
const preparedLists: CountedLists = {
  what: 'list',
  collection: PREPARED_TICKETS,
  table: 'prepared_tickets',
  time: 'created_at',
  after: 'created_after',
  before: 'created_before',
  facets,
};

/** The counted lists of picked-up tickets. */
export const pickedUpLists: CountedLists = {
  what: 'list of picked-up tickets',
  collection: '/v2/tickets/tickets',
  table: 'tickets',
  time: 'picked_up_at',
  after: 'picked_up_after',
  before: 'picked_up_before',
  facets: facetsOfAll,
};

function customer(name: string, number: number): Facet {
  const id = idOf.customer(number);
  return { name, query: { customer_id: id }, sql: `customer_id = '${id}'` };
}

/** The bounds of a period in milliseconds since 1970, both exclusive. */
type Bounds = readonly [after: number | undefined, before: number | undefined];

const iso = (time: number) => new Date(time).toISOString();

/**
 * Periods whose bounds fall near both ends of all tickets, where most buckets lie between them, and
 * elsewhere; each with the same bounds in milliseconds, both exclusive.
 */
function periods(
  { start, end, tickets }: Dataset,
  lists: CountedLists,
): Record<string, readonly Bounds[]> {
  const at = (share: number) => Math.floor(start + (end - start) * share);
  /** The time of some tickets: bounds this far from an end fall anywhere in a part of a bucket. */
  const some = (count: number) => count / tickets;
  const afters = [0, some(150), some(399), 0.333, 0.5, 1 - some(200)];
  const befores = [some(200), 0.4, 0.6667, 1 - some(399), 1 - some(150), 1];
  const spans: readonly (readonly [number, number])[] = [
    [some(399), 1 - some(1)],
    [some(200), 1 - some(200)],
    [0.333, 0.6667],
    [0.5, 0.5 + some(2000)],
    [0.5, 0.5 + some(20)],
  ];
  return {
    'any time': [[undefined, undefined]],
    [lists.after]: afters.map((share) => [at(share), undefined]),
    [lists.before]: befores.map((share) => [undefined, at(share)]),
    'both dates': [
      ...spans.map(([from, to]): Bounds => [at(from), at(to)]),
      [start - DAY_MS, end + DAY_MS],
    ],
  };
}

function dates(lists: CountedLists, [after, before]: Bounds): Query {
  return {
    ...(after !== undefined && { [lists.after]: iso(after) }),
    ...(before !== undefined && { [lists.before]: iso(before) }),
  };
}

async function totals(
  database: RuntimeDatabase,
  { partner }: Dataset,
  { table, time }: CountedLists,
  sql: string,
  bounds: readonly Bounds[],
): Promise<number[]> {
  const results = await database.batch<{ total: number }>(
    bounds.map(([after = 0, before = Number.MAX_SAFE_INTEGER]) =>
      database
        .prepare(
          `SELECT count(*) AS total FROM ${table}
           WHERE partner_id = ${partner} AND ${time} > ? AND ${time} < ? AND ${sql}`,
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
  lists: CountedLists = preparedLists,
): Promise<Operation[]> {
  const { what, collection } = lists;
  const operations: Operation[] = [];
  for (const { name, query, sql } of lists.facets) {
    for (const [when, bounds] of Object.entries(periods(dataset, lists))) {
      const found = await totals(database, dataset, lists, sql, bounds);
      const queries = bounds.map((each) => ({ ...query, ...dates(lists, each) }));
      operations.push({
        name: `${what}, ${name}, ${when}: first page`,
        budget: listBudget(FIRST_PAGE_ROWS),
        samples: queries.map((each) => listSample(each, collection)),
      });
      operations.push({
        name: `${what}, ${name}, ${when}: any offset`,
        budget: listBudget(ANY_PAGE_ROWS),
        samples: queries.flatMap((each, i) =>
          offsets(found[i] as number).map((offset) => listSample({ ...each, offset }, collection)),
        ),
      });
    }
  }
  return operations;
}

import { expect } from 'vitest';
import { databaseOf, inEachHome } from './homes.ts';
import type { Ticket } from './tickets.ts';

/**
 * The conditions of filters in the simplest SQL. Any other filter compares the column of its name. Values
 * are bound in order.
 */
const conditions: Record<string, string> = {
  created_after: 'created_at > ?',
  created_before: 'created_at < ?',
  product_id:
    'EXISTS (SELECT 1 FROM product_lines l WHERE l.partner_id = t.partner_id AND l.ticket_number = t.ticket_number AND l.product_id = ?)',
  vin: 'vin IS ?',
  picked_up_after: 'picked_up_at > ?',
  picked_up_before: 'picked_up_at < ?',
};

/**
 * Returns the expected ids and total of a list by counting and skipping every row.
 *
 * @param filters the filters. Times are milliseconds since 1970, and `vin` is null for tickets without a VIN.
 * @param book the table of the tickets and the time of their order.
 */
export async function naiveList(
  partnerId: number,
  filters: Record<string, unknown>,
  { limit, offset }: { limit: number; offset: number },
  { table, time } = { table: 'prepared_tickets', time: 'created_at' },
): Promise<{ ids: string[]; total: number }> {
  const chosen = Object.keys(filters).map((name) => conditions[name] ?? `${name} = ?`);
  const where = ['partner_id = ?', ...chosen].join(' AND ');
  const values = [partnerId, ...Object.values(filters)];
  const database = databaseOf({ partnerId });
  const [rows, [counted]] = await Promise.all([
    database
      .prepare(
        `SELECT id FROM ${table} t WHERE ${where} ORDER BY ${time} DESC, ticket_number DESC LIMIT ? OFFSET ?`,
      )
      .bind(...values, limit, offset)
      .all<Pick<Ticket, 'id'>>(),
    database
      .prepare(`SELECT count(*) AS total FROM ${table} t WHERE ${where}`)
      .bind(...values)
      .all<{ total: number }>()
      .then(({ results }) => results),
  ]);
  return { ids: rows.results.map(({ id }) => id), total: counted?.total ?? 0 };
}

interface BucketRow {
  partner_id: number;
  begun_at: number;
  begun_1: number | null;
  begun_2: number | null;
  begun_3: number | null;
}

interface CountedRow {
  partner_id: number;
  created_at: number;
  customer_id?: string;
  vin?: string | null;
  product_id?: string;
}

/**
 * Returns the rows of each query, of all homes together if no database is given. All queries see the same state of a
 * home.
 */
async function rowsOf(queries: readonly string[], db?: D1Database): Promise<never[][]> {
  const read = (database: D1Database) =>
    database.batch<never>(queries.map((sql) => database.prepare(sql)));
  const found = await (db === undefined ? inEachHome(read) : Promise.all([read(db)]));
  return queries.map((_sql, i) => found.flatMap((results) => results[i]?.results ?? []));
}

/** Where a time falls: the last bucket that begins before or at it, and how many of its parts have begun. */
function placeOf(buckets: readonly BucketRow[], partner: number, time: number): string {
  const bucket = buckets.findLast(
    ({ partner_id, begun_at }) => partner_id === partner && begun_at <= time,
  );
  const { begun_1, begun_2, begun_3 } = bucket as BucketRow;
  const part = [begun_1, begun_2, begun_3].filter(
    (begun) => begun !== null && begun <= time,
  ).length;
  return `${bucket?.begun_at} part ${part}`;
}

/** SELECTs of the buckets that there are, and of everything that is counted in them. */
const counted = [
  "SELECT * FROM ticket_counts WHERE facet = 'all' ORDER BY begun_at",
  'SELECT * FROM prepared_tickets',
  'SELECT * FROM product_lines',
];

function countRows([buckets = [], ...found]: never[][]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of found.flat()) {
    const { partner_id, created_at, customer_id, vin, product_id }: CountedRow = row;
    const facets =
      product_id === undefined
        ? ['all', `customer:${customer_id}`, ...(vin === null ? ['no-vin'] : [])]
        : [`product:${product_id}`];
    for (const facet of facets) {
      const key = `${partner_id} ${facet} ${placeOf(buckets, partner_id, created_at)}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}

/** A SELECT of the stored counts that are not 0, by `partner facet day`. */
const kept = [0, 1, 2, 3]
  .map(
    (
      part,
    ) => `SELECT partner_id || ' ' || facet || ' ' || begun_at || ' part ${part}' AS key, part_${part} AS n
      FROM ticket_counts WHERE part_${part} <> 0`,
  )
  .join(' UNION ALL ');

/** SELECTs of the stored counts of picked-up tickets, and of those that the rows call for, by `partner facet`. */
const pickedUp = [
  `SELECT partner_id || ' ' || facet AS key,
     sum(part_0 + part_1 + part_2 + part_3) AS n FROM picked_up_counts GROUP BY 1`,
  `SELECT partner_id || ' all' AS key, count(*) AS n FROM tickets GROUP BY 1
   UNION ALL SELECT partner_id || ' customer:' || customer_id, count(*) FROM tickets GROUP BY 1`,
];

const byKey = (rows: readonly { key: string; n: number }[] = []) =>
  Object.fromEntries(rows.map(({ key, n }) => [key, n]));

/** Every count that the rows call for in the buckets that there are, as `partner facet bucket part` to number. */
const naiveCounts = async (db?: D1Database) => countRows(await rowsOf(counted, db));

/** Returns the stored counts that are not 0, by `partner facet day`. */
export const keptCounts = async (db?: D1Database) => byKey((await rowsOf([kept], db))[0]);

/** Expects that the stored counts of prepared tickets are those of the rows. */
export const expectExactCounts = async (db?: D1Database) =>
  expect(await keptCounts(db)).toEqual(await naiveCounts(db));

/** Pairs of a partner's tickets whose numbers and times are not in the same order: there must be none. */
export async function disorder(): Promise<unknown[]> {
  const disordered = `SELECT earlier.ticket_number, later.ticket_number AS later
     FROM prepared_tickets AS earlier
     JOIN prepared_tickets AS later ON later.partner_id = earlier.partner_id
       AND later.ticket_number > earlier.ticket_number AND later.created_at < earlier.created_at`;
  return (await rowsOf([disordered])).flat();
}

/** Returns the stored counts of picked-up tickets, and those that the rows call for, by `partner facet`. */
export async function pickedUpCounts() {
  const [stored, actual] = await rowsOf(pickedUp);
  return { kept: byKey(stored), actual: byKey(actual) };
}

/** Returns the stored counts of all tickets, and those that the rows call for, in one round trip to each home. */
export async function allCounts() {
  const [stored, storedPickedUp, actualPickedUp, ...rows] = await rowsOf([
    ...[kept, ...pickedUp],
    ...counted,
  ]);
  return {
    kept: [byKey(stored), byKey(storedPickedUp)],
    actual: [countRows(rows), byKey(actualPickedUp)],
  };
}

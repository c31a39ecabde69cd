import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { API, withWorld } from '../scripts/runtime/world.ts';
import { recount } from '../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { fill } from './dataset.ts';
import { countedLists } from './lists.ts';
import { Caller } from './measure.ts';
import { measureAll } from './operations.ts';
import { columns, findWorst, type Row } from './report.ts';

/** How much more a list may read after deletions than without the deleted tickets. */
const MAX_RATIO = 1.5;
const ALLOWANCE = 100;

/** Tickets of one statement. */
const CHUNK = 100_000;

async function run(database: RuntimeDatabase, ...statements: string[]): Promise<void> {
  for (const statement of statements) {
    await database.prepare(statement).run();
  }
}

async function numberOf(database: RuntimeDatabase, sql: string): Promise<number> {
  return (await database.prepare(sql).first<{ number: number }>())?.number ?? 0;
}

/** Deletes a share of all tickets at random with their lines, and corrects the counts in their buckets. */
async function deleteAtRandom(database: RuntimeDatabase, share: number): Promise<void> {
  const newest = await numberOf(database, 'SELECT max(newest) AS number FROM ticket_numbers');
  await run(
    database,
    'CREATE TABLE doomed (partner_id INTEGER, ticket_number INTEGER, PRIMARY KEY (partner_id, ticket_number)) WITHOUT ROWID',
  );
  const areDoomed = '(partner_id, ticket_number) IN (SELECT partner_id, ticket_number FROM doomed)';
  for (let from = 0; from <= newest; from += CHUNK) {
    await run(
      database,
      `INSERT INTO doomed SELECT partner_id, ticket_number FROM prepared_tickets
       WHERE partner_id IN (1, 2) AND ticket_number >= ${from} AND ticket_number < ${from + CHUNK}
         AND (random() & 1048575) < ${Math.round(share * 1_048_576)}`,
      `DELETE FROM product_lines WHERE ${areDoomed}`,
      `DELETE FROM prepared_tickets WHERE ${areDoomed}`,
      'DELETE FROM doomed',
    );
  }
  await run(database, 'DROP TABLE doomed', recount);
}

const COUNTS = 'SELECT count(*) AS number FROM ticket_counts';
const BUCKETS = "SELECT count(*) AS number FROM ticket_counts WHERE facet = 'all'";

/** Runs the scheduled task until it finds nothing to merge any more. @returns how often it ran. */
async function mergeAll(
  database: RuntimeDatabase,
  runScheduled: () => Promise<void>,
): Promise<number> {
  for (let runs = 1; ; runs++) {
    const before = await numberOf(database, COUNTS);
    await runScheduled();
    if ((await numberOf(database, COUNTS)) === before) {
      return runs;
    }
  }
}

/** Measures the lists of a partner that has, or had, so many tickets. */
function measureLists(tickets: number, days: number, deleted: number): Promise<Row[]> {
  return withWorld([], { EXPOSE_COST: 'true' }, async (world) => {
    const { database } = world;
    const dataset = await fill(database, tickets, days);
    if (deleted > 0) {
      await deleteAtRandom(database, deleted);
      const buckets = await numberOf(database, BUCKETS);
      const runs = await mergeAll(database, () => world.runScheduled(API));
      console.log(
        `${buckets} buckets after the deletions, ${await numberOf(database, BUCKETS)} after ${runs} runs of the scheduled task`,
      );
    }
    const left = 'SELECT count(*) AS number FROM prepared_tickets WHERE partner_id = 1';
    console.log(
      `${tickets} tickets of one partner, of which ${await numberOf(database, left)} are left`,
    );
    const operations = await countedLists(database, dataset);
    return measureAll(await Caller.of(world, 'big'), operations);
  });
}

const readOf = (row: Row) => findWorst(row, 'read').cost.read;

/**
 * Compares the rows that lists read after a share of the tickets was deleted with those that they read
 * when the deleted tickets never were.
 *
 * @returns whether no list reads more than 1.5 times as much and 100 rows.
 */
export async function compareAfterDeletions(
  tickets: number,
  days: number,
  deleted: number,
): Promise<boolean> {
  const after = await measureLists(tickets, days, deleted);
  // The data set comes in thousands.
  const left = Math.max(1000, Math.round((tickets * (1 - deleted)) / 1000) * 1000);
  const fresh = await measureLists(left, days, 0);
  const isOver = (row: Row, i: number) =>
    readOf(row) > MAX_RATIO * readOf(fresh[i] as Row) + ALLOWANCE;
  const head = ['', 'operation', 'rows read after deletions', 'without the deleted tickets'];
  const lines = after.map((row, i) => [
    isOver(row, i) ? 'OVER' : 'ok',
    row.name,
    String(readOf(row)),
    String(readOf(fresh[i] as Row)),
  ]);
  console.log(columns([head, ...lines]));
  return !after.some(isOver);
}

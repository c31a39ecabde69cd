import { idOf } from '../dataset.ts';
import type { Reads } from './worker.ts';

/** The D1 below answers at once. The timer of the deadline keeps this process alive until it is over. */
const RECORDING_TIMEOUT_MS = 1000;

type Recorded = Reads[string][number];

/** The used parts of `src/`. Its own types need the global types of Workers, which conflict with those of Node.js. */
interface Client {
  Database: new (d1: unknown, bookmark: undefined, timeoutMs: number) => object;
}
interface Repository {
  findPreparedTicket(db: object, partnerId: number, id: string): Promise<unknown>;
  listPreparedTickets(
    db: object,
    partnerId: number,
    filters: object,
    page: { limit: number; offset: number },
  ): Promise<unknown>;
}
const client: string = '../../src/db/client.ts';
const repository: string =
  '../../src/resources/tickets/prepared-tickets/prepared-tickets.repository.ts';

/** Returns the statements that `read` sends to a D1 that returns no rows. */
async function record(read: (db: object) => Promise<unknown>): Promise<Recorded[]> {
  const { Database } = (await import(client)) as Client;
  const recorded: Recorded[] = [];
  const session = {
    prepare: (sql: string) => ({
      bind: (...params: unknown[]) => {
        recorded.push({ sql, params });
        return { all: async () => ({ results: [], meta: {} }) };
      },
    }),
    getBookmark: () => null,
    batch: async (statements: unknown[]) => statements.map(() => ({ results: [], meta: {} })),
  };
  await read(new Database({ withSession: () => session }, undefined, RECORDING_TIMEOUT_MS));
  return recorded;
}

/** Records the D1 queries of the API's repository for partner 1: for one ticket, and for the first page of 25. */
export async function recordedReads(): Promise<{ one: Recorded[]; list: Recorded[] }> {
  const { findPreparedTicket, listPreparedTickets } = (await import(repository)) as Repository;
  return {
    one: await record((db) => findPreparedTicket(db, 1, idOf.ticket(77))),
    list: await record((db) => listPreparedTickets(db, 1, {}, { limit: 25, offset: 0 })),
  };
}

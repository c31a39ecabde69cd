import { idOf } from '../dataset.ts';
import type { Reads } from './worker.ts';

type Recorded = Reads[string][number];

/** What is used of `src/`, whose own types need the globals of Workers, which clash with Node.js's. */
interface Client {
  Database: new (d1: unknown, bookmark: undefined, patience: number) => object;
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

/** The statements that `read` sends to a D1 which answers each with nothing. */
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
    batch: async (statements: unknown[]) => statements.map(() => ({ results: [], meta: {} })),
  };
  await read(new Database({ withSession: () => session }, undefined, 60_000));
  return recorded;
}

/** What the API's own repository asks D1 for partner 1: one ticket, and the first page of 25. */
export async function recordedReads(): Promise<{ one: Recorded[]; list: Recorded[] }> {
  const { findPreparedTicket, listPreparedTickets } = (await import(repository)) as Repository;
  return {
    one: await record((db) => findPreparedTicket(db, 1, idOf.ticket(77))),
    list: await record((db) => listPreparedTickets(db, 1, {}, { limit: 25, offset: 0 })),
  };
}

import type { Identity } from '../../src/db/identity.ts';
import { migrationNames } from '../runtime/migrations.ts';
import type { ConfiguredHome } from './configured-homes.ts';
import { ExecutionFailed, execute, rowsOf } from './execute.ts';
import { identityOf, TABLES, type Verdict } from './identity.ts';

/** What a home contains. */
export interface HomeContents {
  /** Undefined if wrangler does not state it, as for a local database. */
  readonly sizeBytes: number | undefined;
  readonly partners: number;
  /** Milliseconds since 1970; null if it has no event. */
  readonly newestEvent: number | null;
  readonly deniedHosts: readonly string[];
}

/** What the database of a home says about itself. */
export interface HomeState extends Verdict {
  readonly home: ConfiguredHome;
  /** The names of the migrations that it lacks. */
  readonly missing: readonly string[];
  /** Undefined if the database lacks a table or does not answer. */
  readonly contents?: HomeContents;
}

/** The newest event of each partner is found by its key, so this reads one row for each partner. */
const CONTENTS = [
  'SELECT name FROM d1_migrations',
  'SELECT number, name FROM home',
  `SELECT count(*) AS partners, max((SELECT created_at FROM events WHERE partner_id = partners.id
    ORDER BY sequence DESC LIMIT 1)) AS newestEvent FROM partners`,
  'SELECT host FROM denied_hosts ORDER BY host',
];

const missingBeside = (applied: readonly { readonly name: string }[]) => {
  const names = new Set(applied.map(({ name }) => name));
  return migrationNames().filter((name) => !names.has(name));
};

/** Returns the state of a database that lacks some of the tables. */
async function stateWithoutTables(home: ConfiguredHome, remote: boolean): Promise<HomeState> {
  const [found] = await execute(home, remote, [TABLES]);
  const tables = rowsOf<{ name: string }>(found).map(({ name }) => name);
  const rowsIn = async <Row>(table: string): Promise<Row[]> => {
    const exists = tables.includes(table);
    return exists ? rowsOf<Row>((await execute(home, remote, [`SELECT * FROM ${table}`]))[0]) : [];
  };
  return {
    home,
    ...identityOf(home, await rowsIn<Identity>('home')),
    missing: missingBeside(await rowsIn<{ name: string }>('d1_migrations')),
  };
}

async function stateOf(home: ConfiguredHome, remote: boolean): Promise<HomeState> {
  const [applied, identity, partners, hosts] = await execute(home, remote, CONTENTS);
  const [numbers] = rowsOf<Pick<HomeContents, 'partners' | 'newestEvent'>>(partners);
  return {
    home,
    ...identityOf(home, rowsOf<Identity>(identity)),
    missing: missingBeside(rowsOf<{ name: string }>(applied)),
    contents: {
      partners: numbers?.partners ?? 0,
      newestEvent: numbers?.newestEvent ?? null,
      sizeBytes: partners?.meta.size_after,
      deniedHosts: rowsOf<{ host: string }>(hosts).map(({ host }) => host),
    },
  };
}

/** Asks the database of a home about itself: with one query, and with up to three more if it lacks a table. */
export async function readHomeState(home: ConfiguredHome, remote: boolean): Promise<HomeState> {
  const withFault = (error: unknown): HomeState => {
    if (error instanceof ExecutionFailed) {
      const fault = `It does not answer. ${error.message}`;
      return { home, fault, isUnclaimed: false, missing: [] };
    }
    throw error;
  };
  try {
    return await stateOf(home, remote);
  } catch (error) {
    return error instanceof ExecutionFailed && error.lacksTable
      ? stateWithoutTables(home, remote).catch(withFault)
      : withFault(error);
  }
}

import type { SQL } from 'drizzle-orm';
import type { InOrder, Rows } from '../../src/db/statements.ts';
import type { Home } from '../../src/homes.ts';

/** Statements by name, in the form that `Database` takes. */
export type NamedSql = Readonly<Record<string, SQL | undefined>>;

/** A database that holds partners, local or deployed. Each call runs in one transaction. */
interface PartnerDatabase {
  /**
   * Returns the rows of each statement under the name of the statement.
   *
   * @throws DatabaseFailed if the database cannot be reached or returns an error.
   */
  read<S extends NamedSql>(statements: S & InOrder<S>): Promise<Rows<S>>;
  /**
   * Returns the rows of each statement under the name of the statement.
   *
   * @throws DatabaseFailed if the database cannot be reached or returns an error. The write may have
   * taken effect.
   */
  write<S extends NamedSql>(statements: S & InOrder<S>): Promise<Rows<S>>;
}

/** The database of a home. A call fails if the database is that of another home. */
export interface HomeDatabase extends PartnerDatabase {
  readonly home: Home;
}

/** The dependencies of a command. */
export interface Context {
  /** The databases of all homes, `main` first. */
  readonly homes: readonly [HomeDatabase, ...HomeDatabase[]];
  readonly where: 'local' | 'deployed';
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The kind that the prefix of a new API key names. */
  readonly keyKind: 'live' | 'test';
}

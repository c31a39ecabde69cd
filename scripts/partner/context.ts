import type { SQL } from 'drizzle-orm';
import type { InOrder, Rows } from '../../src/db/statements.ts';

/** Statements by name, as `Database` takes them. */
export type NamedSql = Readonly<Record<string, SQL | undefined>>;

/** The database of partners, local or deployed. Each call is one transaction: all or nothing. */
export interface PartnerDatabase {
  /**
   * Returns the rows of each statement, under its name.
   *
   * @throws DatabaseFailed
   */
  read<S extends NamedSql>(statements: S & InOrder<S>): Promise<Rows<S>>;
  /**
   * Returns the rows of each statement, under its name.
   *
   * @throws DatabaseFailed, also when it is not known whether anything was changed.
   */
  write<S extends NamedSql>(statements: S & InOrder<S>): Promise<Rows<S>>;
}

/** What a command works with. */
export interface Context {
  readonly db: PartnerDatabase;
  readonly where: 'local' | 'deployed';
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What new API keys say of themselves. */
  readonly keyKind: 'live' | 'test';
}

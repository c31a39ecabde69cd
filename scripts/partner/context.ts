import type { SQL } from 'drizzle-orm';

/** The rows of each statement, in order. */
export type Rows<S extends readonly SQL[]> = {
  -readonly [K in keyof S]: S[K] extends SQL<infer R> ? R[] : never;
};

/** The database of partners, local or deployed. Each call is one transaction: all or nothing. */
export interface PartnerDatabase {
  /** @throws DatabaseFailed */
  read<const S extends readonly SQL[]>(statements: S): Promise<Rows<S>>;
  /** @throws DatabaseFailed, also when it is not known whether anything was changed. */
  write<const S extends readonly SQL[]>(statements: S): Promise<Rows<S>>;
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

import { type SQL, sql } from 'drizzle-orm';

/** What a conditional change accepts: any present state, or these versions of a row. */
export type Versions = '*' | readonly number[];

/** The condition that a row has one of these versions; true when any will do. */
export function hasVersion(versions: Versions | undefined): SQL {
  if (versions === undefined || versions === '*') {
    return sql`true`;
  }
  const [only, ...others] = versions;
  return others.length === 0
    ? sql`version = ${only ?? null}`
    : // One value, for D1 binds a hundred at most.
      sql`version IN (SELECT value FROM json_each(${JSON.stringify(versions)}))`;
}

/** The same rule for a row that was read. */
export function accepts(versions: Versions | undefined, version: number): boolean {
  return versions === undefined || versions === '*' || versions.includes(version);
}

import { type SQL, sql } from 'drizzle-orm';

/** The versions that a conditional header names: every one, or those of a list. */
export type Versions = '*' | readonly number[];

/** What a request demands of the present state of a row (RFC 9110 §13.1); no member demands nothing. */
export interface Preconditions {
  /** The row exists with one of these versions. */
  readonly ifMatch?: Versions | undefined;
  /** The row does not exist with any of these versions. */
  readonly ifNoneMatch?: Versions | undefined;
}

/** The condition that a row has one of these versions. */
function hasVersion(versions: Versions): SQL {
  if (versions === '*') {
    return sql`true`;
  }
  const [only, ...others] = versions;
  if (only === undefined) {
    return sql`false`;
  }
  return others.length === 0
    ? sql`version = ${only}`
    : // One value, for D1 binds a hundred at most.
      sql`version IN (SELECT value FROM json_each(${JSON.stringify(versions)}))`;
}

/** Returns the condition that an existing row meets the preconditions, for a statement on its table. */
export function meets({ ifMatch, ifNoneMatch }: Preconditions): SQL {
  const match = ifMatch === undefined ? sql`true` : hasVersion(ifMatch);
  return ifNoneMatch === undefined ? match : sql`${match} AND NOT ${hasVersion(ifNoneMatch)}`;
}

const names = (versions: Versions, version: number) =>
  versions === '*' || versions.includes(version);

/** Returns whether an existing row of this version meets the preconditions, as `meets` does in SQL. */
export function areMet({ ifMatch, ifNoneMatch }: Preconditions, version: number): boolean {
  return (
    (ifMatch === undefined || names(ifMatch, version)) &&
    (ifNoneMatch === undefined || !names(ifNoneMatch, version))
  );
}

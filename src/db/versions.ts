import { type SQL, sql } from 'drizzle-orm';

/** The versions that a conditional header names: any version (`*`), or a list. */
export type Versions = '*' | readonly number[];

/**
 * The conditions of a request on the current version of a row (RFC 9110 §13.1). Both members are
 * optional.
 */
export interface Preconditions {
  /** The row must exist and have one of these versions. */
  readonly ifMatch?: Versions | undefined;
  /** The row must not have any of these versions. */
  readonly ifNoneMatch?: Versions | undefined;
}

/** Returns the condition that a row has one of these versions. */
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
    : // The list is bound as one JSON value, because D1 binds at most 100 values.
      sql`version IN (SELECT value FROM json_each(${JSON.stringify(versions)}))`;
}

/** Returns the condition that an existing row meets the preconditions, for a statement on its table. */
export function meets({ ifMatch, ifNoneMatch }: Preconditions): SQL {
  const match = ifMatch === undefined ? sql`true` : hasVersion(ifMatch);
  return ifNoneMatch === undefined ? match : sql`${match} AND NOT ${hasVersion(ifNoneMatch)}`;
}

const includesVersion = (versions: Versions, version: number) =>
  versions === '*' || versions.includes(version);

/** Returns whether an existing row of this version meets the preconditions, as `meets` does in SQL. */
export function areMet({ ifMatch, ifNoneMatch }: Preconditions, version: number): boolean {
  return (
    (ifMatch === undefined || includesVersion(ifMatch, version)) &&
    (ifNoneMatch === undefined || !includesVersion(ifNoneMatch, version))
  );
}

import { type SQL, sql } from 'drizzle-orm';

/** What the entity tag of a row consists of, without its quotes (RFC 9110 §8.8.3): in a result, and in SQL. */
interface TagOf<Row> {
  readonly of: (row: Row) => string;
  readonly inSql: SQL;
}

/** The tag of a row whose id is never used again: its version. */
export const versionTag: TagOf<{ readonly version: number }> = {
  of: ({ version }) => `${version}`,
  inSql: sql`cast(version AS TEXT)`,
};

/**
 * The tag of a ticket or of one of its lines. A reference can lead to another ticket later, so the tag contains the
 * number of the ticket, which no other ticket of the partner ever has.
 */
export const ticketTag: TagOf<{ readonly ticket_number: number; readonly version: number }> = {
  of: ({ ticket_number, version }) => `${ticket_number}-${version}`,
  inSql: sql`(ticket_number || '-' || version)`,
};

/** The entity tags that a conditional header names, without their quotes: any tag (`*`), or a list. */
export type Tags = '*' | readonly string[];

/**
 * The conditions of a request on the current entity tag of a row (RFC 9110 §13.1). Both members are
 * optional.
 */
export interface Preconditions {
  /** The row must exist and have one of these tags. */
  readonly ifMatch?: Tags | undefined;
  /** The row must not have any of these tags. */
  readonly ifNoneMatch?: Tags | undefined;
}

/** Returns the condition that a row has one of these tags. */
function hasTag(tags: Tags, { inSql }: TagOf<never>): SQL {
  if (tags === '*') {
    return sql`true`;
  }
  const [only, ...others] = tags;
  if (only === undefined) {
    return sql`false`;
  }
  return others.length === 0
    ? sql`${inSql} = ${only}`
    : // The list is bound as one JSON value, because D1 binds at most 100 values.
      sql`${inSql} IN (SELECT value FROM json_each(${JSON.stringify(tags)}))`;
}

/** Returns the condition that an existing row meets the preconditions, for a statement on its table. */
export function meets({ ifMatch, ifNoneMatch }: Preconditions, kind: TagOf<never>): SQL {
  const match = ifMatch === undefined ? sql`true` : hasTag(ifMatch, kind);
  return ifNoneMatch === undefined ? match : sql`${match} AND NOT ${hasTag(ifNoneMatch, kind)}`;
}

const includesTag = (tags: Tags, tag: string) => tags === '*' || tags.includes(tag);

/** Returns whether an existing row with this tag meets the preconditions, as `meets` does in SQL. */
export function areMet({ ifMatch, ifNoneMatch }: Preconditions, tag: string): boolean {
  return (
    (ifMatch === undefined || includesTag(ifMatch, tag)) &&
    (ifNoneMatch === undefined || !includesTag(ifNoneMatch, tag))
  );
}

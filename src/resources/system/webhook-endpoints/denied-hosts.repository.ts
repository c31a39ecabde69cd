import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';

/**
 * The most names that a statement compares, because D1 binds at most 100 values and limits the depth of an expression.
 * A host has up to 127 labels, and no sensible entry of the list has so many.
 */
const MAX_NAMES = 50;

/** Returns a host name and the names of the domains above it, the longest first. */
function namesAbove(host: string): string[] {
  const labels = host.split('.');
  return labels.map((_, index) => labels.slice(index).join('.')).slice(-MAX_NAMES);
}

/**
 * Returns the condition that the operator has denied the host of a URL, or a domain above it. It reads at most one row,
 * and none if none of them is denied. Each name is looked up on its own, because D1 counts each value of a list as a
 * row that was read.
 *
 * @param url a text that is no URL has no host, so it is not denied. Nothing is sent to it either.
 */
export function isDeniedHost(url: string): SQL {
  const names = namesAbove(URL.canParse(url) ? new URL(url).hostname : '');
  const denials = names.map(
    (name) => sql`EXISTS (SELECT 1 FROM denied_hosts WHERE host = ${name})`,
  );
  return sql`(${sql.join(denials, sql` OR `)})`;
}

/** Returns whether the operator has denied the host of a URL now. @throws the errors of `Database.readPrimary`. */
export async function findDenial(db: Database, url: string): Promise<boolean> {
  const { found } = await db.ofAllPartners.readPrimary({
    found: sql<{ is_denied: 0 | 1 }>`SELECT ${isDeniedHost(url)} AS is_denied`,
  });
  return found[0]?.is_denied === 1;
}

import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';

/** Returns a host name and the names of all domains above it, the longest first. */
function namesAbove(host: string): string[] {
  const labels = host.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/**
 * Returns the condition that the operator has denied the host of a URL, or a domain above it. It reads at most one row
 * for each label of the host, and none while nothing is denied.
 *
 * @param url an absolute URL.
 */
export function isDeniedHost(url: string): SQL {
  const names = JSON.stringify(namesAbove(new URL(url).hostname));
  return sql`EXISTS (SELECT 1 FROM json_each(${names}) CROSS JOIN denied_hosts ON host = value)`;
}

/** Returns whether the operator has denied the host of a URL now. @throws the errors of `Database.readPrimary`. */
export async function findDenial(db: Database, url: string): Promise<boolean> {
  const { found } = await db.readPrimary({
    found: sql<{ is_denied: 0 | 1 }>`SELECT ${isDeniedHost(url)} AS is_denied`,
  });
  return found[0]?.is_denied === 1;
}

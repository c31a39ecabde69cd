import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';

/** How old a copy is when the same document is written again, in milliseconds. */
export const SCANNER_KEYS_RENEWAL_MS = 86_400_000;

/** The copy of the public keys of the secret scanner in the database. */
export interface KeptScannerKeys {
  /** The document as JSON. */
  readonly document: string;
  /** Milliseconds since 1970. */
  readonly fetched_at: number;
}

/** Returns the copy of the keys of a URL; undefined if there is none. */
export async function findScannerKeys(
  db: Database,
  url: string,
): Promise<KeptScannerKeys | undefined> {
  const { kept } = await db.beforeAuthentication.readPrimary({
    kept: sql<KeptScannerKeys>`SELECT document, fetched_at FROM scanner_keys WHERE url = ${url}`,
  });
  return kept[0];
}

/** Keeps a copy of the keys of a URL, unless the one that is kept is newer, or the same and younger than a day. */
export async function keepScannerKeys(
  db: Database,
  url: string,
  { document, fetched_at }: KeptScannerKeys,
): Promise<void> {
  await db.beforeAuthentication.write({
    keep: sql<never>`INSERT INTO scanner_keys (url, document, fetched_at)
      VALUES (${url}, ${document}, ${fetched_at})
      ON CONFLICT (url) DO UPDATE SET document = excluded.document, fetched_at = excluded.fetched_at
      WHERE excluded.fetched_at > scanner_keys.fetched_at
        AND (excluded.document <> scanner_keys.document
          OR excluded.fetched_at - scanner_keys.fetched_at >= ${SCANNER_KEYS_RENEWAL_MS})`,
  });
}

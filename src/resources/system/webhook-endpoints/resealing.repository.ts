import { type SQL, sql } from 'drizzle-orm';
import type { SealingKeys } from '../../../auth/sealing-keys.ts';
import type { Database } from '../../../db/client.ts';
import { openSecret, sealSecret } from './secrets.ts';

/** The most endpoints whose secrets one run seals again. The next run continues. */
const MAX_RESEALED_ENDPOINTS = 100;

/** An endpoint with a secret that an older key sealed. */
interface OutdatedEndpoint {
  readonly id: string;
  /** Null if the current key sealed it. */
  readonly secret: string | null;
  readonly retired_secret: string | null;
}

type SecretColumn = 'secret' | 'retired_secret';

/** Returns the statement that replaces a sealed secret, unless a rotation has replaced it meanwhile. */
const replace = (id: string, column: SecretColumn, from: string, to: string) =>
  sql<never>`UPDATE webhook_endpoints SET ${sql.identifier(column)} = ${to}
    WHERE id = ${id} AND ${sql.identifier(column)} = ${from}`;

/** Seals the secrets of an endpoint with the current key. */
async function resealEndpoint(
  db: Database,
  keys: SealingKeys,
  { id, ...sealed }: OutdatedEndpoint,
): Promise<void> {
  const replacement = async (column: SecretColumn) => {
    const from = sealed[column];
    return from === null
      ? undefined
      : replace(id, column, from, await sealSecret(keys, id, await openSecret(keys, id, from)));
  };
  await db.write({
    secret: await replacement('secret'),
    retired: await replacement('retired_secret'),
  });
}

/**
 * Seals the secrets of webhook endpoints that an older key sealed with the current key, so that the older key
 * can be removed. It also removes retired secrets that have expired.
 *
 * @param now milliseconds since 1970.
 * @returns the number of endpoints whose secrets were sealed again.
 * @throws the first error after all secrets were tried: a secret whose key is missing stays as it is.
 */
export async function resealSecrets(db: Database, keys: SealingKeys, now: number): Promise<number> {
  const prefix = `${keys.current}.`;
  const isOutdated = (column: SQL) => sql`substr(${column}, 1, ${prefix.length}) <> ${prefix}`;
  const [secret, retired] = [sql`secret`, sql`retired_secret`];
  const { rows } = await db.write({
    expire: sql<never>`UPDATE webhook_endpoints SET retired_secret = NULL, retired_expires_at = NULL
      WHERE retired_expires_at <= ${now}`,
    // A random order, so that secrets whose key is missing do not keep the others from their turn.
    outdated: sql<OutdatedEndpoint>`SELECT id, iif(${isOutdated(secret)}, secret, NULL) AS secret,
        iif(${isOutdated(retired)}, retired_secret, NULL) AS retired_secret
      FROM webhook_endpoints WHERE ${isOutdated(secret)} OR ${isOutdated(retired)}
      ORDER BY random() LIMIT ${MAX_RESEALED_ENDPOINTS}`,
  });
  const faults: unknown[] = [];
  for (const endpoint of rows.outdated) {
    await resealEndpoint(db, keys, endpoint).catch((error) => faults.push(error));
  }
  if (faults.length > 0) {
    throw faults[0];
  }
  return rows.outdated.length;
}

import { sql } from 'drizzle-orm';
import type { SealingKeys } from '../../../auth/sealing-keys.ts';
import { sha256 } from '../../../auth/secrets.ts';
import type { Database } from '../../../db/client.ts';
import type { Steps } from '../../../db/removal.ts';
import { openSecret, sealSecret } from './secrets.ts';

/** The most endpoints whose secrets one run seals again. The next run continues. */
const MAX_RESEALED_ENDPOINTS = 100;

type SecretColumn = 'secret' | 'retired_secret';

/** The column with the SHA-256 of a secret. */
const digestColumn = { secret: 'secret_sha256', retired_secret: 'retired_sha256' } as const;

/** An endpoint with a secret that an older key sealed, or whose SHA-256 is not known. */
interface OutdatedEndpoint extends Readonly<Record<SecretColumn, string | null>> {
  readonly id: string;
}

/**
 * Returns the statement that replaces a sealed secret and writes its SHA-256, unless a rotation has replaced it
 * meanwhile.
 */
const replace = (id: string, column: SecretColumn, from: string, to: string, digest: string) =>
  sql<never>`UPDATE webhook_endpoints
    SET ${sql.identifier(column)} = ${to}, ${sql.identifier(digestColumn[column])} = ${digest}
    WHERE id = ${id} AND ${sql.identifier(column)} = ${from}`;

/**
 * Returns the statements that seal the outdated secrets of an endpoint with the current key, and write the SHA-256 of
 * each.
 *
 * @throws Error if no key opens a secret.
 */
async function resealing(keys: SealingKeys, { id, ...sealed }: OutdatedEndpoint) {
  const replacement = async (column: SecretColumn) => {
    const from = sealed[column];
    if (from === null) {
      return undefined;
    }
    const secret = await openSecret(keys, id, from);
    return replace(id, column, from, await sealSecret(keys, id, secret), await sha256(secret));
  };
  return {
    secret: await replacement('secret'),
    retired: await replacement('retired_secret'),
  };
}

/**
 * Seals the secrets of webhook endpoints that an older key sealed with the current key, so that the older key
 * can be removed. It does the same with secrets that were stored without their SHA-256, and writes it, so that a report
 * of leaked secrets finds them. It also removes retired secrets that have expired.
 *
 * @param now milliseconds since 1970.
 * @throws the first error after all secrets were tried: a secret whose key is missing stays as it is.
 */
export async function* resealSecrets(db: Database, keys: SealingKeys, now: number): Steps {
  const prefix = `${keys.current}.`;
  const isOutdated = (column: SecretColumn) => {
    const [secret, digest] = [sql.identifier(column), sql.identifier(digestColumn[column])];
    return sql`${secret} IS NOT NULL
      AND (${digest} IS NULL OR substr(${secret}, 1, ${prefix.length}) <> ${prefix})`;
  };
  const outdated = (column: SecretColumn) =>
    sql`iif(${isOutdated(column)}, ${sql.identifier(column)}, NULL) AS ${sql.identifier(column)}`;
  const all = db.ofAllPartners;
  const { rows } = await all.write({
    expire: sql<never>`UPDATE webhook_endpoints
      SET retired_secret = NULL, retired_sha256 = NULL, retired_expires_at = NULL
      WHERE retired_expires_at <= ${now}`,
    // A random order, so that secrets whose key is missing do not keep the others from their turn.
    outdated: sql<OutdatedEndpoint>`SELECT id, ${outdated('secret')}, ${outdated('retired_secret')}
      FROM webhook_endpoints WHERE ${isOutdated('secret')} OR ${isOutdated('retired_secret')}
      ORDER BY random() LIMIT ${MAX_RESEALED_ENDPOINTS}`,
  });
  const faults: unknown[] = [];
  for (const endpoint of rows.outdated) {
    const statements = await resealing(keys, endpoint).catch((error) => void faults.push(error));
    if (statements !== undefined) {
      await all.write(statements);
      yield 1;
    }
  }
  if (faults.length > 0) {
    throw faults[0];
  }
}

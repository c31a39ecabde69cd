import { sql } from 'drizzle-orm';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import { rotationStatements } from '../../src/resources/system/rotation.repository.ts';
import type { Context } from './context.ts';
import type { CredentialTarget } from './credential.ts';
import { partnerOf, requireCredential } from './rows.ts';
import { newSecret } from './secrets.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

/**
 * Gives a client or an API key a new secret.
 *
 * @param overlap seconds for which the old one stays valid.
 * @throws NotPossible when there is no such client or key.
 */
export async function rotate(
  target: CredentialTarget,
  overlap: number,
  { db, where, now, keyKind }: Context,
): Promise<Outcome> {
  const { kind, id } = target;
  const { sha256, shown } = await newSecret(kind, keyKind);
  const {
    partner: [partner],
    rotate: rows,
  } = await db.write({
    partner: partnerOf(target),
    ...rotationStatements(kind, sql`id = ${id}`, { sha256, now, overlapSeconds: overlap }),
  });
  const owner = requireCredential(kind, partner);
  const views = rows.map((row) => ({
    ...credentialView(row, shown),
    // Of one that is disabled it has ended: enabling does not bring it back.
    old_secret_expires_at: formatDateTime(
      Math.min(
        row.disabled_at === null ? now + overlap * 1000 : now,
        row.expires_at ?? Number.POSITIVE_INFINITY,
      ),
    ),
  }));
  const heading = `Rotated in the ${where} database. Keep the new secret now: it is not shown again, for only its hash is stored.`;
  return changed(heading, partnerView(owner, { [kind.table]: views }));
}

import { sql } from 'drizzle-orm';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import { rotationStatements } from '../../src/resources/system/credentials.repository.ts';
import { recordOperation } from '../../src/resources/system/owned.repository.ts';
import { homeWith, placeOf } from './across-homes.ts';
import type { Context } from './context.ts';
import type { CredentialTarget } from './credential.ts';
import { byOperator, partnerOf, requireCredential } from './rows.ts';
import { newSecret } from './secrets.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

/**
 * Replaces the secret of a client or an API key with a new one.
 *
 * @param overlap seconds for which the old secret stays valid.
 * @throws NotPossible if the client or API key does not exist.
 */
export async function rotate(
  target: CredentialTarget,
  overlap: number,
  context: Context,
): Promise<Outcome> {
  const { kind, id } = target;
  const { now, keyKind } = context;
  const db = await homeWith(partnerOf(target), context);
  const { sha256, shown } = await newSecret(kind, keyKind, db);
  const {
    partner: [partner],
    update: rows,
  } = await db.write({
    partner: partnerOf(target),
    record: recordOperation(kind, 'rotated', sql`id = ${id}`, now),
    ...rotationStatements(kind, byOperator(sql`id = ${id}`), {
      secret: sha256,
      now,
      overlapSeconds: overlap,
    }),
  });
  const owner = requireCredential(kind, partner);
  const views = rows.map((row) => ({
    ...credentialView(row, shown),
    // A disabled credential has no overlap: enabling it does not make the old secret valid again.
    old_secret_expires_at: formatDateTime(
      Math.min(
        row.disabled_at === null ? now + overlap * 1000 : now,
        row.expires_at ?? Number.POSITIVE_INFINITY,
      ),
    ),
  }));
  const heading = `Rotated in ${placeOf(db, context)}. Store the new secret now: it is not shown again, because only its hash is stored.`;
  return changed(heading, partnerView(db, owner, { [kind.table]: views }));
}

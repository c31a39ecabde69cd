import { sql } from 'drizzle-orm';
import { deleteStatements, recordOperation } from '../../src/resources/system/owned.repository.ts';
import { homeWith, placeOf } from './across-homes.ts';
import type { Context } from './context.ts';
import type { CredentialTarget } from './credential.ts';
import { byOperator, partnerOf, requireCredential } from './rows.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

/**
 * Deletes a client or an API key permanently. It no longer counts towards the partner's maximum.
 *
 * @throws NotPossible if the client or API key does not exist.
 */
export async function remove(target: CredentialTarget, context: Context): Promise<Outcome> {
  const { kind, id } = target;
  const db = await homeWith(partnerOf(target), context);
  const {
    partner: [partner],
    delete: rows,
  } = await db.write({
    partner: partnerOf(target),
    record: recordOperation(kind, 'deleted', sql`id = ${id}`, context.now),
    ...deleteStatements(kind, byOperator(sql`id = ${id}`)),
  });
  const owner = requireCredential(kind, partner);
  const views = rows.map((row) => credentialView(row));
  const heading = `Deleted from ${placeOf(db, context)}. Every location rejects the deleted credential within 60 seconds.`;
  return changed(heading, partnerView(db, owner, { [kind.table]: views }));
}

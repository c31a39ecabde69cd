import { type SQL, sql } from 'drizzle-orm';
import {
  apiKey,
  type CredentialKind,
  type CredentialRow,
  client,
  disableStatements,
  enableStatements,
} from '../../src/resources/system/credentials.repository.ts';
import { homeWith, placeOf } from './across-homes.ts';
import type { Context } from './context.ts';
import type { CredentialTarget } from './credential.ts';
import {
  type PartnerRow,
  partnerColumns,
  partnerId,
  partnerNamed,
  partnerOf,
  requireCredential,
  requirePartner,
} from './rows.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

type Change = 'disable' | 'enable';

/** The statements of a change. `change` returns the changed rows. */
interface ChangeStatements {
  readonly record: SQL<never>;
  readonly capRetiredExpiry?: SQL<never>;
  readonly change: SQL<CredentialRow>;
}

const changeStatements: Record<
  Change,
  (kind: CredentialKind, condition: SQL, now: number) => ChangeStatements
> = { disable: disableStatements, enable: enableStatements };

const heading = (change: Change, place: string) =>
  change === 'disable'
    ? `Disabled in ${place}. Every location rejects the disabled credentials within 60 seconds. Old secrets that a rotation left valid are revoked permanently.`
    : `Enabled in ${place}.`;

/** Returns the statement that changes the state of the partner itself. It returns the partner's row. */
function changePartner(change: Change, name: string, now: number) {
  const disabledAt = change === 'disable' ? sql`coalesce(disabled_at, ${now})` : sql`NULL`;
  return sql<PartnerRow>`UPDATE partners SET disabled_at = ${disabledAt} WHERE name = ${name}
    RETURNING ${partnerColumns}`;
}

/**
 * Disables or enables a client, an API key, or a partner with all its clients and API keys. A disabled
 * partner also has a state of its own, because a concurrent request could create or enable a credential
 * after the statements here read the rows.
 *
 * @throws NotPossible if the client, API key or partner does not exist.
 */
export async function changeAccess(
  change: Change,
  target: CredentialTarget | { readonly partner: string },
  context: Context,
): Promise<Outcome> {
  const { now } = context;
  const isOne = 'kind' in target;
  const db = await homeWith(isOne ? partnerOf(target) : partnerNamed(target.partner), context);
  const kinds: readonly CredentialKind[] = isOne ? [target.kind] : [client, apiKey];
  const condition = isOne ? sql`id = ${target.id}` : sql`partner_id = ${partnerId(target.partner)}`;
  const statementsOf = (kind: CredentialKind): Partial<ChangeStatements> =>
    kinds.includes(kind) ? changeStatements[change](kind, condition, now) : {};
  const ofClients = statementsOf(client);
  const ofKeys = statementsOf(apiKey);
  const {
    partner: [partner],
    ...rows
  } = await db.write({
    partner: isOne ? partnerOf(target) : changePartner(change, target.partner, now),
    recordClients: ofClients.record,
    endRetiredSecrets: ofClients.capRetiredExpiry,
    clients: ofClients.change,
    recordKeys: ofKeys.record,
    endRetiredKeys: ofKeys.capRetiredExpiry,
    api_keys: ofKeys.change,
  });
  const owner = isOne ? requireCredential(target.kind, partner) : requirePartner(partner);
  const shown = kinds.map(({ table }) => [
    table,
    rows[table]?.map((row) => credentialView(row)) ?? [],
  ]);
  return changed(
    heading(change, placeOf(db, context)),
    partnerView(db, owner, Object.fromEntries(shown)),
  );
}

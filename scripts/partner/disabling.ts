import { type SQL, sql } from 'drizzle-orm';
import {
  apiKey,
  type CredentialKind,
  type CredentialRow,
  client,
} from '../../src/resources/system/credentials.repository.ts';
import {
  disableStatements,
  enableStatement,
} from '../../src/resources/system/disabling.repository.ts';
import type { Context } from './context.ts';
import type { CredentialTarget } from './credential.ts';
import {
  type PartnerRow,
  partnerColumns,
  partnerId,
  partnerOf,
  requireCredential,
  requirePartner,
} from './rows.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

type Change = 'disable' | 'enable';

const heading = (change: Change, { where }: Context) =>
  change === 'disable'
    ? `Disabled in the ${where} database: refused within 60 seconds, everywhere. Old secrets that a rotation left valid have ended for good.`
    : `Enabled in the ${where} database.`;

/** The statement that changes the state of the partner itself, with the row that it gives. */
function changePartner(change: Change, name: string, now: number) {
  const disabledAt = change === 'disable' ? sql`coalesce(disabled_at, ${now})` : sql`NULL`;
  return sql<PartnerRow>`UPDATE partners SET disabled_at = ${disabledAt} WHERE name = ${name}
    RETURNING ${partnerColumns}`;
}

/** The statements of a change; together they give the rows. */
function statements(
  change: Change,
  kind: CredentialKind,
  condition: SQL,
  now: number,
): readonly SQL<CredentialRow>[] {
  return change === 'disable'
    ? disableStatements(kind, condition, now)
    : [enableStatement(kind, condition, now)];
}

/**
 * Disables, or enables, a client, an API key, or a partner with all of its clients and API keys. The
 * state of the partner stops what its rows cannot: a request that makes or enables one meanwhile.
 *
 * @throws NotPossible when there is no such client, key or partner.
 */
export async function changeAccess(
  change: Change,
  target: CredentialTarget | { readonly partner: string },
  context: Context,
): Promise<Outcome> {
  const { db, now } = context;
  const isOne = 'kind' in target;
  const kinds = isOne ? [target.kind] : [client, apiKey];
  const condition = isOne ? sql`id = ${target.id}` : sql`partner_id = ${partnerId(target.partner)}`;
  const parts = kinds.map((kind) => ({ kind, list: statements(change, kind, condition, now) }));
  const [[partner], ...rows] = await db.write([
    isOne ? partnerOf(target) : changePartner(change, target.partner, now),
    ...parts.flatMap(({ list }) => list),
  ]);
  const owner = isOne ? requireCredential(target.kind, partner) : requirePartner(partner);
  const shown = parts.map(({ kind, list }) => {
    const own = rows.splice(0, list.length).flat();
    return [kind.table, own.map((row) => credentialView(row))] as const;
  });
  return changed(heading(change, context), partnerView(owner, Object.fromEntries(shown)));
}

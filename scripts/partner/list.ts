import { type SQL, sql } from 'drizzle-orm';
import {
  apiKey,
  type CredentialKind,
  type CredentialRow,
  client,
} from '../../src/resources/system/credentials.repository.ts';
import { columnsOf, tableOf } from '../../src/resources/system/owned-kind.repository.ts';
import type { Context } from './context.ts';
import { type PartnerRow, partnerColumns, partnerId, requirePartner } from './rows.ts';
import { credentialView, type Outcome, partnerView } from './view.ts';

type OwnedRow = CredentialRow & { readonly partner_id: number };

const credentials = (kind: CredentialKind, condition: SQL) =>
  sql<OwnedRow>`SELECT partner_id, ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE ${condition}
    ORDER BY created_at DESC, id DESC`;

/**
 * Lists all partners, or the one with a name, with their clients and API keys.
 *
 * @throws NotPossible if no partner has that name.
 */
export async function listPartners(
  name: string | undefined,
  { db, where }: Context,
): Promise<Outcome> {
  const among = (column: 'id' | 'partner_id') =>
    name === undefined ? sql`true` : sql`${sql.identifier(column)} = ${partnerId(name)}`;
  const { partners, clients, keys } = await db.read({
    partners: sql<PartnerRow>`SELECT ${partnerColumns} FROM partners WHERE ${among('id')} ORDER BY id`,
    clients: credentials(client, among('partner_id')),
    keys: credentials(apiKey, among('partner_id')),
  });
  if (name !== undefined) {
    requirePartner(partners[0]);
  }
  const views = partners.map((partner) => {
    const own = (rows: readonly OwnedRow[]) =>
      rows.filter(({ partner_id }) => partner_id === partner.id).map((row) => credentialView(row));
    return partnerView(partner, { clients: own(clients), api_keys: own(keys) });
  });
  const heading =
    views.length === 0
      ? `There are no partners in the ${where} database.`
      : `In the ${where} database:`;
  return { heading, partners: views, json: { partners: views } };
}

import { type SQL, sql } from 'drizzle-orm';
import {
  apiKey,
  type CredentialKind,
  type CredentialRow,
  client,
} from '../../src/resources/system/credentials.repository.ts';
import { columnsOf, tableOf } from '../../src/resources/system/owned-kind.repository.ts';
import {
  allPlaces,
  askReachableHomes,
  homeWith,
  lacking,
  noteOn,
  placeOf,
} from './across-homes.ts';
import type { Context, HomeDatabase } from './context.ts';
import {
  type PartnerRow,
  partnerColumns,
  partnerId,
  partnerNamed,
  requirePartner,
} from './rows.ts';
import { credentialView, type Outcome, type PartnerView, partnerView } from './view.ts';

type OwnedRow = CredentialRow & { readonly partner_id: number };

const credentials = (kind: CredentialKind, condition: SQL) =>
  sql<OwnedRow>`SELECT partner_id, ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE ${condition}
    ORDER BY created_at DESC, id DESC`;

/** Returns the partners in the database of a home, or the one with a name. */
async function partnersIn(db: HomeDatabase, name: string | undefined): Promise<PartnerView[]> {
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
  return partners.map((partner) => {
    const own = (rows: readonly OwnedRow[]) =>
      rows.filter(({ partner_id }) => partner_id === partner.id).map((row) => credentialView(row));
    return partnerView(db, partner, { clients: own(clients), api_keys: own(keys) });
  });
}

/**
 * Lists the partners of all homes with their clients and API keys, and names the homes that do not answer.
 *
 * @throws DatabaseFailed if no home answers.
 */
export async function listPartners(context: Context): Promise<Outcome> {
  const { answers, silent } = await askReachableHomes(context, (db) => partnersIn(db, undefined));
  const views = answers.flatMap(({ answer }) => answer);
  const places = allPlaces(context);
  const heading = views.length === 0 ? `There are no partners in ${places}.` : `In ${places}:`;
  return {
    heading: `${heading}${noteOn(silent)}`,
    ...{ partners: views, json: { partners: views, ...lacking(silent) } },
  };
}

/**
 * Shows one partner with its clients and API keys.
 *
 * @throws NotPossible if no partner has that name.
 */
export async function showPartner(name: string, context: Context): Promise<Outcome> {
  const db = await homeWith(partnerNamed(name), context);
  const views = await partnersIn(db, name);
  return { heading: `In ${placeOf(db, context)}:`, partners: views, json: { partners: views } };
}

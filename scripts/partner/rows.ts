import { type SQL, sql } from 'drizzle-orm';
import type { Owned } from '../../src/db/owned.ts';
import { type CredentialKind, client } from '../../src/resources/system/credentials.repository.ts';
import { tableOf } from '../../src/resources/system/owned-kind.repository.ts';
import type { CredentialTarget } from './credential.ts';
import { NotPossible } from './failure.ts';

/** A row of the table of partners. Times are milliseconds since 1970. */
export interface PartnerRow {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
  readonly max_prepared_tickets: number;
  readonly full_at: number | null;
  readonly max_product_lines: number;
  readonly lines_full_at: number | null;
}

/** The columns of a `PartnerRow`. */
export const partnerColumns: SQL = sql`id, name, created_at, disabled_at, max_prepared_tickets,
  full_at, max_product_lines, lines_full_at`;

/**
 * Returns SQL with which the operator names a partner in the statements that requests share with the commands: its id, or
 * a condition that selects rows of it.
 */
export const byOperator = (it: SQL) => it as Owned;

/** Returns SQL for the id of the partner with a name, which is NULL if there is none. */
export const partnerId = (name: string): Owned =>
  byOperator(sql`(SELECT id FROM partners WHERE name = ${name})`);

/** Returns the statement that selects the partner with a name. */
export const partnerNamed = (name: string) =>
  sql<PartnerRow>`SELECT ${partnerColumns} FROM partners WHERE name = ${name}`;

/** Returns the statement that selects the partner of a client or API key. */
export const partnerOf = ({ kind, id }: CredentialTarget) =>
  sql<PartnerRow>`SELECT ${partnerColumns} FROM partners
    WHERE id = (SELECT partner_id FROM ${tableOf(kind)} WHERE id = ${id})`;

/**
 * Returns the row of a partner.
 *
 * @throws NotPossible if there is no row.
 */
export function requirePartner(row: PartnerRow | undefined): PartnerRow {
  if (row === undefined) {
    throw new NotPossible('There is no partner with that name. Run `list` to see all partners.');
  }
  return row;
}

/**
 * Returns the row of a client or API key, or of its partner.
 *
 * @throws NotPossible if there is no row.
 */
export function requireCredential<Row>(kind: CredentialKind, row: Row | undefined): Row {
  if (row === undefined) {
    const what = kind === client ? 'client' : 'API key';
    throw new NotPossible(`There is no ${what} with that id. Run \`list\` to see all of them.`);
  }
  return row;
}

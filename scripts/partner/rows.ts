import { type SQL, sql } from 'drizzle-orm';
import {
  type CredentialKind,
  client,
  tableOf,
} from '../../src/resources/system/credential-kinds.repository.ts';
import type { CredentialTarget } from './credential.ts';
import { NotPossible } from './failure.ts';

/** A partner as it is stored; times are milliseconds since 1970. */
export interface PartnerRow {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
}

/** The columns of a `PartnerRow`. */
export const partnerColumns: SQL = sql`id, name, created_at, disabled_at`;

/** SQL for the id of the partner with a name; NULL when there is none. */
export const partnerId = (name: string): SQL => sql`(SELECT id FROM partners WHERE name = ${name})`;

/** Selects the partner with a name. */
export const partnerNamed = (name: string) =>
  sql<PartnerRow>`SELECT ${partnerColumns} FROM partners WHERE name = ${name}`;

/** Selects the partner of a client or API key. */
export const partnerOf = ({ kind, id }: CredentialTarget) =>
  sql<PartnerRow>`SELECT ${partnerColumns} FROM partners
    WHERE id = (SELECT partner_id FROM ${tableOf(kind)} WHERE id = ${id})`;

/** @throws NotPossible without a row. */
export function requirePartner(row: PartnerRow | undefined): PartnerRow {
  if (row === undefined) {
    throw new NotPossible('There is no partner of that name: `list` shows all.');
  }
  return row;
}

/** @throws NotPossible without a row. */
export function requireCredential<Row>(kind: CredentialKind, row: Row | undefined): Row {
  if (row === undefined) {
    const what = kind === client ? 'client' : 'API key';
    throw new NotPossible(`There is no ${what} with that id: \`list\` shows all.`);
  }
  return row;
}

import { type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { NamesPartner } from './partner-id.ts';

/**
 * SQL that names the partner whose rows it concerns, so that `Database` runs it. The types notice a partner that is
 * forgotten. They do not notice one that is misplaced, as in `… OR partner_id = ${partnerId}`.
 *
 * @see Database.ofAllPartners for a statement that names no partner.
 */
export type Owned<Row = unknown> = SQL<Row> & NamesPartner;

/** Values of which at least one among the first 16 names the partner. */
type OneNamesPartner<Before extends unknown[] = []> = Before['length'] extends 16
  ? never
  : [...Before, NamesPartner, ...unknown[]] | OneNamesPartner<[...Before, unknown]>;

/** Stands in the message of the compiler, and has no value. */
type NoneNamesPartner = 'The statement names no partner.' & NamesPartner;

/**
 * Builds SQL that names the partner, as `sql` builds any. One of its values is a `PartnerId`, or SQL that names the
 * partner itself. A value that names it in some cases only does not count.
 */
export function ownedSql<Row>(text: TemplateStringsArray, ...values: OneNamesPartner): Owned<Row>;
export function ownedSql<Row>(
  text: TemplateStringsArray,
  ...values: [NoneNamesPartner, ...NoneNamesPartner[]]
): Owned<Row>;
export function ownedSql<Row>(text: TemplateStringsArray, ...values: unknown[]) {
  return sql<Row>(text, ...values);
}

/** Joins parts, as `sql.join` does. One of them names the partner, or all do if their number is not known. */
export const ownedJoin = (parts: OneNamesPartner | readonly Owned[], separator: SQL) =>
  sql.join(parts as SQL[], separator) as Owned;

/** Stands for the id of the partner in a statement for `compile`, which then requires the value `partnerId`. */
export const partnerPlaceholder = sql.placeholder('partnerId') as Placeholder<'partnerId'> &
  NamesPartner;

/**
 * Restricts a query of the query builder to the rows of a partner.
 *
 * @param query has everything but its WHERE clause.
 */
export const ofPartner = <Restricted>(
  query: { where(condition: SQL): Restricted },
  condition: Owned,
) => query.where(condition) as Restricted & NamesPartner;

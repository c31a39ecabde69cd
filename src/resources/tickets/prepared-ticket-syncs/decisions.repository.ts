import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { newestOf } from '../prepared-tickets/by-reference/by-reference.repository.ts';
import { lastPickedUp } from '../prepared-tickets/missing-ticket.repository.ts';
import { mayCreate, mayHaveLines } from '../prepared-tickets/quota.repository.ts';
import { linesOf } from '../prepared-tickets/ticket-columns.repository.ts';
import { facetsOfNew } from '../prepared-tickets/ticket-counts.repository.ts';

/**
 * Decides what a sync does about each of its items. SQL decides, because the state that counts is that of the
 * transaction which then writes.
 */

/** A product line as `[product_id, quantity]`. */
export type SyncLine = readonly [productId: string, quantity: number];

/** A ticket that a sync creates, replaces or leaves alone, or one that it deletes. */
export type SyncItem = {
  readonly preparer_external_reference: string;
  /** A new UUID for the event of the change. */
  readonly event_id: string;
} & (
  | {
      readonly deleted?: undefined;
      /** A new UUID, which becomes the id of the ticket only if it is created. */
      readonly id: string;
      readonly customer_id: string;
      readonly vehicle_model_id: number;
      readonly vin: string | null;
      readonly voucher_code: string | null;
      /** All lines, ordered by product; undefined leaves those of an existing ticket as they are. */
      readonly lines: readonly SyncLine[] | undefined;
    }
  | { readonly deleted: true; readonly lines: readonly [] }
);

/** What a sync does about an item, or why it does nothing. */
type Action =
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'deleted'
  | 'absent'
  | 'other-customer'
  | 'ambiguous'
  | 'picked-up'
  | 'full'
  | 'full-of-lines';

/** A prepared ticket that has the reference of an item. */
interface FoundTicket {
  readonly id: string;
  readonly ticket_number: number;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  readonly version: number;
}

/** What is decided about an item. */
export interface Decision {
  readonly action: Action;
  /** The tickets that have the reference, newest first, 10 at most. */
  readonly found: readonly FoundTicket[];
  /** The id of the newest picked-up ticket that has the reference. */
  readonly picked_up: string | null;
}

/** What is decided about an item before anything is written. */
export interface FirstDecision extends Decision {
  /** The lines of the ticket if the item does not say which it has. */
  readonly lines: readonly SyncLine[] | null;
}

/** The condition that a row is a line of the ticket of a row of `found`. */
const isPresent = (partnerId: PartnerId): Owned =>
  linesOf(partnerId, sql`found ->> '$[0].ticket_number'`);

/** The lines of a row of `found`, as a JSON text like that of `SyncItem`. */
const presentLines = (partnerId: PartnerId): Owned =>
  ownedSql`(SELECT json_group_array(json_array(product_id, quantity)) FROM product_lines
    WHERE ${isPresent(partnerId)})`;

/**
 * Returns a SELECT of each item with the prepared tickets that have its reference. The limit keeps SQLite from
 * flattening it, which would look the tickets up for each use of `found`.
 */
function foundTickets(partnerId: PartnerId, items: SQL): Owned {
  const reference = sql`item.value ->> 'preparer_external_reference'`;
  return ownedSql`SELECT item.value AS item, (
      SELECT json_group_array(json_object('id', id, 'ticket_number', ticket_number, 'created_at', created_at,
        'version', version, 'customer_id', customer_id, 'without_vin', vin IS NULL,
        'is_same', vehicle_model_id = item.value ->> 'vehicle_model_id' AND vin IS item.value ->> 'vin'
          AND voucher_code IS item.value ->> 'voucher_code'))
      FROM (SELECT * FROM ${newestOf({ partnerId, reference })})) AS found
    FROM json_each(${items}) AS item LIMIT -1`;
}

/**
 * Returns a SELECT of each item, the tickets that it concerns, and the action that follows from both.
 *
 * @param hasSameLines whether the ticket has the lines of the item, as an expression.
 */
function decisions(partnerId: PartnerId, items: SQL, hasSameLines: SQL): Owned {
  const reference = sql`item ->> 'preparer_external_reference'`;
  const pickedUp = ownedSql`(${lastPickedUp({ partnerId, reference })})`;
  const sentLines = sql`coalesce(json_array_length(item, '$.lines'), 0)`;
  const fits = mayHaveLines(partnerId, sentLines, isPresent(partnerId));
  return ownedSql`SELECT item, found, ${pickedUp} AS picked_up, CASE
        WHEN json_array_length(found) > 1 THEN 'ambiguous'
        WHEN found <> '[]' THEN CASE
          WHEN item ->> 'deleted' THEN 'deleted'
          WHEN found ->> '$[0].customer_id' <> item ->> 'customer_id' THEN 'other-customer'
          WHEN NOT ${fits} THEN 'full-of-lines'
          WHEN found ->> '$[0].is_same' AND (item -> 'lines' IS NULL OR ${hasSameLines}) THEN 'unchanged'
          ELSE 'updated' END
        WHEN ${pickedUp} IS NOT NULL THEN 'picked-up'
        WHEN item ->> 'deleted' THEN 'absent'
        WHEN NOT ${mayCreate(partnerId)} THEN 'full'
        WHEN NOT ${fits} THEN 'full-of-lines'
        ELSE 'created' END AS action
    FROM (${foundTickets(partnerId, items)}) LIMIT -1`;
}

const decisionAsJson = sql`json_object('action', action, 'found', json(found), 'picked_up', picked_up)`;

/**
 * Returns a SELECT of the first decision about each item as JSON, in the order of the items. It takes the lines of an
 * item for those of its ticket, which they are if the sync then has no plan.
 */
export const selectFirstDecisions = (partnerId: PartnerId, items: readonly SyncItem[]) =>
  ownedSql<{ decision: string }>`SELECT json_insert(${decisionAsJson}, '$.lines',
      iif(item -> 'lines' IS NULL AND json_array_length(found) = 1, json(${presentLines(partnerId)}), NULL)) AS decision
    FROM (${decisions(partnerId, sql`${JSON.stringify(items)}`, sql`true`)})`;

/** Returns an item with the facets of its ticket as far as it decides about them, each with the value 1. */
function withFacets(item: SyncItem) {
  if (item.deleted) {
    return { ...item, facets: {} };
  }
  const names = facetsOfNew({
    ...item,
    productIds: item.lines?.map(([productId]) => productId) ?? [],
  });
  return { ...item, facets: Object.fromEntries(names.map((name) => [name, 1])) };
}

/** A change of a ticket that is there: the item with the ticket that it concerns. */
const changeOfFound = sql`json_patch(item, found -> '$[0]')`;

/**
 * Returns a SELECT of the plan of a sync as `result`, which finds no row if no item changes anything. A plan has the
 * `decisions`, and the items that are `created`, `updated` and `deleted`, each in the order of the items.
 * It is JSONB, so the statements that carry it out need not parse it.
 */
export function planOf(partnerId: PartnerId, items: readonly SyncItem[]): Owned {
  const hasSameLines = sql`item -> 'lines' = ${presentLines(partnerId)}`;
  const decided = (some: SQL) => decisions(partnerId, some, hasSameLines);
  const isChange = sql`action IN ('created', 'updated', 'deleted')`;
  // The items are looked at until the first one changes something, and only then all of them.
  const all = sql`(SELECT items FROM sent)`;
  const allOrNone = sql`iif(EXISTS (SELECT 1 FROM (${decided(all)}) WHERE ${isChange}), ${all}, '[]')`;
  return ownedSql`WITH sent (items) AS (SELECT ${JSON.stringify(items.map(withFacets))})
    SELECT jsonb_object('decisions', json_group_array(${decisionAsJson}),
      'created', json_group_array(json(item)) FILTER (WHERE action = 'created'),
      'updated', json_group_array(${changeOfFound}) FILTER (WHERE action = 'updated'),
      'deleted', json_group_array(${changeOfFound}) FILTER (WHERE action = 'deleted')) AS result
    FROM (${decided(allOrNone)}) HAVING count(*) > 0`;
}

import { type SQL, sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../db/client.ts';
import { recordEvents } from '../../../db/events.ts';
import {
  type KeyUse,
  keepKey,
  keptKey,
  keptResult,
  replaceResult,
  resultOf,
} from '../../../db/idempotency.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { preparedBook } from '../books.repository.ts';
import {
  addToCounts,
  moveBetweenFacets,
  newestPlace,
  reservedTime,
  reserveTickets,
} from '../buckets.repository.ts';
import { type Creation, insertTickets } from '../prepared-tickets/prepared-tickets.repository.ts';
import {
  insertLines,
  linesOf,
  newLineVersion,
} from '../prepared-tickets/ticket-columns.repository.ts';
import { facetOfLine, facets } from '../prepared-tickets/ticket-counts.repository.ts';
import { newestNumber, takeNumbers } from '../prepared-tickets/ticket-numbers.repository.ts';
import {
  type Decision,
  type FirstDecision,
  planOf,
  type SyncItem,
  type SyncLine,
  selectFirstDecisions,
} from './decisions.repository.ts';

/** A sync of a partner. */
export interface Sync {
  /** A new UUID, under which the plan is kept. */
  readonly id: string;
  /** The items, each with a reference of its own. */
  readonly items: readonly SyncItem[];
}

/** What a sync did about an item. */
export interface Outcome extends Decision {
  /** The lines of a ticket that the partner has. */
  readonly lines: readonly SyncLine[];
}

/** What is kept of a sync that changed something. */
interface KeptSync {
  readonly decisions: readonly Decision[];
  /** The number of the first created ticket; those of the others follow it without a gap. */
  readonly first_number: number;
  /** Of all created tickets, in milliseconds since 1970. */
  readonly created_at: number;
}

/** A part of the plan of a sync. */
type Part = 'created' | 'updated' | 'deleted';

/** Reads the plan of a sync, for the statements that carry it out. */
class Plan {
  readonly #use: KeyUse;

  constructor(use: KeyUse) {
    this.#use = use;
  }

  /** Returns a FROM clause of the items of a part, as `key` and `value`. */
  each(part: Part): Owned {
    return ownedSql`json_each(${keptResult(this.#use)}, ${sql.raw(`'$.${part}'`)})`;
  }

  /**
   * Returns the number of the items of a part, as a scalar; NULL if there is no plan to carry out. As a subquery it reads
   * the plan once for each statement, and not once for each row.
   */
  size(part: Part): Owned {
    return ownedSql`(SELECT json_array_length(${keptResult(this.#use)}, ${sql.raw(`'$.${part}'`)}))`;
  }
}

/** The number of a ticket that was there before. */
const presentNumber = sql`value ->> 'ticket_number'`;

/** The version of a ticket that was there before, after its update. */
const nextVersion = sql`(value ->> 'version') + 1`;

/** Returns a SELECT of what an event says of the tickets of a part, by default of those that were there before. */
const subjectsOf = (
  part: SQL,
  { number = presentNumber, version }: { number?: SQL; version: SQL },
) =>
  sql`SELECT key AS position, value ->> 'event_id' AS event_id, value ->> 'id' AS id,
    ${number} AS ticket_number, ${version} AS version,
    value ->> 'preparer_external_reference' AS preparer_external_reference FROM ${part}`;

/** Returns the statements that create tickets with their counts and events. Their numbers rise in the order of the items. */
function creationStatements(plan: Plan, creation: Omit<Creation, 'eventId'>) {
  const { partnerId } = creation;
  const created = plan.each('created');
  const tickets = plan.size('created');
  const number = ownedSql`${newestNumber(partnerId)} - ${tickets} + 1 + key`;
  return {
    reserve: reserveTickets(preparedBook, creation, tickets, sql`${tickets} > 0`),
    takeNumbers: takeNumbers(partnerId, tickets),
    countIn: addToCounts(
      preparedBook,
      partnerId,
      newestPlace(preparedBook, partnerId),
      sql`SELECT facet.key AS facet, count(*) AS tickets
        FROM ${created} AS ticket CROSS JOIN json_each(ticket.value, '$.facets') AS facet GROUP BY facet.key`,
    ),
    insert: insertTickets(partnerId, {
      number,
      time: reservedTime(preparedBook, partnerId),
      from: created,
    }),
    recordCreations: recordEvents(
      creation,
      'prepared_ticket.created',
      subjectsOf(created, { number, version: sql`1` }),
    ),
  };
}

/**
 * Returns a SELECT of the facets that tickets which were there before leave and join, for `moveBetweenFacets`. They can
 * leave the product of each line, unless the item leaves the lines as they are.
 */
function movesOf(changed: SQL, partnerId: PartnerId): SQL {
  const left = [
    sql`json_object(${facets.customer('')} || (value ->> 'customer_id'), -1)`,
    sql`iif(value ->> 'deleted', json_object(${facets.all}, -1), '{}')`,
    sql`iif(value ->> 'without_vin', json_object(${facets.noVin}, -1), '{}')`,
    ownedSql`iif(value -> 'lines' IS NULL, '{}', (SELECT json_group_object(${sql.raw(facetOfLine)}, -1)
      FROM product_lines WHERE ${linesOf(partnerId, presentNumber)}))`,
  ];
  const leaves = left.reduce((all, one) => sql`json_patch(${all}, ${one})`);
  return sql`SELECT value ->> 'created_at' AS time, value -> 'facets' AS joins, ${leaves} AS leaves
    FROM ${changed}`;
}

/** Returns the statements that replace and delete tickets with their lines, counts and events. */
function changeStatements(plan: Plan, creation: Omit<Creation, 'eventId'>) {
  const { partnerId } = creation;
  const [created, updated, deleted] = [
    plan.each('created'),
    plan.each('updated'),
    plan.each('deleted'),
  ];
  const changed = sql`(SELECT value FROM ${updated} UNION ALL SELECT value FROM ${deleted} LIMIT -1)`;
  const createdNumber = ownedSql`${newestNumber(partnerId)} - ${plan.size('created')} + 1 + ticket.key`;
  return {
    countChanges: moveBetweenFacets(preparedBook, partnerId, movesOf(changed, partnerId)),
    deleteLines: ownedSql<never>`DELETE FROM product_lines WHERE partner_id = ${partnerId}
      AND (ticket_number, product_id) IN (SELECT ticket_number, product_id
        FROM ${changed} AS change CROSS JOIN product_lines ON partner_id = ${partnerId}
          AND ticket_number = change.value ->> 'ticket_number'
        WHERE instr(change.value -> 'lines', product_id) = 0)`,
    // An UPDATE with these values would read all tickets of the partner for each item.
    update: ownedSql<never>`${insertTickets(partnerId, {
      number: presentNumber,
      time: sql`value ->> 'created_at'`,
      from: sql`${updated} WHERE true`,
    })} ON CONFLICT (partner_id, ticket_number) DO UPDATE SET version = version + 1,
        vehicle_model_id = excluded.vehicle_model_id, vin = excluded.vin, voucher_code = excluded.voucher_code`,
    putLines:
      insertLines(ownedSql`SELECT number, line.value ->> 0, ${partnerId}, time, line.value ->> 1,
        ${newLineVersion(sql`version`)}
      FROM (SELECT ${createdNumber} AS number, ${reservedTime(preparedBook, partnerId)} AS time,
            ticket.value AS ticket, 1 AS version FROM ${created} AS ticket
          UNION ALL SELECT value ->> 'ticket_number', value ->> 'created_at', value, ${nextVersion} FROM ${updated})
        CROSS JOIN json_each(ticket, '$.lines') AS line
      WHERE true`),
    recordUpdates: recordEvents(
      creation,
      'prepared_ticket.updated',
      subjectsOf(updated, { version: nextVersion }),
    ),
    recordDeletions: recordEvents(
      creation,
      'prepared_ticket.deleted',
      subjectsOf(deleted, { version: sql`value ->> 'version'` }),
    ),
    delete: ownedSql<never>`DELETE FROM prepared_tickets WHERE partner_id = ${partnerId}
      AND ticket_number IN (SELECT value ->> 'ticket_number' FROM ${deleted})`,
  };
}

/** Returns the decisions with the number and the time of each created ticket, which it then has `found`. */
function withCreated(
  { decisions, first_number, created_at }: KeptSync,
  items: readonly SyncItem[],
): Decision[] {
  let number = first_number;
  return decisions.map((decision, index) => {
    const item = items[index];
    return decision.action === 'created' && item !== undefined && !item.deleted
      ? { ...decision, found: [{ id: item.id, ticket_number: number++, created_at, version: 1 }] }
      : decision;
  });
}

/**
 * Returns the lines of a ticket after the sync: those of the item, or else those that it had.
 *
 * @param present the first decision of the last attempt.
 * @param repeated whether another attempt before it made the decision.
 * @throws DatabaseUnavailable if the ticket has been changed since, so that nobody knows its lines at that time.
 */
function linesAfter(
  item: SyncItem,
  { action, found }: Decision,
  present: FirstDecision,
  repeated: boolean,
): readonly SyncLine[] {
  const isLeft = item.lines === undefined && (action === 'updated' || action === 'unchanged');
  if (!isLeft) {
    return item.lines ?? [];
  }
  const [before] = found;
  const [now] = present.found;
  const version = (before?.version ?? 0) + (action === 'updated' ? 1 : 0);
  requireCertain(repeated && (now?.id !== before?.id || now?.version !== version));
  return present.lines ?? [];
}

/**
 * Creates, replaces and deletes tickets by reference, all in one transaction. If something differs, the second
 * statement keeps a plan, and those after it carry it out. The last one leaves what the response says in place of the
 * plan. So a write that is repeated after an ambiguous fault finds what its first attempt did, and does nothing more.
 *
 * @returns what was done about each item, in their order. A created ticket is among the `found` ones.
 * @throws DatabaseUnavailable if an earlier attempt took effect, and another request has since changed a ticket whose
 * lines the response needs.
 */
export async function syncTickets(
  db: Database,
  { id, items }: Sync,
  creation: Omit<Creation, 'eventId'>,
): Promise<readonly Outcome[]> {
  const { partnerId, now } = creation;
  const use = { key: id, fingerprint: '', space: 'attempts' as const, partnerId, now };
  const plan = new Plan(use);
  const { rows, repeated } = await db.write({
    present: selectFirstDecisions(partnerId, items),
    keepPlan: keepKey(use, planOf(partnerId, items)),
    ...creationStatements(plan, creation),
    ...changeStatements(plan, creation),
    finish: replaceResult(
      use,
      sql`json_object('decisions', result -> '$.decisions',
        'first_number', ${newestNumber(partnerId)} - json_array_length(result, '$.created') + 1,
        'created_at', ${reservedTime(preparedBook, partnerId)})`,
      sql`result -> '$.created' IS NOT NULL`,
    ),
    kept: keptKey<KeptSync>(use),
  });
  const present = rows.present.map(({ decision }): FirstDecision => JSON.parse(decision));
  const [kept] = rows.kept;
  const decisions = kept === undefined ? present : withCreated(resultOf(kept), items);
  // Without a plan, each attempt decides anew.
  const isRepeated = repeated && kept !== undefined;
  return items.map((item, index) => {
    const decision = decisions[index] as Decision;
    const lines = linesAfter(item, decision, present[index] as FirstDecision, isRepeated);
    return { ...decision, lines };
  });
}

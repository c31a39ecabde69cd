import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { type Change, recordEvent, recordEventsOfOperator } from '../../db/events.ts';
import { type IdempotencyKey, isUnused, keepKey, keptKey, resultOf } from '../../db/idempotency.ts';
import { type Owned, ownedSql } from '../../db/owned.ts';
import type { PartnerId } from '../../db/partner-id.ts';
import { updateOnce, writeOnce } from '../../db/write-once.ts';
import type { Page } from '../../http/requests/pagination.ts';
import { Problem } from '../../problems/problem.ts';
import {
  isSpared,
  notFound,
  type OwnedChange,
  type PresentRow,
  refusalOf,
  targetOf,
} from './owned-change.repository.ts';
import {
  type Admission,
  type AnyKind,
  type Changing,
  columnList,
  columnsOf,
  hasKey,
  keyUseOf,
  type OwnedKey,
  type OwnedKind,
  type OwnedRow,
  type OwnedValues,
  type Rotation,
  type StoredSecret,
  tableOf,
} from './owned-kind.repository.ts';

const selectOne = <Row = PresentRow>(kind: AnyKind, key: OwnedKey, spared: SQL = sql`false`) =>
  ownedSql<Row>`SELECT ${columnsOf(kind)}, ${spared} AS is_spared FROM ${tableOf(kind)} WHERE ${hasKey(key)}`;

/** What happens to a resource. */
type Action = 'created' | 'updated' | 'rotated' | 'deleted';

/**
 * Returns the statement that records what a request does to one resource. It stands right after the statement
 * that makes the change, and only that of a deletion before it, because the row is gone afterwards.
 *
 * @param condition selects the row.
 */
export function recordAction(change: Change, kind: AnyKind, action: Action, condition: SQL) {
  return recordEvent(
    action === 'deleted' ? 'before' : 'after',
    change,
    `${kind.subject}.${action}`,
    { id: sql`id`, version: sql`version`, table: tableOf(kind), condition },
  );
}

/**
 * Returns the statement that records what the operator, or a report of leaked secrets, does to resources.
 * It stands before the statement that makes the change, and only that of a creation after it.
 *
 * @param condition selects the rows that change.
 * @param now milliseconds since 1970.
 */
export function recordOperation(kind: AnyKind, action: Action, condition: SQL, now: number) {
  const changesVersion = action === 'updated' || action === 'rotated';
  const version = changesVersion ? sql`version + 1` : sql`version`;
  return recordEventsOfOperator(
    now,
    `${kind.subject}.${action}`,
    sql`SELECT partner_id, id, NULL AS ticket_number, ${version} AS version, NULL AS preparer_external_reference
      FROM ${tableOf(kind)} WHERE ${condition}`,
  );
}

/** Returns one page of the partner's resources, newest first, and their total number. */
export async function listOwned<Row extends OwnedRow>(
  db: Database,
  kind: OwnedKind<never, Row>,
  partnerId: PartnerId,
  { limit, offset }: Page,
): Promise<{ rows: Row[]; total: number }> {
  const { rows, counted } = await db.read({
    rows: ownedSql<Row>`SELECT ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE partner_id = ${partnerId}
      ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${offset}`,
    counted: ownedSql<{ total: number }>`SELECT count(*) AS total FROM ${tableOf(kind)}
      WHERE partner_id = ${partnerId}`,
  });
  return { rows, total: counted[0]?.total ?? 0 };
}

/** @throws Problem `notFound`. */
export async function findOwned<Row extends OwnedRow>(
  db: Database,
  kind: OwnedKind<never, Row>,
  key: OwnedKey,
): Promise<Row> {
  const { found } = await db.read({ found: selectOne<Row>(kind, key) });
  if (found[0] === undefined) {
    throw notFound(kind);
  }
  return found[0];
}

/** A resource that is to be created. Its id and its secret are newly generated. */
export interface NewOwned<Values extends OwnedValues> extends StoredSecret {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  readonly values: Values;
}

/**
 * Returns the statement that inserts a resource if a condition holds and the partner has fewer of its kind than
 * it may have.
 *
 * @param partnerId the id of the partner, or SQL that evaluates to it.
 * @param when the condition.
 * @param admitted columns in place of those of the kind.
 */
export function insertStatement<Values extends OwnedValues, Row extends OwnedRow>(
  kind: OwnedKind<Values, Row>,
  partnerId: PartnerId | Owned,
  { values, secret, ...known }: NewOwned<Values>,
  when: SQL,
  admitted: Admission['columns'] = {},
) {
  const { disabled, ...properties } = values;
  const columns = {
    ...{ ...known, partner_id: partnerId, [kind.secret]: secret, ...properties },
    disabled_at: disabled ? known.created_at : null,
    ...kind.initial(values),
    ...kind.computed?.(partnerId),
    ...admitted,
  };
  const given = Object.values(columns).map((value) => sql`${value}`);
  return ownedSql<Row>`INSERT INTO ${tableOf(kind)} (${columnList(Object.keys(columns))})
    SELECT ${sql.join(given, sql`, `)}
    WHERE ${when} AND (SELECT count(*) FROM ${tableOf(kind)} WHERE partner_id = ${partnerId}) < ${kind.max}
    RETURNING ${columnsOf(kind)}`;
}

/** A resource as the request that created it returned it. */
export interface Insertion<Row> {
  readonly row: Row;
  /** Whether an earlier request with the same idempotency key created it. */
  readonly isReplay: boolean;
}

/**
 * Inserts a resource, together with its idempotency key if the request has one.
 *
 * @param once the idempotency key of the request.
 * @param admission how the creation was admitted; by default the kind decides.
 * @returns the created resource. If the partner used the key before within its lifetime, returns the resource
 * as it was first returned, even if it has changed, expired or been deleted since.
 * @throws Problem `idempotencyKeyReused`, that of the admission, or `tooMany` of the kind.
 */
export async function insertOwned<Values extends OwnedValues, Row extends OwnedRow>(
  db: Database,
  kind: OwnedKind<Values, Row>,
  owned: NewOwned<Values>,
  change: Change,
  once: IdempotencyKey | undefined,
  admission: Admission = { refusal: kind.refusal?.(owned.values, change.now) },
): Promise<Insertion<Row>> {
  const { id, created_at: now, values } = owned;
  const { partnerId } = change;
  const use = keyUseOf(kind, change, once);
  const { refusal, condition = sql`true` } = admission;
  const when = refusal ? sql`false` : sql`${use ? isUnused(use) : sql`true`} AND ${condition}`;
  const isIt = hasKey({ partnerId, id });
  const created = sql`SELECT json_object('id', id, 'created_at', created_at) AS result
    FROM ${tableOf(kind)} WHERE ${isIt}`;
  const rows = await writeOnce(db, change, {
    insert: insertStatement<Values, OwnedRow>(kind, partnerId, owned, when, admission.columns),
    record: recordAction(change, kind, 'created', isIt),
    keepKey: use && keepKey(use, created),
    kept: use && keptKey<Pick<OwnedRow, 'id' | 'created_at'>>(use),
  });
  const isCreated = rows === 'recorded' || rows.insert.length > 0;
  const kept = isCreated ? undefined : rows.kept?.[0];
  if (!isCreated && kept === undefined) {
    throw refusal ?? (await admission.explain?.()) ?? new Problem(kind.tooMany);
  }
  if (kept !== undefined && kept.fingerprint !== once?.fingerprint) {
    throw new Problem('idempotencyKeyReused');
  }
  const first = kept === undefined ? { id, created_at: now } : resultOf(kept);
  const { disabled, ...properties } = values;
  const disabled_at = disabled ? first.created_at : null;
  // Together they are a `Row`, which the compiler cannot tell of a kind that it does not know.
  const row = { ...properties, ...kind.initial(values), ...first, disabled_at, version: 1 };
  const complete = { ...row, retired_secret_expires_at: null };
  return { row: complete as unknown as Row, isReplay: !isCreated };
}

async function changeOwned<Row extends OwnedRow>(
  db: Database,
  kind: OwnedKind<never, Row>,
  request: OwnedChange,
  action: 'updated' | 'rotated',
  statementsFor: (condition: Owned) => Changing<PresentRow>,
): Promise<Row> {
  const { change } = request;
  const { key, applies } = targetOf(kind, request);
  const result = await updateOnce(db, change, {
    ...statementsFor(applies),
    record: recordAction(change, kind, action, hasKey(key)),
    present: selectOne(kind, key, isSpared(kind, request)),
  });
  if (result.changed === undefined) {
    throw refusalOf(kind, result.present);
  }
  return result.changed as Row;
}

/**
 * Replaces the properties that the partner sets.
 *
 * @returns the changed resource.
 * @throws Problem `notFound`, `credentialInUse` or `preconditionFailed`.
 */
export function updateOwned<Values extends OwnedValues, Row extends OwnedRow>(
  db: Database,
  kind: OwnedKind<Values, Row>,
  request: OwnedChange,
  values: Values,
): Promise<Row> {
  const { now } = request.change;
  return changeOwned(db, kind, request, 'updated', (it) => kind.updating(it, values, now));
}

/**
 * Replaces the secret.
 *
 * @returns the rotated resource.
 * @throws Problem `notFound` or `preconditionFailed`.
 */
export function rotateOwned<Row extends OwnedRow>(
  db: Database,
  kind: OwnedKind<never, Row>,
  request: OwnedChange,
  rotation: Rotation,
): Promise<Row> {
  return changeOwned(db, kind, request, 'rotated', (it) => kind.rotating(it, rotation));
}

/** Returns the statements that delete resources with all their secrets. `delete` returns the deleted rows. */
export const deleteStatements = <Row extends OwnedRow>(
  kind: OwnedKind<never, Row>,
  condition: Owned,
) => ({
  ...kind.deletingParts?.(condition),
  delete: ownedSql<Row>`DELETE FROM ${tableOf(kind)} WHERE ${condition} RETURNING ${columnsOf(kind)}`,
});

/**
 * Deletes a resource with all its secrets.
 *
 * @throws Problem `notFound`, `credentialInUse` or `preconditionFailed`.
 */
export async function deleteOwned(
  db: Database,
  kind: OwnedKind<never, OwnedRow>,
  request: OwnedChange,
): Promise<void> {
  const { key, applies } = targetOf(kind, request);
  const rows = await writeOnce(db, request.change, {
    record: recordAction(request.change, kind, 'deleted', applies),
    ...deleteStatements(kind, applies),
    present: selectOne(kind, key, isSpared(kind, request)),
  });
  if (rows !== 'recorded' && rows.delete.length === 0) {
    throw refusalOf(kind, rows.present[0]);
  }
}

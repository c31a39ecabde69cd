import { type SQL, sql } from 'drizzle-orm';
import type { Principal } from '../../context.ts';
import { meets, type Preconditions, versionTag } from '../../db/entity-tags.ts';
import type { Change } from '../../db/events.ts';
import { ownedSql } from '../../db/owned.ts';
import { Problem } from '../../problems/problem.ts';
import { type AnyKind, hasKey, type OwnedRow } from './owned-kind.repository.ts';

/** A change of one resource, and the state that the resource must be in. */
export interface OwnedChange {
  readonly change: Change;
  readonly id: string;
  /** The preconditions of the request (RFC 9110 §13.1). */
  readonly preconditions: Preconditions;
  /** The principal of the request, if the change must not reach the credentials that authenticate it. */
  readonly spares?: Principal | undefined;
}

/** Returns the condition that a change must leave a row as it is. */
export const isSpared = ({ isInUse }: AnyKind, { spares }: OwnedChange): SQL =>
  (spares && isInUse?.(spares)) ?? sql`false`;

/** Returns the key of the resource of a change, and the condition that the change applies to it. */
export function targetOf(kind: AnyKind, request: OwnedChange) {
  const key = { partnerId: request.change.partnerId, id: request.id };
  const may = sql`${meets(request.preconditions, versionTag)} AND NOT ${isSpared(kind, request)}`;
  return { key, applies: ownedSql`${hasKey(key)} AND ${may}` };
}

/** A row, and whether a change had to leave it as it is. */
export interface PresentRow extends OwnedRow {
  readonly is_spared?: 0 | 1;
}

/** Returns the problem of a resource that does not exist or belongs to another partner. */
export const notFound = ({ missing }: Pick<AnyKind, 'missing'>) =>
  new Problem('notFound', { detail: missing });

/** Returns why a change matched no row. @param present the current row, if there is one. */
export function refusalOf(kind: AnyKind, present: PresentRow | undefined): Problem {
  return present === undefined
    ? notFound(kind)
    : new Problem(present.is_spared === 1 ? 'credentialInUse' : 'preconditionFailed');
}

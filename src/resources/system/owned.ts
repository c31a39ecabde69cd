import type { Context } from 'hono';
import { sha256 } from '../../auth/secrets.ts';
import type { AppEnv } from '../../context.ts';
import { versionTag } from '../../db/entity-tags.ts';
import type { IdempotencyKey } from '../../db/idempotency.ts';
import { changeOf } from '../../http/requests/change.ts';
import { preconditionsOf } from '../../http/requests/conditional.ts';
import { idempotencyKey } from '../../http/requests/idempotency-key.ts';
import type { Page } from '../../http/requests/pagination.ts';
import { NO_STORE } from '../../http/responses/reply.ts';
import * as repository from './owned.repository.ts';
import type { OwnedChange } from './owned-change.repository.ts';
import type {
  Admission,
  OwnedKind,
  OwnedRow,
  OwnedValues,
  StoredSecret,
} from './owned-kind.repository.ts';

/**
 * The handlers of what a partner owns under `/v2/system`. Each function takes validated input and returns a body
 * with the facts of its headers, for `reply`, which checks the body against its route.
 */

/** A secret as the response shows it, and as it is stored. */
interface NewSecret {
  readonly shown: string;
  readonly stored: StoredSecret;
}

/**
 * A kind of resource, and the parts of its handlers in which it differs from the other kinds.
 *
 * @typeParam Members the members of a response.
 */
export interface OwnedResource<
  Values extends OwnedValues,
  Row extends OwnedRow,
  Members extends object,
> {
  readonly kind: OwnedKind<Values, Row>;
  /** The path of the collection. */
  readonly path: string;
  /** Returns a new secret for the resource with an id. */
  newSecret(c: Context<AppEnv>, id: string): Promise<NewSecret>;
  /** Returns the resource as responses show it. @param now milliseconds since 1970. */
  membersOf(row: Row, now: number): Members;
  /**
   * Returns whether a change makes a credential unusable. It then spares the one that authenticates the request.
   *
   * @param values undefined for a deletion.
   */
  isRevoked?(c: Context<AppEnv>, values?: Values): boolean;
  /**
   * Decides, in a round trip of its own, whether a creation may begin.
   *
   * @param once the idempotency key of the request.
   */
  admit?(c: Context<AppEnv>, values: Values, once: IdempotencyKey | undefined): Promise<Admission>;
  /** Replaces the values of a resource in place of `updateOwned`. */
  update?(c: Context<AppEnv>, request: OwnedChange, values: Values): Promise<Row>;
}

/** A resource of any kind, for functions that return no body. */
type AnyResource = OwnedResource<never, OwnedRow, object>;

const changeOfOne = (c: Context<AppEnv>, id: string, isRevoked = false): OwnedChange => ({
  change: changeOf(c),
  id,
  preconditions: preconditionsOf(c),
  spares: isRevoked ? c.var.principal : undefined,
});

/** Returns one page of the partner's resources, newest first. */
export async function list<Row extends OwnedRow, Members extends object>(
  c: Context<AppEnv>,
  { kind, membersOf }: OwnedResource<never, Row, Members>,
  page: Page,
) {
  const { db, principal, dependencies } = c.var;
  const now = dependencies.now();
  const { rows, total } = await repository.listOwned(db, kind, principal.partnerId, page);
  return [
    { query: page, result: rows.map((row) => membersOf(row, now)), total },
    { page },
  ] as const;
}

/**
 * Creates a resource with a new secret, at most once for each idempotency key. A replay returns null for the
 * secret, because the API cannot tell it again.
 *
 * @throws Problem `idempotencyKeyReused`, or one of the kind.
 */
export async function create<
  Values extends OwnedValues,
  Row extends OwnedRow,
  Members extends object,
>(c: Context<AppEnv>, resource: OwnedResource<Values, Row, Members>, values: Values) {
  const { kind, path, membersOf } = resource;
  const { db, dependencies } = c.var;
  const key = idempotencyKey(c);
  // Clients and API keys share a key space, so the table is part of what identifies their requests.
  const request = kind.space === 'credentials' ? [kind.table, values] : values;
  const once =
    key === undefined ? undefined : { key, fingerprint: await sha256(JSON.stringify(request)) };
  const admission = await resource.admit?.(c, values, once);
  const change = changeOf(c);
  const id = dependencies.newId();
  const { shown, stored } = await resource.newSecret(c, id);
  const { row, isReplay } = await repository.insertOwned(
    db,
    kind,
    { id, created_at: change.now, ...stored, values },
    change,
    once,
    admission,
  );
  const body = { ...membersOf(row, change.now), secret: isReplay ? null : shown };
  const { id: first } = row;
  return [
    body,
    { tag: versionTag.of(row), location: `${path}/${first}`, isReplay, headers: NO_STORE },
  ] as const;
}

/** Returns a single resource. @throws Problem `notFound`. */
export async function get<Row extends OwnedRow, Members extends object>(
  c: Context<AppEnv>,
  { kind, membersOf }: OwnedResource<never, Row, Members>,
  id: string,
) {
  const { db, principal, dependencies } = c.var;
  const row = await repository.findOwned(db, kind, { partnerId: principal.partnerId, id });
  return [membersOf(row, dependencies.now()), { tag: versionTag.of(row) }] as const;
}

/**
 * Replaces the properties that the partner sets.
 *
 * @throws Problem `notFound`, `credentialInUse` or `preconditionFailed`.
 */
export async function update<
  Values extends OwnedValues,
  Row extends OwnedRow,
  Members extends object,
>(c: Context<AppEnv>, resource: OwnedResource<Values, Row, Members>, id: string, values: Values) {
  const { kind, path, membersOf } = resource;
  const request = changeOfOne(c, id, resource.isRevoked?.(c, values));
  const row = await (resource.update?.(c, request, values) ??
    repository.updateOwned(c.var.db, kind, request, values));
  const { now } = request.change;
  return [membersOf(row, now), { tag: versionTag.of(row), location: `${path}/${id}` }] as const;
}

/** Deletes a resource. @throws Problem `notFound`, `credentialInUse` or `preconditionFailed`. */
export async function remove(c: Context<AppEnv>, resource: AnyResource, id: string) {
  const request = changeOfOne(c, id, resource.isRevoked?.(c));
  await repository.deleteOwned(c.var.db, resource.kind, request);
  return c.body(null, 204);
}

/**
 * Replaces the secret of a resource.
 *
 * @param overlapSeconds how long the current secret stays valid, in seconds.
 * @throws Problem `notFound` or `preconditionFailed`.
 */
export async function rotate<Row extends OwnedRow, Members extends object>(
  c: Context<AppEnv>,
  resource: OwnedResource<never, Row, Members>,
  id: string,
  overlapSeconds: number,
) {
  const request = changeOfOne(c, id);
  const { shown, stored } = await resource.newSecret(c, id);
  const { now } = request.change;
  const rotation = { ...stored, now, overlapSeconds };
  const row = await repository.rotateOwned(c.var.db, resource.kind, request, rotation);
  const body = { ...resource.membersOf(row, now), secret: shown };
  return [body, { tag: versionTag.of(row), headers: NO_STORE }] as const;
}

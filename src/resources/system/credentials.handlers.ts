import type { Context } from 'hono';
import { sha256 } from '../../auth/secrets.ts';
import type { AppEnv, Principal } from '../../context.ts';
import { formatDateTime } from '../../http/fields/date-time.ts';
import { changeOf } from '../../http/requests/change.ts';
import { entityTag, preconditionsOf } from '../../http/requests/conditional.ts';
import { idempotencyKey } from '../../http/requests/idempotency-key.ts';
import { type Page, pageLinks } from '../../http/requests/pagination.ts';
import { Problem } from '../../problems/problem.ts';
import { insertCredential } from './credential-creation.repository.ts';
import type { CredentialKind, CredentialRow } from './credential-kinds.repository.ts';
import * as repository from './credentials.repository.ts';
import { rotateSecret } from './rotation.repository.ts';

/**
 * The logic that the handlers of clients and of API keys share. Each function takes validated input and
 * returns a body and headers. The handler passes them to `reply`, which checks them against its route.
 */

/**
 * The differences between the two resources.
 *
 * @typeParam Own members that only this resource has.
 * @typeParam Secret the member that holds a new secret.
 */
export interface CredentialResource<Own extends object, Secret extends object> {
  readonly kind: CredentialKind;
  /** The path of the collection. */
  readonly path: string;
  /** The `detail` of a 404. */
  readonly missing: string;
  /** Returns a new secret. */
  newSecret(c: Context<AppEnv>): string;
  /** Returns the member that holds a new secret. The secret is null in the replay of a creation. */
  secretMember(secret: string | null): Secret;
  /** Returns the members that only this resource has. */
  ownMembers(row: CredentialRow): Own;
  /** Returns the id of the credential of this kind that authenticates a request. */
  usedBy(principal: Principal): string;
}

/** A resource of either kind, for functions that return no body. */
type AnyCredential = CredentialResource<object, object>;

function toMembers<Own extends object>(
  resource: CredentialResource<Own, object>,
  row: CredentialRow,
) {
  const time = (milliseconds: number | null) =>
    milliseconds === null ? null : formatDateTime(milliseconds);
  return {
    id: row.id,
    name: row.name,
    ...resource.ownMembers(row),
    created_at: formatDateTime(row.created_at),
    last_used_at: time(row.last_used_at),
    expires_at: time(row.expires_at),
    disabled: row.disabled_at !== null,
  };
}

function refusalProblem(refusal: repository.ChangeRefusal, { missing }: AnyCredential): Problem {
  return refusal === 'not-found'
    ? new Problem('notFound', { detail: missing })
    : new Problem('preconditionFailed');
}

/** The headers of a response that contains a secret, which no cache may store. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** Returns one page of the partner's credentials, newest first. */
export async function listCredentials<Own extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, object>,
  page: Page,
) {
  const { partnerId } = c.var.principal;
  const { rows, total } = await repository.listCredentials(
    c.var.db,
    resource.kind,
    partnerId,
    page,
  );
  const body = { query: page, result: rows.map((row) => toMembers(resource, row)), total };
  return { body, headers: { Link: pageLinks(c.req.url, page, total) } };
}

/** Returns the problem of a new credential whose expiry is not in the future. */
function expiredAtCreation(): Problem {
  const detail = 'Send a time in the future, or null if the credential should never expire.';
  return new Problem('violations', {
    violations: [{ in: 'body', pointer: '#/expires_at', code: 'out_of_range', detail }],
  });
}

/**
 * Creates a credential with a new secret, at most once for each idempotency key. A replay returns null for
 * the secret, because only its digest is stored.
 *
 * @throws Problem `tooManyCredentials`, `idempotencyKeyReused` or `violations`.
 */
export async function createCredential<Own extends object, Secret extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, Secret>,
  values: repository.CredentialValues,
) {
  const { kind, path } = resource;
  const { dependencies, db } = c.var;
  const change = changeOf(c);
  const key = idempotencyKey(c);
  const secret = resource.newSecret(c);
  const result = await insertCredential(
    db,
    kind,
    { ...values, id: dependencies.newId(), created_at: change.now, sha256: await sha256(secret) },
    change,
    key === undefined
      ? undefined
      : { key, fingerprint: await sha256(JSON.stringify([kind.table, values])) },
  );
  if (result === 'too-many') {
    throw new Problem('tooManyCredentials');
  }
  if (result === 'key-reused') {
    throw new Problem('idempotencyKeyReused');
  }
  if (result === 'expired') {
    throw expiredAtCreation();
  }
  const { row, isReplay } = result;
  const headers = {
    ...NO_STORE,
    Location: new URL(`${path}/${row.id}`, c.req.url).href,
    ETag: entityTag(row.version),
    'Idempotent-Replayed': isReplay ? 'true' : undefined,
  };
  const member = resource.secretMember(isReplay ? null : secret);
  return { body: { ...toMembers(resource, row), ...member }, headers };
}

/**
 * Returns a single credential, and its version for conditional requests.
 *
 * @throws Problem `notFound`.
 */
export async function getCredential<Own extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, object>,
  id: string,
) {
  const { db, principal } = c.var;
  const key = { partnerId: principal.partnerId, id };
  const row = await repository.findCredential(db, resource.kind, key);
  if (row === undefined) {
    throw refusalProblem('not-found', resource);
  }
  const { version } = row;
  return { version, body: toMembers(resource, row), headers: { ETag: entityTag(version) } };
}

/**
 * Replaces the properties of a credential that the partner sets.
 *
 * @param keepsAccess whether the credential would still have the scope that this request requires.
 * @throws Problem `credentialInUse` if the credential authenticates this request and would no longer be
 * able to; `notFound` or `preconditionFailed`.
 */
export async function updateCredential<Own extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, object>,
  id: string,
  values: repository.CredentialValues,
  keepsAccess: boolean,
) {
  const { db, principal } = c.var;
  const change = changeOf(c);
  const preconditions = preconditionsOf(c);
  const { disabled, expires_at } = values;
  const isUsable = keepsAccess && !disabled && (expires_at === null || expires_at > change.now);
  if (id === resource.usedBy(principal) && !isUsable) {
    throw new Problem('credentialInUse');
  }
  const request = { change, id, preconditions };
  const result = await repository.updateCredential(db, resource.kind, request, values);
  if (typeof result === 'string') {
    throw refusalProblem(result, resource);
  }
  const headers = {
    ETag: entityTag(result.version),
    'Content-Location': new URL(`${resource.path}/${result.id}`, c.req.url).href,
  };
  return { body: toMembers(resource, result), headers };
}

/**
 * Deletes a credential.
 *
 * @throws Problem `credentialInUse` if the credential authenticates this request; `notFound` or
 * `preconditionFailed`.
 */
export async function deleteCredential(c: Context<AppEnv>, resource: AnyCredential, id: string) {
  const { db, principal } = c.var;
  const preconditions = preconditionsOf(c);
  if (id === resource.usedBy(principal)) {
    throw new Problem('credentialInUse');
  }
  const request = { change: changeOf(c), id, preconditions };
  const outcome = await repository.deleteCredential(db, resource.kind, request);
  if (outcome !== 'done') {
    throw refusalProblem(outcome, resource);
  }
  return c.body(null, 204);
}

/**
 * Replaces the secret of a credential.
 *
 * @param overlapSeconds how long the current secret stays valid, in seconds.
 * @throws Problem `notFound` or `preconditionFailed`.
 */
export async function rotateCredential<Own extends object, Secret extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, Secret>,
  id: string,
  overlapSeconds: number,
) {
  const change = changeOf(c);
  const secret = resource.newSecret(c);
  const result = await rotateSecret(
    c.var.db,
    resource.kind,
    { change, id, preconditions: preconditionsOf(c) },
    { sha256: await sha256(secret), now: change.now, overlapSeconds },
  );
  if (typeof result === 'string') {
    throw refusalProblem(result, resource);
  }
  const body = { ...toMembers(resource, result), ...resource.secretMember(secret) };
  return { body, headers: { ...NO_STORE, ETag: entityTag(result.version) } };
}

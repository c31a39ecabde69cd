import type { Context } from 'hono';
import { sha256 } from '../../auth/secrets.ts';
import type { AppEnv, Principal } from '../../context.ts';
import { formatDateTime } from '../../http/fields/date-time.ts';
import { entityTag, preconditionsOf } from '../../http/requests/conditional.ts';
import { idempotencyKey } from '../../http/requests/idempotency-key.ts';
import { type Page, pageLinks } from '../../http/requests/pagination.ts';
import { Problem } from '../../problems/problem.ts';
import { insertCredential } from './credential-creation.repository.ts';
import type { CredentialKind, CredentialRow } from './credential-kinds.repository.ts';
import * as repository from './credentials.repository.ts';
import { rotateSecret } from './rotation.repository.ts';

/**
 * What the handlers of clients and of API keys share. Each function takes the validated input and
 * returns what to reply with, so that the handler holds it to the route that it serves.
 */

/**
 * What tells the two resources apart.
 *
 * @typeParam Own members that only this resource has.
 * @typeParam Secret the member that holds a new secret.
 */
export interface CredentialResource<Own extends object, Secret extends object> {
  readonly kind: CredentialKind;
  /** Path of the collection. */
  readonly path: string;
  /** The detail of a 404. */
  readonly missing: string;
  /** Generates a secret. */
  newSecret(c: Context<AppEnv>): string;
  /** Returns the member that holds a new secret; null in the replay of a creation. */
  secretMember(secret: string | null): Secret;
  /** Returns the members that only this resource has. */
  ownMembers(row: CredentialRow): Own;
  /** Which of its credentials a request is sent with. */
  usedBy(principal: Principal): string;
}

/** The resource without its types, for functions that make no body. */
type AnyCredential = CredentialResource<object, object>;

function asMembers<Own extends object>(
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

function refused(refusal: repository.ChangeRefusal, { missing }: AnyCredential): Problem {
  return refusal === 'not-found'
    ? new Problem('notFound', { detail: missing })
    : new Problem('preconditionFailed');
}

/** An answer that holds a secret stays in no cache. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** One page of the partner's credentials, newest first. */
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
  const body = { query: page, result: rows.map((row) => asMembers(resource, row)), total };
  return { body, headers: { Link: pageLinks(c.req.url, page, total) } };
}

/** For a new credential that would have ended before it began. */
function endedBefore(): Problem {
  const detail = 'Send a time to come, or null for never.';
  return new Problem('violations', {
    violations: [{ in: 'body', pointer: '#/expires_at', code: 'out_of_range', detail }],
  });
}

/**
 * Makes a credential with a new secret, once for an idempotency key. A replay answers null for the
 * secret, which nobody knows any more.
 */
export async function createCredential<Own extends object, Secret extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, Secret>,
  values: repository.CredentialValues,
) {
  const { kind, path } = resource;
  const { dependencies, db, principal } = c.var;
  const now = dependencies.now();
  const key = idempotencyKey(c);
  const secret = resource.newSecret(c);
  const result = await insertCredential(
    db,
    kind,
    principal.partnerId,
    { ...values, id: dependencies.newId(), created_at: now, sha256: await sha256(secret) },
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
  if (result === 'ended') {
    throw endedBefore();
  }
  const { row, isReplay } = result;
  const headers = {
    ...NO_STORE,
    Location: new URL(`${path}/${row.id}`, c.req.url).href,
    ETag: entityTag(row.version),
    'Idempotent-Replayed': isReplay ? 'true' : undefined,
  };
  const member = resource.secretMember(isReplay ? null : secret);
  return { body: { ...asMembers(resource, row), ...member }, headers };
}

/** Finds a single credential. @throws Problem `notFound`. */
export async function getCredential<Own extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, object>,
  id: string,
) {
  const { db, principal } = c.var;
  const key = { partnerId: principal.partnerId, id };
  const row = await repository.findCredential(db, resource.kind, key);
  if (row === undefined) {
    throw refused('not-found', resource);
  }
  const { version } = row;
  return { version, body: asMembers(resource, row), headers: { ETag: entityTag(version) } };
}

/** @param keepsAccess whether the request could be sent with the credential after the change. */
export async function updateCredential<Own extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, object>,
  id: string,
  values: repository.CredentialValues,
  keepsAccess: boolean,
) {
  const { db, principal, dependencies } = c.var;
  const now = dependencies.now();
  const preconditions = preconditionsOf(c);
  const { disabled, expires_at } = values;
  const isUsable = keepsAccess && !disabled && (expires_at === null || expires_at > now);
  if (id === resource.usedBy(principal) && !isUsable) {
    throw new Problem('credentialInUse');
  }
  const condition = { partnerId: principal.partnerId, id, preconditions };
  const result = await repository.updateCredential(db, resource.kind, condition, values, now);
  if (typeof result === 'string') {
    throw refused(result, resource);
  }
  const headers = {
    ETag: entityTag(result.version),
    'Content-Location': new URL(`${resource.path}/${result.id}`, c.req.url).href,
  };
  return { body: asMembers(resource, result), headers };
}

/** @throws Problem `credentialInUse`, `notFound` or `preconditionFailed`. */
export async function deleteCredential(c: Context<AppEnv>, resource: AnyCredential, id: string) {
  const { db, principal } = c.var;
  const preconditions = preconditionsOf(c);
  if (id === resource.usedBy(principal)) {
    throw new Problem('credentialInUse');
  }
  const condition = { partnerId: principal.partnerId, id, preconditions };
  const outcome = await repository.deleteCredential(db, resource.kind, condition);
  if (outcome !== 'done') {
    throw refused(outcome, resource);
  }
  return c.body(null, 204);
}

/** @param overlap seconds for which the present secret stays valid. */
export async function rotateCredential<Own extends object, Secret extends object>(
  c: Context<AppEnv>,
  resource: CredentialResource<Own, Secret>,
  id: string,
  overlap: number,
) {
  const { db, principal, dependencies } = c.var;
  const secret = resource.newSecret(c);
  const result = await rotateSecret(
    db,
    resource.kind,
    { partnerId: principal.partnerId, id, preconditions: preconditionsOf(c) },
    { sha256: await sha256(secret), now: dependencies.now(), overlap },
  );
  if (typeof result === 'string') {
    throw refused(result, resource);
  }
  const body = { ...asMembers(resource, result), ...resource.secretMember(secret) };
  return { body, headers: { ...NO_STORE, ETag: entityTag(result.version) } };
}

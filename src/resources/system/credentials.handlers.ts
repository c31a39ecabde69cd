import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256 } from '../../auth/secrets.ts';
import type { AppEnv, Principal } from '../../context.ts';
import { formatDateTime } from '../../http/fields/date-time.ts';
import { entityTag, notModified, preconditionsOf } from '../../http/requests/conditional.ts';
import { idempotencyKey } from '../../http/requests/idempotency-key.ts';
import { type Page, pageLinks } from '../../http/requests/pagination.ts';
import { reply } from '../../http/responses/reply.ts';
import { Problem } from '../../problems/problem.ts';
import { insertCredential } from './credential-creation.repository.ts';
import type { CredentialKind, CredentialRow } from './credential-kinds.repository.ts';
import * as repository from './credentials.repository.ts';
import { rotateSecret } from './rotation.repository.ts';

/**
 * What the handlers of clients and of API keys do alike. Each takes the validated input and the route
 * that declares its answer.
 */

/** What tells the two resources apart. */
export interface CredentialResource {
  readonly kind: CredentialKind;
  /** Path of the collection. */
  readonly path: string;
  /** The detail of a 404. */
  readonly missing: string;
  /** The member that holds a new secret, and what makes one. */
  readonly secretMember: string;
  newSecret(c: Context<AppEnv>): string;
  /** Members that only this resource has. */
  ownMembers(row: CredentialRow): object;
  /** Which of its credentials a request is sent with. */
  usedBy(principal: Principal): string;
}

function asMembers(resource: CredentialResource, row: CredentialRow) {
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

function refused(refusal: repository.ChangeRefusal, { missing }: CredentialResource): Problem {
  return refusal === 'not-found'
    ? new Problem('notFound', { detail: missing })
    : new Problem('preconditionFailed');
}

/** An answer that holds a secret stays in no cache. */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** One page of the partner's credentials, newest first. */
export async function listCredentials(
  c: Context<AppEnv>,
  resource: CredentialResource,
  route: RouteConfig,
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
  return reply(c, route, 200, body, { Link: pageLinks(c.req.url, page, total) });
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
export async function createCredential(
  c: Context<AppEnv>,
  resource: CredentialResource,
  route: RouteConfig,
  values: repository.CredentialValues,
) {
  const { kind, path, secretMember } = resource;
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
  const body = { ...asMembers(resource, row), [secretMember]: isReplay ? null : secret };
  return reply(c, route, 201, body, {
    ...NO_STORE,
    Location: new URL(`${path}/${row.id}`, c.req.url).href,
    ETag: entityTag(row.version),
    'Idempotent-Replayed': isReplay ? 'true' : undefined,
  });
}

/** A single credential, or 304 to who has it. @throws Problem `notFound`. */
export async function getCredential(
  c: Context<AppEnv>,
  resource: CredentialResource,
  route: RouteConfig,
  id: string,
) {
  const { db, principal } = c.var;
  const key = { partnerId: principal.partnerId, id };
  const row = await repository.findCredential(db, resource.kind, key);
  if (row === undefined) {
    throw refused('not-found', resource);
  }
  const known = notModified(c, row.version);
  return known ?? reply(c, route, 200, asMembers(resource, row), { ETag: entityTag(row.version) });
}

/** @param keepsAccess whether the request could be sent with the credential after the change. */
export async function updateCredential(
  c: Context<AppEnv>,
  resource: CredentialResource,
  route: RouteConfig,
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
  return reply(c, route, 200, asMembers(resource, result), {
    ETag: entityTag(result.version),
    'Content-Location': new URL(`${resource.path}/${result.id}`, c.req.url).href,
  });
}

/** @throws Problem `credentialInUse`, `notFound` or `preconditionFailed`. */
export async function deleteCredential(
  c: Context<AppEnv>,
  resource: CredentialResource,
  id: string,
) {
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
export async function rotateCredential(
  c: Context<AppEnv>,
  resource: CredentialResource,
  route: RouteConfig,
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
  const body = { ...asMembers(resource, result), [resource.secretMember]: secret };
  return reply(c, route, 201, body, { ...NO_STORE, ETag: entityTag(result.version) });
}

import type { RouteHandler } from '@hono/zod-openapi';
import { isScope, parseScope } from '../../../auth/scopes.ts';
import { newClientSecret } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { notModified } from '../../../http/requests/conditional.ts';
import { reply } from '../../../http/responses/reply.ts';
import type { Scope } from '../../../policy.ts';
import { client } from '../credential-kinds.repository.ts';
import * as credentials from '../credentials.handlers.ts';
import { missingDetail } from '../credentials.routes.ts';
import { routes } from './clients.routes.ts';

const resource: credentials.CredentialResource<
  { scopes: Scope[] },
  { client_secret: string | null }
> = {
  kind: client,
  path: routes.list.path,
  missing: missingDetail('client'),
  newSecret: newClientSecret,
  secretMember: (secret) => ({ client_secret: secret }),
  ownMembers: ({ scopes = '' }) => ({ scopes: parseScope(scopes).filter(isScope) }),
  usedBy: ({ clientId }) => clientId,
};

export const list: RouteHandler<typeof routes.list, AppEnv> = async (c) => {
  const page = c.req.valid('query');
  const { body, headers } = await credentials.listCredentials(c, resource, page);
  return reply(c, routes.list, 200, body, { headers: headers });
};

export const create: RouteHandler<typeof routes.create, AppEnv> = async (c) => {
  const { name, scopes, expires_at, disabled } = c.req.valid('json');
  const values = { name, scopes: scopes.join(' '), expires_at, disabled };
  const { body, headers } = await credentials.createCredential(c, resource, values);
  return reply(c, routes.create, 201, body, { headers: headers });
};

export const get: RouteHandler<typeof routes.get, AppEnv> = async (c) => {
  const id = c.req.valid('param')['client-id'];
  const { version, body, headers } = await credentials.getCredential(c, resource, id);
  return notModified(c, version) ?? reply(c, routes.get, 200, body, { headers: headers });
};

export const update: RouteHandler<typeof routes.update, AppEnv> = async (c) => {
  const id = c.req.valid('param')['client-id'];
  const { name, scopes, expires_at, disabled } = c.req.valid('json');
  const values = { name, scopes: scopes.join(' '), expires_at, disabled };
  const keepsAccess = scopes.includes('credentials:manage');
  const { body, headers } = await credentials.updateCredential(
    c,
    resource,
    id,
    values,
    keepsAccess,
  );
  return reply(c, routes.update, 200, body, { headers: headers });
};

export const remove: RouteHandler<typeof routes.delete, AppEnv> = (c) =>
  credentials.deleteCredential(c, resource, c.req.valid('param')['client-id']);

export const rotate: RouteHandler<typeof routes.rotate, AppEnv> = async (c) => {
  const id = c.req.valid('param')['client-id'];
  const { overlap_seconds: overlapSeconds } = c.req.valid('json');
  const { body, headers } = await credentials.rotateCredential(c, resource, id, overlapSeconds);
  return reply(c, routes.rotate, 201, body, { headers: headers });
};

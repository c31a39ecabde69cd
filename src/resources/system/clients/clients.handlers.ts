import type { RouteHandler } from '@hono/zod-openapi';
import { parseScope } from '../../../auth/scopes.ts';
import { newClientSecret } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { client } from '../credential-kinds.repository.ts';
import * as credentials from '../credentials.handlers.ts';
import { missingDetail } from '../credentials.routes.ts';
import { routes } from './clients.routes.ts';

const resource: credentials.CredentialResource = {
  kind: client,
  path: routes.list.path,
  missing: missingDetail('client'),
  secretMember: 'client_secret',
  newSecret: newClientSecret,
  ownMembers: ({ scopes = '' }) => ({ scopes: parseScope(scopes) }),
  usedBy: ({ clientId }) => clientId,
};

export const list: RouteHandler<typeof routes.list, AppEnv> = (c) =>
  credentials.listCredentials(c, resource, routes.list, c.req.valid('query'));

export const create: RouteHandler<typeof routes.create, AppEnv> = (c) => {
  const { name, scopes, expires_at, disabled } = c.req.valid('json');
  const values = { name, scopes: scopes.join(' '), expires_at, disabled };
  return credentials.createCredential(c, resource, routes.create, values);
};

export const get: RouteHandler<typeof routes.get, AppEnv> = (c) =>
  credentials.getCredential(c, resource, routes.get, c.req.valid('param')['client-id']);

export const update: RouteHandler<typeof routes.update, AppEnv> = (c) => {
  const id = c.req.valid('param')['client-id'];
  const { name, scopes, expires_at, disabled } = c.req.valid('json');
  const values = { name, scopes: scopes.join(' '), expires_at, disabled };
  const keepsAccess = scopes.includes('credentials:manage');
  return credentials.updateCredential(c, resource, routes.update, id, values, keepsAccess);
};

export const remove: RouteHandler<typeof routes.delete, AppEnv> = (c) =>
  credentials.deleteCredential(c, resource, c.req.valid('param')['client-id']);

export const rotate: RouteHandler<typeof routes.rotate, AppEnv> = (c) => {
  const id = c.req.valid('param')['client-id'];
  const { overlap_seconds: overlap } = c.req.valid('json');
  return credentials.rotateCredential(c, resource, routes.rotate, id, overlap);
};

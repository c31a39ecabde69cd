import type { RouteHandler } from '@hono/zod-openapi';
import { parseScope } from '../../../auth/scopes.ts';
import { newClientSecret } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { client } from '../credential-kinds.repository.ts';
import * as credentials from '../credentials.handlers.ts';
import * as routes from './clients.routes.ts';

const resource: credentials.CredentialResource = {
  kind: client,
  path: '/v2/system/clients',
  missing: routes.noClient,
  secretMember: 'client_secret',
  newSecret: newClientSecret,
  ownMembers: ({ scopes = '' }) => ({ scopes: parseScope(scopes) }),
  usedBy: ({ clientId }) => clientId,
};

export const list: RouteHandler<typeof routes.listClients, AppEnv> = (c) =>
  credentials.listCredentials(c, resource, routes.listClients, c.req.valid('query'));

export const create: RouteHandler<typeof routes.createClient, AppEnv> = (c) => {
  const { name, scopes, expires_at, disabled } = c.req.valid('json');
  const values = { name, scopes: scopes.join(' '), expires_at, disabled };
  return credentials.createCredential(c, resource, routes.createClient, values);
};

export const get: RouteHandler<typeof routes.getClient, AppEnv> = (c) =>
  credentials.getCredential(c, resource, routes.getClient, c.req.valid('param')['client-id']);

export const update: RouteHandler<typeof routes.updateClient, AppEnv> = (c) => {
  const id = c.req.valid('param')['client-id'];
  const { name, scopes, expires_at, disabled } = c.req.valid('json');
  const values = { name, scopes: scopes.join(' '), expires_at, disabled };
  const keepsAccess = scopes.includes('credentials:manage');
  return credentials.updateCredential(c, resource, routes.updateClient, id, values, keepsAccess);
};

export const remove: RouteHandler<typeof routes.deleteClient, AppEnv> = (c) =>
  credentials.deleteCredential(c, resource, c.req.valid('param')['client-id']);

export const rotate: RouteHandler<typeof routes.rotateClientSecret, AppEnv> = (c) => {
  const id = c.req.valid('param')['client-id'];
  const { overlap_seconds: overlap } = c.req.valid('json');
  return credentials.rotateCredential(c, resource, routes.rotateClientSecret, id, overlap);
};

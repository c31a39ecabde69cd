import type { RouteHandler } from '@hono/zod-openapi';
import { newApiKey } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { apiKey } from '../credential-kinds.repository.ts';
import * as credentials from '../credentials.handlers.ts';
import { missingDetail } from '../credentials.routes.ts';
import { routes } from './api-keys.routes.ts';

const resource: credentials.CredentialResource = {
  kind: apiKey,
  path: routes.list.path,
  missing: missingDetail('API key'),
  secretMember: 'api_key',
  newSecret: (c) => newApiKey(c.var.config.apiKeys),
  ownMembers: () => ({}),
  usedBy: ({ apiKeyId }) => apiKeyId,
};

export const list: RouteHandler<typeof routes.list, AppEnv> = (c) =>
  credentials.listCredentials(c, resource, routes.list, c.req.valid('query'));

export const create: RouteHandler<typeof routes.create, AppEnv> = (c) => {
  const { name, expires_at, disabled } = c.req.valid('json');
  const values = { name, expires_at, disabled };
  return credentials.createCredential(c, resource, routes.create, values);
};

export const get: RouteHandler<typeof routes.get, AppEnv> = (c) =>
  credentials.getCredential(c, resource, routes.get, c.req.valid('param')['key-id']);

export const update: RouteHandler<typeof routes.update, AppEnv> = (c) => {
  const id = c.req.valid('param')['key-id'];
  const { name, expires_at, disabled } = c.req.valid('json');
  const values = { name, expires_at, disabled };
  return credentials.updateCredential(c, resource, routes.update, id, values, true);
};

export const remove: RouteHandler<typeof routes.delete, AppEnv> = (c) =>
  credentials.deleteCredential(c, resource, c.req.valid('param')['key-id']);

export const rotate: RouteHandler<typeof routes.rotate, AppEnv> = (c) => {
  const id = c.req.valid('param')['key-id'];
  const { overlap_seconds: overlap } = c.req.valid('json');
  return credentials.rotateCredential(c, resource, routes.rotate, id, overlap);
};

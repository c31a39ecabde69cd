import type { RouteHandler } from '@hono/zod-openapi';
import { newApiKey } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { apiKey } from '../credential-kinds.repository.ts';
import * as credentials from '../credentials.handlers.ts';
import * as routes from './api-keys.routes.ts';

const resource: credentials.CredentialResource = {
  kind: apiKey,
  path: '/v2/system/api-keys',
  missing: routes.noApiKey,
  secretMember: 'api_key',
  newSecret: (c) => newApiKey(c.var.config.apiKeys),
  ownMembers: () => ({}),
  usedBy: ({ apiKeyId }) => apiKeyId,
};

export const list: RouteHandler<typeof routes.listApiKeys, AppEnv> = (c) =>
  credentials.listCredentials(c, resource, routes.listApiKeys, c.req.valid('query'));

export const create: RouteHandler<typeof routes.createApiKey, AppEnv> = (c) => {
  const { name, expires_at, disabled } = c.req.valid('json');
  const values = { name, expires_at, disabled };
  return credentials.createCredential(c, resource, routes.createApiKey, values);
};

export const get: RouteHandler<typeof routes.getApiKey, AppEnv> = (c) =>
  credentials.getCredential(c, resource, routes.getApiKey, c.req.valid('param')['key-id']);

export const update: RouteHandler<typeof routes.updateApiKey, AppEnv> = (c) => {
  const id = c.req.valid('param')['key-id'];
  const { name, expires_at, disabled } = c.req.valid('json');
  const values = { name, expires_at, disabled };
  return credentials.updateCredential(c, resource, routes.updateApiKey, id, values, true);
};

export const remove: RouteHandler<typeof routes.deleteApiKey, AppEnv> = (c) =>
  credentials.deleteCredential(c, resource, c.req.valid('param')['key-id']);

export const rotate: RouteHandler<typeof routes.rotateApiKey, AppEnv> = (c) => {
  const id = c.req.valid('param')['key-id'];
  const { overlap_seconds: overlap } = c.req.valid('json');
  return credentials.rotateCredential(c, resource, routes.rotateApiKey, id, overlap);
};

import type { RouteHandler } from '@hono/zod-openapi';
import { newApiKey } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { notModified } from '../../../http/requests/conditional.ts';
import { reply } from '../../../http/responses/reply.ts';
import * as credentials from '../credentials.handlers.ts';
import { apiKey } from '../credentials.repository.ts';
import * as routes from './api-keys.routes.ts';

const resource: credentials.CredentialResource<object, { api_key: string | null }> = {
  kind: apiKey,
  path: '/v2/system/api-keys',
  missing: routes.noApiKey,
  newSecret: (c) => newApiKey(c.var.config.apiKeys),
  secretMember: (secret) => ({ api_key: secret }),
  ownMembers: () => ({}),
  usedBy: ({ apiKeyId }) => apiKeyId,
};

export const list: RouteHandler<typeof routes.listApiKeys, AppEnv> = async (c) => {
  const page = c.req.valid('query');
  const { body, headers } = await credentials.listCredentials(c, resource, page);
  return reply(c, routes.listApiKeys, 200, body, headers);
};

export const create: RouteHandler<typeof routes.createApiKey, AppEnv> = async (c) => {
  const { name, expires_at, disabled } = c.req.valid('json');
  const values = { name, expires_at, disabled };
  const { body, headers } = await credentials.createCredential(c, resource, values);
  return reply(c, routes.createApiKey, 201, body, headers);
};

export const get: RouteHandler<typeof routes.getApiKey, AppEnv> = async (c) => {
  const id = c.req.valid('param')['key-id'];
  const { version, body, headers } = await credentials.getCredential(c, resource, id);
  return notModified(c, version) ?? reply(c, routes.getApiKey, 200, body, headers);
};

export const update: RouteHandler<typeof routes.updateApiKey, AppEnv> = async (c) => {
  const id = c.req.valid('param')['key-id'];
  const { name, expires_at, disabled } = c.req.valid('json');
  const values = { name, expires_at, disabled };
  const { body, headers } = await credentials.updateCredential(c, resource, id, values, true);
  return reply(c, routes.updateApiKey, 200, body, headers);
};

export const remove: RouteHandler<typeof routes.deleteApiKey, AppEnv> = (c) =>
  credentials.deleteCredential(c, resource, c.req.valid('param')['key-id']);

export const rotate: RouteHandler<typeof routes.rotateApiKey, AppEnv> = async (c) => {
  const id = c.req.valid('param')['key-id'];
  const { overlap_seconds: overlap } = c.req.valid('json');
  const { body, headers } = await credentials.rotateCredential(c, resource, id, overlap);
  return reply(c, routes.rotateApiKey, 201, body, headers);
};

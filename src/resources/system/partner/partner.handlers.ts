import type { RouteHandler } from '@hono/zod-openapi';
import { tokenInvalid } from '../../../auth/refusals.ts';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { reply } from '../../../http/responses/reply.ts';
import * as repository from './partner.repository.ts';
import * as routes from './partner.routes.ts';

export const get: RouteHandler<typeof routes.getPartner, AppEnv> = async (c) => {
  const row = await repository.findPartner(c.get('db'), c.get('principal').partnerId);
  if (row === undefined) {
    // This isolate still trusts the cached credentials of a partner that the operator deleted.
    throw tokenInvalid(c);
  }
  const { name, created_at } = row;
  return reply(c, routes.getPartner, 200, { name, created_at: formatDateTime(created_at) });
};

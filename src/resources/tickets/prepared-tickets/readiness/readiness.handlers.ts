import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { missingTicket } from '../missing-ticket.ts';
import * as repository from './readiness.repository.ts';
import * as routes from './readiness.routes.ts';

export const get: RouteHandler<typeof routes.getReadiness, AppEnv> = async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const missing = await repository.findMissing(c.get('db'), c.get('principal').partnerId, id);
  if (missing === undefined) {
    throw await missingTicket(c, id);
  }
  return reply(c, routes.getReadiness, 200, { ready: missing.length === 0, missing });
};

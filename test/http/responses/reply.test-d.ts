import { type RouteHandler, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../../src/context.ts';
import { json, operation } from '../../../src/http/operation.ts';
import { reply } from '../../../src/http/responses/reply.ts';

/**
 * `npm run verify` compiles this file, and nothing runs it. Each `@ts-expect-error` whose error the
 * compiler does not find is itself an error.
 */

const ticket = z.object({
  id: z.string(),
  vin: z.string().nullable(),
  note: z.string().optional(),
});
const accepted = z.object({ queued: z.literal(true) });

const route = operation({
  method: 'post',
  path: '/tickets/{id}',
  operationId: 'exampleTicket',
  access: 'public',
  request: { params: z.object({ id: z.string() }) },
  problems: ['notFound'],
  responses: {
    200: json('Replaced.', ticket, { example: { id: 'a', vin: null } }),
    202: json('Accepted.', accepted, { example: { queued: true as const } }),
    204: { description: 'Removed.' },
  },
});

const listRoute = operation({
  method: 'get',
  path: '/tickets',
  operationId: 'exampleTickets',
  access: 'public',
  responses: { 200: json('Found.', z.array(ticket), { example: [] }) },
});

const listed = { id: 'a', vin: null };

export function bodies(c: Context<AppEnv>) {
  reply(c, route, 200, { id: 'a', vin: null });
  reply(
    c,
    route,
    200,
    { id: 'a', vin: 'V', note: 'n' },
    { headers: { ETag: '"1"', Location: undefined } },
  );
  reply(c, route, 202, { queued: true });
  reply(c, listRoute, 200, [listed]);

  // @ts-expect-error A member is missing.
  reply(c, route, 200, { id: 'a' });
  // @ts-expect-error A member has another type.
  reply(c, route, 200, { id: 1, vin: null });
  // @ts-expect-error A member that is not nullable is null.
  reply(c, route, 200, { id: null, vin: null });
  // @ts-expect-error A member is not declared.
  reply(c, route, 200, { id: 'a', vin: null, sha256: 'secret' });
  // @ts-expect-error A member of an element is not declared.
  reply(c, listRoute, 200, [{ id: 'a', vin: null, sha256: 'secret' }]);
  // @ts-expect-error The body belongs to another status.
  reply(c, route, 202, { id: 'a', vin: null });
  // @ts-expect-error A literal has another value.
  reply(c, route, 202, { queued: false });
  // @ts-expect-error The route does not declare this status.
  reply(c, route, 201, { id: 'a', vin: null });
  // @ts-expect-error The status has no body.
  reply(c, route, 204, {});
  // @ts-expect-error The status is a problem, which is thrown.
  reply(c, route, 404, { id: 'a', vin: null });
  // @ts-expect-error A body is required.
  reply(c, route, 200);
  // @ts-expect-error The body has an unknown type.
  reply(c, route, 200, {} as unknown);
}

export const fitting: RouteHandler<typeof listRoute, AppEnv> = (c) =>
  reply(c, listRoute, 200, [listed]);

export const unfitting: RouteHandler<typeof listRoute, AppEnv> = (c) =>
  // @ts-expect-error The reply belongs to another route.
  reply(c, route, 200, listed);

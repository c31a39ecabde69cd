import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { cursorOf, placeOfCursor, refusedCursor } from '../../../http/requests/cursor.ts';
import { reply } from '../../../http/responses/reply.ts';
import { Problem } from '../../../problems/problem.ts';
import * as repository from './events.repository.ts';
import * as routes from './events.routes.ts';
import { expectedCursor, LATEST } from './events.schemas.ts';

/** Returns an event as responses show it. */
export function asEvent(row: repository.EventRow) {
  const [subjectType = ''] = row.type.split('.', 1);
  return {
    id: row.id,
    sequence: row.sequence,
    type: row.type,
    created_at: formatDateTime(row.created_at),
    actor: row.client_id === null ? null : { client_id: row.client_id },
    subject: {
      type: subjectType,
      id: row.subject_id,
      prepared_ticket_id: row.prepared_ticket_id ?? undefined,
      ticket_number: row.ticket_number ?? undefined,
      version: row.version ?? undefined,
    },
  };
}

export const list: RouteHandler<typeof routes.listEvents, AppEnv> = async (c) => {
  const query = c.req.valid('query');
  const { limit, type } = query;
  const { partnerId } = c.get('principal');
  const { eventsEpoch } = c.get('config');
  // The type is no part of the scope, so that a program can change the types that it follows.
  const scope = { operationId: 'listEvents', partnerId, filters: {}, expected: expectedCursor };
  const isLatest = query.after === LATEST;
  const place =
    query.after === undefined || isLatest ? undefined : await placeOfCursor(scope, query.after);
  const [epoch, after] = (place ?? [eventsEpoch, 0]) as [number, number];
  const found = await repository.findEvents(c.get('db'), partnerId, {
    after,
    type,
    limit: isLatest ? 0 : limit,
  });
  const { rows, newest, oldest } = found;
  if (epoch !== eventsEpoch) {
    throw new Problem('cursorExpired');
  }
  if (after > newest) {
    throw refusedCursor(scope);
  }
  if (place !== undefined && after < oldest - 1) {
    throw new Problem('cursorExpired');
  }
  // A page that is not full has passed every event, also those of other types.
  const last = rows.length < limit ? newest : (rows.at(-1)?.sequence ?? newest);
  const next = await cursorOf(scope, [eventsEpoch, last]);
  return reply(c, routes.listEvents, 200, { query, result: rows.map(asEvent), next });
};

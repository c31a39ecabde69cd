import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { reply } from '../../../http/responses/reply.ts';
import * as repository from './events.repository.ts';
import * as routes from './events.routes.ts';
import { expectedCursor, LATEST } from './events.schemas.ts';
import { cursorOfFeed, feedScope, placeInFeed, requirePlace } from './feed-place.ts';

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
  const { eventsEpoch: epoch } = c.get('config');
  const scope = feedScope(partnerId, { expected: expectedCursor });
  const isLatest = query.after === LATEST;
  const place =
    query.after === undefined || isLatest ? undefined : await placeInFeed(scope, query.after);
  const { rows, bounds } = await repository.findEvents(c.get('db'), partnerId, {
    after: place?.sequence ?? 0,
    type,
    limit: isLatest ? 0 : limit,
  });
  if (place !== undefined) {
    requirePlace(scope, place, epoch, bounds);
  }
  // A page that is not full has passed every event, also those of other types.
  const isFull = !isLatest && rows.length === limit;
  const last = isFull ? (rows.at(-1)?.sequence ?? bounds.newest) : bounds.newest;
  const next = await cursorOfFeed(scope, { epoch, sequence: last });
  return reply(c, routes.listEvents, 200, { query, result: rows.map(asEvent), next });
};

import type { SubjectType } from '../../../db/events.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { json, operation } from '../../../http/operation.ts';
import { reply } from '../../../http/responses/reply.ts';
import { serve } from '../../../http/serve.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import * as repository from './events.repository.ts';
import * as schemas from './events.schemas.ts';
import { cursorOfFeed, feedScope, placeInFeed, requirePlace } from './feed-place.ts';

const listEvents = operation({
  method: 'get',
  path: '/v2/system/events',
  operationId: 'listEvents',
  access: 'events:read',
  tags: ['Events'],
  summary: 'Retrieve events',
  description:
    'Retrieve what happened to your tickets, clients, API keys and webhook endpoints, oldest first. Send the `next` of each response as `after` of the following request. An empty `result` means that there is nothing newer now. Without `after`, the response starts with the oldest event that is kept. With `after=latest`, it contains no event and the cursor of the current end. Events are kept for at least 30 days.',
  request: { query: schemas.eventsQuery },
  violations: exampleViolations('query', schemas.eventsQuery, { limit: '1001' }),
  problems: ['cursorExpired'],
  responses: {
    200: json('Successful response.', schemas.eventPage, {
      example: {
        query: { limit: 100 },
        result: schemas.eventExamples,
        next: schemas.cursorExample,
      },
    }),
  },
});

/** Returns an event as responses show it. */
export function asEvent(row: repository.EventRow) {
  const [subjectType] = row.type.split('.', 1) as [SubjectType];
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
      preparer_external_reference:
        row.ticket_number === null ? undefined : row.preparer_external_reference,
    },
  };
}

/** Mounts `/v2/system/events`. */
export const mountEvents = serve(listEvents, async (c) => {
  const query = c.req.valid('query');
  const { limit, type: types } = query;
  const { partnerId } = c.var.principal;
  const { epoch } = c.var.home;
  const scope = feedScope(partnerId, { expected: schemas.expectedCursor });
  const isLatest = query.after === schemas.LATEST;
  const place =
    query.after === undefined || isLatest ? undefined : await placeInFeed(scope, query.after);
  const { rows, bounds } = await repository.findEvents(c.var.db, partnerId, {
    after: place?.sequence ?? 0,
    types,
    limit: isLatest ? 0 : limit,
  });
  if (place !== undefined) {
    requirePlace(place, epoch, bounds);
  }
  // A page that is not full has passed every event, also those of other types.
  const isFull = !isLatest && rows.length === limit;
  const last = isFull ? (rows.at(-1)?.sequence ?? bounds.newest) : bounds.newest;
  const next = await cursorOfFeed(scope, { epoch, sequence: last });
  const applied = { ...query, type: types?.join(',') };
  return reply(c, listEvents, 200, { query: applied, result: rows.map(asEvent), next });
});

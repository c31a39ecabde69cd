import { json, operation } from '../../../http/operation.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { cursorExample, eventExamples, eventPage, eventsQuery } from './events.schemas.ts';

export const listEvents = operation({
  method: 'get',
  path: '/v2/system/events',
  operationId: 'listEvents',
  access: 'events:read',
  tags: ['Events'],
  summary: 'Retrieve events',
  description:
    'Retrieve what happened to your tickets, clients, API keys and webhook endpoints, oldest first. Send the `next` of each response as `after` of the following request. An empty `result` means that there is nothing newer now. Without `after`, the response starts with the oldest event that is kept. With `after=latest`, it contains no event and the cursor of the current end. Events are kept for at least 30 days.',
  request: { query: eventsQuery },
  violations: exampleViolations('query', eventsQuery, { limit: '1001' }),
  problems: ['cursorExpired'],
  responses: {
    200: json('Successful response.', eventPage, {
      example: { query: { limit: 100 }, result: eventExamples, next: cursorExample },
    }),
  },
});

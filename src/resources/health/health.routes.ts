import { z } from '@hono/zod-openapi';
import { operation } from '../../http/operation.ts';

const health = z
  .object({ status: z.literal('pass').openapi({ description: 'The Worker runs.' }) })
  .openapi('Health', { description: 'The state of the service.' });

export const getHealth = operation({
  method: 'get',
  path: '/health',
  operationId: 'getHealth',
  access: 'public',
  tags: ['Health'],
  summary: 'Ask whether the service runs',
  description: 'Answers without the database.',
  problems: ['methodNotAllowed', 'internalServerError', 'serviceUnavailable'],
  responses: {
    200: {
      description: 'The Worker runs.',
      content: { 'application/health+json': { schema: health, example: { status: 'pass' } } },
    },
  },
});

import { z } from '@hono/zod-openapi';
import { operation } from '../../http/operation.ts';

const health = z
  .object({ status: z.literal('pass').openapi({ description: 'All is well.' }) })
  .openapi('HealthStatus', { description: 'The state of the service.' });

/** Declares a passing response (draft-inadarei-api-health-check). A failed check returns a problem instead. */
const passing = (description: string) => ({
  description,
  content: { 'application/health+json': { schema: health, example: { status: 'pass' as const } } },
});

const problems = ['methodNotAllowed', 'internalServerError', 'serviceUnavailable'] as const;

export const getHealth = operation({
  method: 'get',
  path: '/health',
  operationId: 'getHealth',
  access: 'public',
  tags: ['Health'],
  summary: 'Ask whether the service runs',
  description: 'Answers without the database.',
  problems,
  responses: { 200: passing('The Worker runs and answers.') },
});

export const getReadiness = operation({
  method: 'get',
  path: '/health/ready',
  operationId: 'getReadiness',
  access: 'public',
  tags: ['Health'],
  summary: 'Ask whether the service can answer',
  description: 'Asks the database, and whether it has the migrations that this version needs.',
  problems,
  responses: { 200: passing('The service can answer.') },
});

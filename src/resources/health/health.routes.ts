import { z } from '@hono/zod-openapi';
import { operation } from '../../http/operation.ts';

const health = z
  .object({
    status: z.literal('pass').openapi({
      description: 'Always `pass`. A service that is not available returns a problem instead.',
    }),
  })
  .openapi('HealthStatus', { description: 'The health of the service.' });

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
  summary: 'Check liveness',
  description: 'Check whether the service is running. This does not access the database.',
  problems,
  responses: { 200: passing('The service is running.') },
});

export const getReadiness = operation({
  method: 'get',
  path: '/health/ready',
  operationId: 'getReadiness',
  access: 'public',
  tags: ['Health'],
  summary: 'Check readiness',
  description:
    'Check whether the service can process requests: the database responds and has every migration that this version needs.',
  problems,
  responses: { 200: passing('The service is ready for requests.') },
});

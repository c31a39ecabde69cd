import { z } from '@hono/zod-openapi';
import { operation } from '../../http/operation.ts';

const problemPage = {
  description: 'An HTML page that explains problems.',
  content: { 'text/html': { schema: z.string() } },
};

export const listProblems = operation({
  method: 'get',
  path: '/problems',
  operationId: 'listProblems',
  access: 'public',
  internal: true,
  responses: { 200: problemPage },
});

export const getProblem = operation({
  method: 'get',
  path: '/problems/{name}',
  operationId: 'getProblem',
  access: 'public',
  internal: true,
  request: { params: z.object({ name: z.string() }) },
  responses: { 200: problemPage },
});

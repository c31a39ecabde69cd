import { z } from '@hono/zod-openapi';
import { operation } from '../../http/operation.ts';
import { problemType } from './problems.schemas.ts';

const redirect = { description: 'For browsers: a redirect to the page in the docs.' };

export const listProblems = operation({
  method: 'get',
  path: '/problems',
  operationId: 'listProblems',
  access: 'public',
  internal: true,
  responses: {
    200: {
      description: 'The descriptions of all problem types.',
      content: { 'application/json': { schema: z.object({ problems: z.array(problemType) }) } },
    },
    302: redirect,
  },
});

export const getProblem = operation({
  method: 'get',
  path: '/problems/{name}',
  operationId: 'getProblem',
  access: 'public',
  internal: true,
  request: { params: z.object({ name: z.string() }) },
  responses: {
    200: {
      description: 'The description of a problem type.',
      content: { 'application/json': { schema: problemType } },
    },
    302: redirect,
  },
});

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';
import { problemPage, problemsPage } from './problems.pages.ts';
import * as routes from './problems.routes.ts';

const headers = { 'Cache-Control': 'public, max-age=300' };

/** Mounts `/problems` and the page of each type of problem. */
export function mountProblems(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listProblems, (c) => c.html(problemsPage(), 200, headers));
  app.openapi(routes.getProblem, (c) => {
    const content = problemPage(`/problems/${c.req.valid('param').name}`);
    if (content === undefined) {
      throw new Problem('notFound', { detail: 'There is no problem of this type; see /problems.' });
    }
    return c.html(content, 200, headers);
  });
}

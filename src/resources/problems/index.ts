import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import { published } from '../../http/responses/published.ts';
import { catalogue } from '../../problems/catalogue.ts';
import { Problem } from '../../problems/problem.ts';
import { withSupport } from '../../problems/support.ts';
import { problemPage, problemsPage } from './problems.pages.ts';
import * as routes from './problems.routes.ts';

const TYPE = 'text/html; charset=UTF-8';

/** Mounts `/problems` and the page of each problem type. */
export function mountProblems(app: OpenAPIHono<AppEnv>): void {
  const pages = new Map(
    Object.values(catalogue).map(({ type }) => [
      type as string,
      published(TYPE, async () => String(await problemPage(type))),
    ]),
  );
  app.openapi(
    routes.listProblems,
    published(TYPE, async ({ supportContact }) =>
      withSupport(String(await problemsPage()), supportContact),
    ),
  );
  app.openapi(routes.getProblem, (c) => {
    const servePage = pages.get(`/problems/${c.req.valid('param').name}`);
    if (servePage === undefined) {
      throw new Problem('notFound', {
        detail: 'No problem has this type. See /problems for all types.',
      });
    }
    return servePage(c);
  });
}

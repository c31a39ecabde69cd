import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import type { AppEnv } from '../../context.ts';
import { acceptedBy, type Offered } from '../../http/requests/accept.ts';
import { published } from '../../http/responses/published.ts';
import { catalogue } from '../../problems/catalogue.ts';
import type { ProblemDefinition } from '../../problems/definition.ts';
import { Problem } from '../../problems/problem.ts';
import { withSupport } from '../../problems/support.ts';
import * as routes from './problems.routes.ts';
import type { problemType } from './problems.schemas.ts';

const JSON_TYPE = 'application/json';
const VARY = { Vary: 'Accept' };
const definitions = Object.values<ProblemDefinition>(catalogue);

function describe(definition: ProblemDefinition): z.input<typeof problemType> {
  const { type, title, status, meaning, remedy } = definition;
  return { type, title, status, meaning, remedy };
}

/** Returns a handler that serves a value as JSON, with the support address of the deployment. */
const inJson = (value: object) =>
  published(
    JSON_TYPE,
    ({ supportContact }) => withSupport(JSON.stringify(value), supportContact),
    VARY,
  );

/** The media types under an address of problems. The first one is for callers without a preference. */
const offered: [Offered, Offered] = [{ contentType: 'text/html' }, { contentType: JSON_TYPE }];

/** Returns whether the caller prefers JSON to a page. A browser prefers a page. */
function prefersJson(c: Context<AppEnv>): boolean {
  return acceptedBy(c, offered)?.contentType === JSON_TYPE;
}

function redirect(c: Context<AppEnv>, path: string): Response {
  return c.body(null, 302, {
    Location: path,
    'Cache-Control': 'public, max-age=300',
    ...VARY,
  });
}

/**
 * Mounts `/problems` and the address of each problem type: a redirect to its page in the docs, or its description in
 * JSON. The docs have no page for an internal problem.
 */
export function mountProblems(app: OpenAPIHono<AppEnv>): void {
  const own = definitions.filter(({ type }) => type.startsWith('/'));
  const types = new Map(
    own.map((definition) => [
      definition.type,
      { ...definition, serve: inJson(describe(definition)) },
    ]),
  );
  const serveAll = inJson({
    problems: definitions.filter(({ isInternal }) => !isInternal).map(describe),
  });
  app.openapi(routes.listProblems, (c) =>
    prefersJson(c) ? serveAll(c) : redirect(c, '/docs/problems'),
  );
  app.openapi(routes.getProblem, (c) => {
    const found = types.get(`/problems/${c.req.valid('param').name}`);
    if (found === undefined) {
      throw new Problem('notFound', {
        detail: 'No problem has this type. See /problems for all types.',
      });
    }
    return found.isInternal || prefersJson(c) ? found.serve(c) : redirect(c, `/docs${found.type}`);
  });
}

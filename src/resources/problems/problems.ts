import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import { operation } from '../../http/operation.ts';
import { acceptedBy, type Offered } from '../../http/requests/accept.ts';
import { published } from '../../http/responses/published.ts';
import { catalogue } from '../../problems/catalogue.ts';
import type { ProblemDefinition } from '../../problems/definition.ts';
import { Problem } from '../../problems/problem.ts';
import { withSupport } from '../../problems/support.ts';

/** What a program learns about a problem type from its address. */
const problemType = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  /** What happened. */
  meaning: z.string(),
  /** What the reader can do about it. */
  remedy: z.string(),
});

const toPage = { description: 'For browsers: a redirect to the page in the docs.' };

const listProblems = operation({
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
    302: toPage,
  },
});

const getProblem = operation({
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
    302: toPage,
  },
});

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
  app.openapi(listProblems, (c) => (prefersJson(c) ? serveAll(c) : redirect(c, '/docs/problems')));
  app.openapi(getProblem, (c) => {
    const found = types.get(`/problems/${c.req.valid('param').name}`);
    if (found === undefined) {
      throw new Problem('notFound', {
        detail: 'No problem has this type. See /problems for all types.',
      });
    }
    return found.isInternal || prefersJson(c) ? found.serve(c) : redirect(c, `/docs${found.type}`);
  });
}

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Database } from '../../db/client.ts';
import { Deadline } from '../../db/deadline.ts';
import { DatabaseUnavailable } from '../../db/errors.ts';
import { operation } from '../../http/operation.ts';
import { missingMigrations } from './health.repository.ts';

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

const getHealth = operation({
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

const getReadiness = operation({
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

/**
 * How long an answer of the database is trusted, and how long a request waits for it, in milliseconds. Anyone can
 * send these requests, and no rate limit applies to them.
 */
const READINESS_TTL_MS = 5000;

/** Why the service is not ready; undefined if it is. */
type Answer = Error | undefined;

/** Returns why the database is not ready. Never rejects, because several requests wait for the answer. */
async function askDatabase(db: Database): Promise<Answer> {
  try {
    const missing = await missingMigrations(db);
    return missing.length === 0
      ? undefined
      : new DatabaseUnavailable(`missing migrations: ${missing.join(', ')}`, false);
  } catch (error) {
    return error as Error;
  }
}

/**
 * Asks the database whether the service is ready, at most once in five seconds for each isolate. Requests that
 * arrive meanwhile share the question and its answer, also a bad one.
 */
class ReadinessCheck {
  #last: { readonly askedAt: number; readonly answer: Promise<Answer> } | undefined;

  /**
   * Returns if the service is ready.
   *
   * @throws DatabaseFault if it is not, or if the answer takes longer than five seconds: the runtime can end the
   * request that asked, and then no answer comes.
   */
  async require(c: Context<AppEnv>): Promise<void> {
    const { now, background } = c.var.dependencies;
    const askedAt = now();
    if (this.#last === undefined || askedAt - this.#last.askedAt >= READINESS_TTL_MS) {
      this.#last = { askedAt, answer: askDatabase(c.var.db) };
      background(this.#last.answer);
    }
    const fault = await new Deadline(READINESS_TTL_MS).limit(this.#last.answer);
    if (fault !== undefined) {
      throw fault;
    }
  }
}

const headers = { 'Content-Type': 'application/health+json', 'Cache-Control': 'no-store' };
const pass = { status: 'pass' as const };

/** Mounts `/health` and `/health/ready`. */
export function mountHealth(app: OpenAPIHono<AppEnv>): void {
  const readiness = new ReadinessCheck();
  app.openapi(getHealth, (c) => c.json(pass, 200, headers));
  app.openapi(getReadiness, async (c) => {
    await readiness.require(c);
    return c.json(pass, 200, headers);
  });
}

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Database } from '../../db/client.ts';
import { Deadline } from '../../db/deadline.ts';
import { DatabaseUnavailable } from '../../db/errors.ts';
import { type Home, homesInTurn } from '../../homes.ts';
import { membersOfFault } from '../../http/log.ts';
import { operation } from '../../http/operation.ts';
import { databaseIn } from '../../http/requests/home.ts';
import { openString } from '../../open-string.ts';
import { missingMigrations } from './health.repository.ts';

const health = z
  .object({
    status: openString(
      ['pass', 'warn'],
      '`pass`, or `warn` if the service works, but not for all partners. More values may be added. A service that is not available returns a problem instead.',
    ),
  })
  .openapi('HealthStatus', { description: 'The health of the service.' });

type HealthStatus = z.infer<typeof health>['status'];

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
    'Check whether the service can process requests: its databases respond and have every migration that this version needs. If only some do, the status is `warn`.',
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
 * Asks the database of a home whether it is ready, at most once in five seconds for each isolate. Requests that
 * arrive meanwhile share the question and its answer, also a bad one.
 */
class ReadinessCheck {
  #last: { readonly askedAt: number; readonly answer: Promise<Answer> } | undefined;

  /**
   * Returns why the home is not ready; undefined if it is. An answer that takes longer than five seconds is a bad
   * one: the runtime can end the request that asked, and then no answer comes.
   */
  async ask(c: Context<AppEnv>, home: Home): Promise<Answer> {
    const { now, background } = c.var.dependencies;
    const askedAt = now();
    if (this.#last === undefined || askedAt - this.#last.askedAt >= READINESS_TTL_MS) {
      this.#last = { askedAt, answer: askDatabase(databaseIn(c, home)) };
      background(this.#last.answer);
    }
    return new Deadline(READINESS_TTL_MS).limit(this.#last.answer).catch((error: Error) => error);
  }
}

/** The checks of all homes. */
class ReadinessChecks {
  /** By the names of the homes. */
  readonly #checks = new Map<string, ReadinessCheck>();
  /** The names of the homes that were not ready in the last answer, or were not asked in time. */
  #unready = new Set<string>();
  /** The number of answers so far. */
  #answers = 0;

  /**
   * Returns whether all homes are ready. Those that were not are asked last, and by turns: five homes that do not answer
   * hold up all after them, because a request makes five D1 calls at a time.
   *
   * If some are not ready, it logs a warning for each of them: the others work, so a load balancer must not take the
   * service away from their partners.
   *
   * @throws DatabaseFault if none is ready.
   */
  async status(c: Context<AppEnv>): Promise<HealthStatus> {
    const { config, dependencies } = c.var;
    const wasUnready = ({ name }: Home) => Number(this.#unready.has(name));
    const inOrder = homesInTurn(config.homes, this.#answers++).toSorted(
      (a, b) => wasUnready(a) - wasUnready(b),
    );
    const answers = await Promise.all(
      inOrder.map(async (home) => ({ home, fault: await this.#checkOf(home).ask(c, home) })),
    );
    const failed = answers.flatMap(({ home, fault }) =>
      fault === undefined ? [] : [{ home, fault }],
    );
    this.#unready = new Set(failed.map(({ home }) => home.name));
    if (failed[0] !== undefined && failed.length === answers.length) {
      throw failed[0].fault;
    }
    for (const { home, fault } of failed) {
      const members = { ...membersOfFault(fault), home: home.name };
      dependencies.log?.({ event: 'warning', request_id: c.var.requestId, ...members });
    }
    return failed.length === 0 ? 'pass' : 'warn';
  }

  #checkOf({ name }: Home): ReadinessCheck {
    const check = this.#checks.get(name) ?? new ReadinessCheck();
    this.#checks.set(name, check);
    return check;
  }
}

const headers = { 'Content-Type': 'application/health+json', 'Cache-Control': 'no-store' };

/** Mounts `/health` and `/health/ready`. */
export function mountHealth(app: OpenAPIHono<AppEnv>): void {
  const readiness = new ReadinessChecks();
  app.openapi(getHealth, (c) => c.json({ status: 'pass' as const }, 200, headers));
  app.openapi(getReadiness, async (c) =>
    c.json({ status: await readiness.status(c) }, 200, headers),
  );
}

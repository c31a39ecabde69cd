import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Database } from '../../db/client.ts';
import { Deadline } from '../../db/deadline.ts';
import { DatabaseUnavailable } from '../../db/errors.ts';
import { missingMigrations } from './health.repository.ts';

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
export class ReadinessCheck {
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

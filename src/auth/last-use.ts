import type { Context } from 'hono';
import type { AppEnv } from '../context.ts';
import { openDatabase } from '../homes.ts';
import { lastUseStatements, type Use } from './credentials.repository.ts';

/** The time limit for recording a use, in milliseconds. */
const LAST_USE_DB_TIMEOUT_MS = 10_000;

/**
 * Records in the background that credentials were used. The response does not wait for the write, and a
 * failure is ignored, because the next use will be recorded.
 */
export function recordUse(c: Context<AppEnv>, uses: readonly Use[]): void {
  const { dependencies, home } = c.var;
  const statements = lastUseStatements(uses, dependencies.now());
  if (Object.keys(statements).length > 0) {
    const db = openDatabase(c.env, home, undefined, LAST_USE_DB_TIMEOUT_MS);
    dependencies.background(db.write(statements).catch(() => {}));
  }
}

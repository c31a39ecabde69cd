import type { Context } from 'hono';
import type { AppEnv } from '../context.ts';
import { Database } from '../db/client.ts';
import { lastUseStatements, type Use } from './credentials.repository.ts';

const NOTE_DB_TIMEOUT_MS = 10_000;

/**
 * Notes in the background that credentials were used. The response does not wait for it, and a fault
 * is ignored, because the next use will be noted.
 */
export function noteUse(c: Context<AppEnv>, uses: readonly Use[]): void {
  const { dependencies } = c.var;
  const statements = lastUseStatements(uses, dependencies.now());
  if (Object.keys(statements).length > 0) {
    const db = new Database(c.env.DB, undefined, NOTE_DB_TIMEOUT_MS);
    dependencies.background(db.write(statements).catch(() => {}));
  }
}

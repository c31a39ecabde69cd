import type { Context } from 'hono';
import type { AppEnv } from '../context.ts';
import { Database } from '../db/client.ts';
import { lastUseStatements, type Use } from './credentials.repository.ts';

/** Milliseconds that the note may take. */
const PATIENCE = 10_000;

/**
 * Notes in the background that credentials were used. Nobody waits for it, and a fault of it is
 * nobody's: the next use will be noted.
 */
export function noteUse(c: Context<AppEnv>, uses: readonly Use[]): void {
  const { dependencies } = c.var;
  const statements = lastUseStatements(uses, dependencies.now());
  if (statements.length > 0) {
    const db = new Database(c.env.DB, undefined, PATIENCE);
    dependencies.background(db.write(statements).catch(() => {}));
  }
}

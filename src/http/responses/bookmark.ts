import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';

/** A write answers with the bookmark of its state; a request that carries it reads at least that far. */
export const BOOKMARK_HEADER = 'x-d1-bookmark';

/**
 * Tells, once the response is there, what the database did: the bookmark after a write,
 * and, where the deployment exposes it, the cost as `Server-Timing` (rows and round trips, `dur` in
 * milliseconds).
 */
export function describeDatabaseUse(c: Context<AppEnv>): void {
  const db = c.get('db');
  const { bookmark } = db;
  if (c.res.ok && bookmark !== null) {
    c.res.headers.set(BOOKMARK_HEADER, bookmark);
  }
  if (c.get('config').exposesCost) {
    const { roundTrips, rowsRead, rowsWritten, durationMs } = db.cost;
    c.res.headers.set(
      'Server-Timing',
      `d1;dur=${durationMs.toFixed(1)};desc="trips=${roundTrips} read=${rowsRead} written=${rowsWritten}"`,
    );
  }
}

import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import { bookmarkOf } from '../../homes.ts';

/**
 * The header that carries a D1 bookmark. A write returns the bookmark of its state. A request that sends
 * it reads that state or a later one.
 *
 * @see {@link https://developers.cloudflare.com/d1/best-practices/read-replication/}
 */
export const BOOKMARK_HEADER = 'x-d1-bookmark';

/**
 * Adds headers about the use of the database to a finished response: the bookmark after a write and, if
 * the deployment exposes it, the cost as `Server-Timing` (rows, round trips, and `dur` in milliseconds).
 */
export function describeDatabaseUse(c: Context<AppEnv>): void {
  const db = c.get('db');
  const { bookmark } = db;
  if (c.res.ok && bookmark !== null) {
    c.res.headers.set(BOOKMARK_HEADER, bookmarkOf(c.get('home'), bookmark));
  }
  if (c.get('config').exposesCost) {
    const { roundTrips, rowsRead, rowsWritten, durationMs } = db.cost;
    c.res.headers.set(
      'Server-Timing',
      `d1;dur=${durationMs.toFixed(1)};desc="trips=${roundTrips} read=${rowsRead} written=${rowsWritten}"`,
    );
  }
}

import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import { bookmarkOf } from '../../homes.ts';

/**
 * The header that carries a D1 bookmark. A response has that of the state that its request saw or wrote. A request that
 * sends it reads that state or a later one.
 *
 * @see {@link https://developers.cloudflare.com/d1/best-practices/read-replication/}
 */
export const BOOKMARK_HEADER = 'x-d1-bookmark';

/** The statuses of refusals. Their responses say nothing about the database. */
const REFUSALS: readonly number[] = [401, 403];

/**
 * Adds headers about the use of the database to a finished response: the bookmark if a D1 call of the request succeeded
 * and, if the deployment exposes it, the cost as `Server-Timing` (rows, round trips, and `dur` in milliseconds). An
 * operation without credentials has no bookmark: it could say whether an unknown client names a home that exists.
 */
export function describeDatabaseUse(c: Context<AppEnv>): void {
  const db = c.get('db');
  const { bookmark } = db;
  const isAdmitted = c.get('policy')?.requiresCredentials && !REFUSALS.includes(c.res.status);
  if (isAdmitted && bookmark !== null) {
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

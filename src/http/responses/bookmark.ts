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
 * The statuses of the other problems that, as a rule, come before or without a D1 call that succeeded. A forced one has
 * no bookmark either, although its gate made such a call.
 */
const WITHOUT_CALL: readonly number[] = [405, 413, 429, 500, 503];

/**
 * Adds headers about the use of the database to a finished response: the bookmark if a D1 call of the request succeeded
 * and, if the deployment exposes it, the cost as `Server-Timing` (rows, round trips, and `dur` in milliseconds). An
 * operation without credentials has no bookmark: it could say whether an unknown client names a home that exists.
 */
export function describeDatabaseUse(c: Context<AppEnv>): void {
  const db = c.get('db');
  const { bookmark } = db;
  const { status } = c.res;
  const isAdmitted = c.get('policy')?.requiresCredentials && !REFUSALS.includes(status);
  const isForcedWithoutCall = c.get('isForced') && WITHOUT_CALL.includes(status);
  if (isAdmitted && !isForcedWithoutCall && bookmark !== null) {
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

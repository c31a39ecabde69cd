import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Database } from '../../db/client.ts';
import { type Home, openDatabase } from '../../homes.ts';
import { BOOKMARK_HEADER } from '../responses/bookmark.ts';

/** The time limit for all D1 calls of a request in one home together, in milliseconds. */
const REQUEST_DB_TIMEOUT_MS = 10_000;

/** Returns the database of a home for a request, whose cost includes that of all homes. */
export function databaseIn(c: Context<AppEnv>, home: Home): Database {
  if (c.get('home') === home) {
    return c.get('db');
  }
  const cost = c.get('db')?.cost;
  return openDatabase(c.env, home, c.req.header(BOOKMARK_HEADER), REQUEST_DB_TIMEOUT_MS, cost);
}

/** Makes the rest of the request use the database of a home. */
export function enterHome(c: Context<AppEnv>, home: Home): void {
  c.set('db', databaseIn(c, home));
  c.set('home', home);
}

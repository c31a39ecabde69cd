import type { Context } from 'hono';
import type { AppEnv } from '../../context.ts';
import type { Change } from '../../db/events.ts';

/** Returns the change that a request makes, with a new id for its event. */
export function changeOf(c: Context<AppEnv>): Change {
  const { dependencies, principal } = c.var;
  const { partnerId, clientId } = principal;
  return { partnerId, clientId, eventId: dependencies.newId(), now: dependencies.now() };
}

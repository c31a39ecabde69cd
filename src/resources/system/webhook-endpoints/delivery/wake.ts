import type { Context } from 'hono';
import { ExpiringMap } from '../../../../auth/expiring-map.ts';
import { configOf } from '../../../../config.ts';
import type { AppEnv, Dependencies } from '../../../../context.ts';
import { Cost } from '../../../../db/cost.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { type Home, openDatabase } from '../../../../homes.ts';
import { membersOfFault } from '../../../../http/log.ts';
import { settleInLanes } from '../../../../lanes.ts';
import { findEnabled } from './delivery.repository.ts';
import { findLagging, type LaggingEndpoint } from './lagging.repository.ts';

/** How long an isolate trusts which endpoints a partner has, in milliseconds. */
const ENDPOINTS_TTL_MS = 10_000;
const WAKE_DB_TIMEOUT_MS = 5_000;

/**
 * Wakes the endpoints of a partner after each of its writes, in the background. An isolate that does not know
 * of a new endpoint yet, or that cannot reach D1, only delays the delivery: the cron trigger wakes what lags.
 */
export class EndpointWaker {
  readonly #endpoints = new ExpiringMap<readonly string[]>(1000);

  /** Wakes the endpoints if the request can have written an event. The response does not wait for it. */
  afterResponse(c: Context<AppEnv>): void {
    const { dependencies, principal } = c.var;
    const isWrite = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    if (principal === undefined || !isWrite || !c.res.ok) {
      return;
    }
    const { partnerId } = principal;
    if (c.var.policy?.scope === 'webhooks:manage') {
      this.#endpoints.delete(String(partnerId));
    }
    dependencies.background(this.#wake(c, partnerId).catch(() => undefined));
  }

  async #wake(c: Context<AppEnv>, partnerId: PartnerId): Promise<void> {
    const { home, dependencies } = c.var;
    const { now, wakeEndpoint } = dependencies;
    const known = this.#endpoints.get(String(partnerId), now());
    const ids =
      known ??
      (await findEnabled(openDatabase(c.env, home, undefined, WAKE_DB_TIMEOUT_MS), partnerId));
    if (known === undefined) {
      this.#endpoints.set(String(partnerId), ids, now() + ENDPOINTS_TTL_MS);
    }
    await Promise.all(ids.map((id) => wakeEndpoint(c.env, home, id).catch(() => undefined)));
  }
}

/**
 * The time limit for the D1 calls of a run, in milliseconds. D1 ends a query after 30 seconds, and then a home that waits
 * for the place of one that hangs is asked.
 */
const LAGGING_DB_TIMEOUT_MS = 40_000;
/** The calls of Durable Objects that a run waits for at a time. */
const MAX_CALLS = 25;
/** How long a run waits for one call, in milliseconds, so that an object that hangs does not hold up the others. */
const WAKE_TIMEOUT_MS = 5_000;

/** Returns whether a call succeeds within its time limit. It never throws. */
async function succeedsInTime(call: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeIsUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), WAKE_TIMEOUT_MS);
  });
  const succeeds = call.then(
    () => true,
    () => false,
  );
  const isWoken = await Promise.race([succeeds, timeIsUp]);
  clearTimeout(timer);
  return isWoken;
}

/** An endpoint to wake, with its home and its place among those of this home. */
interface Sleeper extends LaggingEndpoint {
  readonly home: Home;
  readonly place: number;
}

/**
 * Wakes the webhook endpoints that lag behind the feed and that no Durable Object works on. A wake after a write can
 * be lost, and an object can forget its alarm; then this costs the delivery a minute or two. It logs one line for
 * each endpoint. The cron trigger calls it each minute.
 *
 * The homes share the places of a run evenly and are woken in turn, so neither a crowd in one home nor one that does
 * not answer holds up the endpoints of another.
 *
 * @param scheduledAt when the run was to begin, milliseconds since 1970.
 * @see findLagging
 * @throws the first fault of a home after all others were served, so that the run counts as failed.
 */
export async function wakeLagging(
  env: Env,
  { now, log, wakeEndpoint }: Pick<Dependencies, 'now' | 'log' | 'wakeEndpoint'>,
  scheduledAt: number,
): Promise<void> {
  const { homes } = configOf(env);
  const cost = new Cost();
  const faults: unknown[] = [];
  const lagging = await Promise.all(
    homes.map(async (home): Promise<Sleeper[]> => {
      try {
        const db = openDatabase(env, home, undefined, LAGGING_DB_TIMEOUT_MS, cost);
        const found = await findLagging(db, now(), scheduledAt, homes.length);
        return found.map((endpoint, place) => ({ ...endpoint, home, place }));
      } catch (error) {
        log?.({
          event: 'fault',
          task: 'wakes',
          home: home.name,
          ...membersOfFault(error as Error),
        });
        faults.push(error);
        return [];
      }
    }),
  );
  const inTurn = lagging.flat().sort((a, b) => a.place - b.place);
  await settleInLanes(inTurn, MAX_CALLS, async (sleeper) => {
    const { id, partner_id: partner, events, failed_attempts, home } = sleeper;
    const woken = await succeedsInTime(wakeEndpoint(env, home, id));
    log?.({
      event: 'webhook',
      ...{ home: home.name, partner, endpoint: id, behind: events, failed_attempts, woken },
    });
  });
  if (faults.length > 0) {
    throw faults[0];
  }
}

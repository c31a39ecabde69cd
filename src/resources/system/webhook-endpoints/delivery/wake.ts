import type { Context } from 'hono';
import { ExpiringMap } from '../../../../auth/expiring-map.ts';
import type { AppEnv } from '../../../../context.ts';
import { Database } from '../../../../db/client.ts';
import { findEnabled } from './enabled.repository.ts';

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

  async #wake(c: Context<AppEnv>, partnerId: number): Promise<void> {
    const { now, wakeEndpoint } = c.var.dependencies;
    const known = this.#endpoints.get(String(partnerId), now());
    const ids =
      known ??
      (await findEnabled(new Database(c.env.DB, undefined, WAKE_DB_TIMEOUT_MS), partnerId));
    if (known === undefined) {
      this.#endpoints.set(String(partnerId), ids, now() + ENDPOINTS_TTL_MS);
    }
    await Promise.all(ids.map((id) => wakeEndpoint(c.env, id).catch(() => undefined)));
  }
}

import { DurableObject } from 'cloudflare:workers';
import { configOf } from '../../../../config.ts';
import { Database } from '../../../../db/client.ts';
import { writeLine } from '../../../../http/log.ts';
import { DELIVERY_DB_TIMEOUT_MS, deliverDue } from './delivery.ts';

/** The name under which an object keeps the id of its endpoint. */
const ENDPOINT = 'endpoint';
/** When an object looks again after a fault, in milliseconds. */
const FAULT_DELAY_MS = 10_000;

/**
 * The Durable Object of a webhook endpoint. It only knows when to look: what is to be delivered, and what was,
 * stands in D1. So a lost alarm costs at most the minute until the cron trigger wakes the object.
 *
 * An object runs one alarm at a time, so no event of an endpoint overtakes another, and each endpoint has an
 * object of its own, so none waits for another one.
 */
export class WebhookScheduler extends DurableObject<Env> {
  /** Makes the object look for events now. It returns before anything is delivered. */
  async wake(endpointId: string): Promise<void> {
    await this.ctx.storage.put(ENDPOINT, endpointId);
    await this.#lookAt(Date.now());
  }

  /**
   * Delivers what is due. It never throws: the runtime would repeat the alarm a few times and then forget it.
   */
  override async alarm(): Promise<void> {
    try {
      const id = await this.ctx.storage.get<string>(ENDPOINT);
      const next = id === undefined ? null : await this.#deliver(id);
      if (next !== null) {
        await this.#lookAt(next);
      }
    } catch (error) {
      const { name, message } = error as Error;
      writeLine({ event: 'fault', task: 'webhook', error: name, message });
      await this.#lookAt(Date.now() + FAULT_DELAY_MS).catch(() => undefined);
    }
  }

  #deliver(id: string): Promise<number | null> {
    return deliverDue(
      {
        config: configOf(this.env),
        dependencies: {
          now: () => Date.now(),
          fetch: (url, init) => fetch(url, init),
          log: writeLine,
        },
        openDatabase: () => new Database(this.env.DB, undefined, DELIVERY_DB_TIMEOUT_MS),
      },
      id,
    );
  }

  /** Sets the alarm, unless it is set for an earlier time already. */
  async #lookAt(time: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || time < set) {
      await this.ctx.storage.setAlarm(time);
    }
  }
}

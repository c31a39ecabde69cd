import { DurableObject } from 'cloudflare:workers';
import { ConfigError, configOf } from '../../../../config.ts';
import { Cost } from '../../../../db/cost.ts';
import { type Home, homeNamed, MAIN_HOME, openDatabase } from '../../../../homes.ts';
import { membersOfFault, writeLine } from '../../../../http/log.ts';
import { DELIVERY_DB_TIMEOUT_MS, deliverDue } from './deliver.ts';

/** The name under which an object keeps the id of its endpoint. */
const ENDPOINT = 'endpoint';
/** The name under which an object keeps the name of the home of its endpoint. */
const HOME = 'home';
/** The name under which an object keeps its faults since the last success. */
const FAULTS = 'faults';
/** When an object looks again after a fault, in milliseconds. Each further fault doubles the time. */
const FAULT_DELAY_MS = 10_000;
const MAX_FAULT_DELAY_MS = 600_000;

/** The faults of an object since its last success. */
interface Faults {
  readonly count: number;
  /** Until when the object does not look, milliseconds since 1970. */
  readonly quietUntil: number;
}

/**
 * Returns the Durable Objects of a home. Those of a home with a jurisdiction run in it. The local runtime has no
 * jurisdictions and throws, and only a local deployment has an http address.
 */
function schedulersOf(env: Env, { jurisdiction }: Home): Env['WEBHOOK_SCHEDULER'] {
  const isLocal = configOf(env).issuer.startsWith('http:');
  return jurisdiction === undefined || isLocal
    ? env.WEBHOOK_SCHEDULER
    : env.WEBHOOK_SCHEDULER.jurisdiction(jurisdiction);
}

/**
 * Wakes the Durable Object of an endpoint, which the first wake creates. Cloudflare creates it near the configured
 * location, and otherwise near the caller of the first wake; it does not move later.
 *
 * @throws ConfigError if a binding is missing or invalid.
 */
export async function wakeEndpoint(env: Env, home: Home, endpointId: string): Promise<void> {
  const { webhookLocation: locationHint } = configOf(env);
  const options = locationHint === undefined ? {} : { locationHint };
  await schedulersOf(env, home).getByName(endpointId, options).wake(endpointId, home.name);
}

/**
 * The Durable Object of a webhook endpoint. It only knows when to look: what is to be delivered, and what was,
 * stands in D1. So a lost alarm only delays, until the cron trigger wakes the object. It stores nothing once it finds
 * that its endpoint is deleted.
 *
 * An object runs one alarm at a time, so no event of an endpoint overtakes another, and each endpoint has an
 * object of its own, so none waits for another one.
 */
export class WebhookScheduler extends DurableObject<Env> {
  /**
   * Makes the object look for events now, or after the wait for a fault. It returns before anything is delivered. The
   * first wake tells the object its endpoint and the home of it.
   */
  async wake(endpointId: string, homeName: string): Promise<void> {
    const { storage } = this.ctx;
    if ((await storage.get(ENDPOINT)) === undefined) {
      await storage.put({ [ENDPOINT]: endpointId, [HOME]: homeName });
    }
    const faults = await storage.get<Faults>(FAULTS);
    await this.#lookAt(Math.max(Date.now(), faults?.quietUntil ?? 0));
  }

  /**
   * Delivers what is due. It never throws: the runtime would repeat the alarm a few times and then forget it.
   * Each fault doubles the wait, because an attempt that D1 cannot record is made again after it.
   */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    let count = 0;
    try {
      count = (await storage.get<Faults>(FAULTS))?.count ?? 0;
      const id = await storage.get<string>(ENDPOINT);
      const next = id === undefined ? 'deleted' : await this.#deliver(id, await this.#home());
      if (next === 'deleted') {
        // A wake meanwhile has nothing to look for either.
        await storage.deleteAll();
        await storage.deleteAlarm();
        return;
      }
      if (count > 0) {
        await storage.delete(FAULTS);
      }
      if (next !== null) {
        await this.#lookAt(next);
      }
    } catch (error) {
      writeLine({ event: 'fault', task: 'webhook', ...membersOfFault(error as Error) });
      const quietUntil = Date.now() + Math.min(FAULT_DELAY_MS * 2 ** count, MAX_FAULT_DELAY_MS);
      const faults: Faults = { count: count + 1, quietUntil };
      // A wake during the alarm has set an earlier time, which does not hold after the fault.
      await Promise.all([storage.put(FAULTS, faults), storage.setAlarm(quietUntil)]).catch(
        () => undefined,
      );
    }
  }

  /**
   * Returns the home of the endpoint. The objects of before homes keep no name, and theirs is `main`.
   *
   * @throws ConfigError if the home is missing in the configuration, after which the object tries again.
   */
  async #home(): Promise<Home> {
    const name = (await this.ctx.storage.get<string>(HOME)) ?? MAIN_HOME.name;
    const home = homeNamed(configOf(this.env).homes, name);
    if (home === undefined) {
      throw new ConfigError(['HOMES']);
    }
    return home;
  }

  #deliver(id: string, home: Home): ReturnType<typeof deliverDue> {
    const cost = new Cost();
    return deliverDue(
      {
        config: configOf(this.env),
        dependencies: {
          now: () => Date.now(),
          fetch: (url, init) => fetch(url, init),
          log: writeLine,
        },
        openDatabase: () => openDatabase(this.env, home, undefined, DELIVERY_DB_TIMEOUT_MS, cost),
        cost,
        wakeEndpoint: (other) => wakeEndpoint(this.env, home, other),
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

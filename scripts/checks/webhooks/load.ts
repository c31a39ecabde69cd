import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoAccess } from '../../dev/demo-access.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
const BATCHES = '/v2/tickets/prepared-ticket-batches';
/** The number of tickets of a batch. */
const BATCH = 12;
/** The pauses after a creation with its update, and after a batch. */
const SINGLE_PAUSE_MS = 150;
const BATCH_PAUSE_MS = 1500;

const newTicket = () => ({
  customer_id: randomUUID(),
  vehicle_model_id: 1,
  vin: null,
  preparer_external_reference: 'check:webhooks',
});

/** Creates a ticket. */
export function createTicket(target: DemoAccess): Promise<{ readonly id: string }> {
  return target.request('POST', TICKETS, newTicket());
}

/** Creates a batch of tickets. @returns their ids. */
export async function createBatch(target: DemoAccess, size: number): Promise<string[]> {
  const batch = { prepared_tickets: Array.from({ length: size }, newTicket) };
  const { result } = await target.request<{ result: { id: string }[] }>('POST', BATCHES, batch);
  return result.map(({ id }) => id);
}

/** Writes of a partner, one after the other in two loops: creations with updates, and batches. */
export class Load {
  /** When the response of a write arrived, milliseconds since 1970, by {@link changeOf} of its event. */
  readonly answeredAt = new Map<string, number>();
  /** The faults of writes that no crash interrupted. */
  readonly faults: string[] = [];
  readonly #work: Promise<unknown>;
  #target: DemoAccess | undefined;
  #isOver = false;

  /** Starts the writes. */
  constructor(target: DemoAccess) {
    this.#target = target;
    this.#work = Promise.all([
      this.#run(this.#writeOne, SINGLE_PAUSE_MS),
      this.#run(this.#writeBatch, BATCH_PAUSE_MS),
    ]);
  }

  /** Pauses the writes, because the server is about to be killed. Failures of open requests are no faults. */
  pause(): void {
    this.#target = undefined;
  }

  /** Goes on with the writes on the restarted server. */
  resume(target: DemoAccess): void {
    this.#target = target;
  }

  /** Ends the writes, after those that are open. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #run(write: (target: DemoAccess) => Promise<void>, pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      const target = this.#target;
      try {
        if (target !== undefined) {
          await write.call(this, target);
        }
      } catch (error) {
        if (this.#target === target) {
          this.faults.push((error as Error).message);
        }
      }
      await sleep(pauseMs);
    }
  }

  async #writeOne(target: DemoAccess): Promise<void> {
    const { id } = await createTicket(target);
    this.#note(id, 1);
    const { customer_id, ...writable } = newTicket();
    await target.request('PUT', `${TICKETS}/${id}`, { ...writable, voucher_code: 'WQ4MM3' });
    this.#note(id, 2);
  }

  async #writeBatch(target: DemoAccess): Promise<void> {
    for (const id of await createBatch(target, BATCH)) {
      this.#note(id, 1);
    }
  }

  #note(id: string, version: number): void {
    this.answeredAt.set(changeOf({ id, version }), Date.now());
  }
}

/** Returns the key of the change that an event records, from its subject. */
export function changeOf({
  id,
  version,
}: {
  readonly id: string;
  readonly version?: number;
}): string {
  return `${id} ${version}`;
}

import { API, type World } from '../scripts/runtime/world.ts';
import { idOf } from './dataset.ts';

/** What was written while an export ran. */
export interface Writes {
  /** The numbers of the tickets of the data set that were deleted. */
  readonly deleted: ReadonlySet<number>;
  /** The ids of the tickets that were created. */
  readonly created: ReadonlySet<string>;
}

const newTicket = (n: number) => ({
  customer_id: idOf.customer(n % 2000),
  vehicle_model_id: 1,
  vin: null,
  preparer_external_reference: `EXPORT_${n}`,
});

/**
 * Creates and deletes tickets through the API, one after the other, until it is stopped.
 *
 * @param tickets of the data set; those that are deleted stand all over it.
 * @returns a function that stops it and returns what was written.
 */
export function startWrites(
  world: World,
  tickets: number,
  headers: () => Readonly<Record<string, string>>,
): () => Promise<Writes> {
  const deleted = new Set<number>();
  const created = new Set<string>();
  let isStopped = false;
  const send = async (origin: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${origin}/v2/tickets/prepared-tickets${path}`, {
      method,
      headers: { ...headers(), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      throw new Error(`${method} answered ${response.status}: ${await response.text()}`);
    }
    return response.text();
  };
  const work = async () => {
    const origin = await world.origin(API);
    for (let n = 0; !isStopped; n++) {
      const { id } = JSON.parse(await send(origin, 'POST', '', newTicket(n)));
      created.add(id);
      const victim = Math.floor(Math.random() * tickets);
      if (!deleted.has(victim)) {
        // Before the request: the export may miss the ticket from then on.
        deleted.add(victim);
        await send(origin, 'DELETE', `/${idOf.ticket(victim)}`);
      }
    }
  };
  const done = work();
  // A fault is thrown when the writes are stopped, and not before somebody can catch it.
  done.catch(() => undefined);
  return async () => {
    isStopped = true;
    await done;
    return { deleted, created };
  };
}

import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { Problem } from '../../../problems/problem.ts';
import * as repository from './picked-up.repository.ts';
import { noTicket } from './prepared-tickets.routes.ts';

/** The path of the tickets that were picked up. */
export const TICKETS = '/v2/tickets/tickets';

/** Returns the problem of a prepared ticket that was picked up. */
function pickedUp(id: string): Problem {
  return new Problem('pickedUp', { ticket: `${TICKETS}/${id}` });
}

/**
 * Returns the problem of an id that names no prepared ticket of the partner: 410 if the ticket was picked
 * up, and one 404 if the id is unknown, deleted or another partner's.
 *
 * @param detail the `detail` of the 404.
 */
export async function missingTicket(
  c: Context<AppEnv>,
  id: string,
  detail: string = noTicket,
): Promise<Problem> {
  const wasThere = await repository.isPickedUp(c.var.db, c.var.principal.partnerId, id);
  return wasThere ? pickedUp(id) : new Problem('notFound', { detail });
}

/**
 * Returns the problem of a picked-up ticket that has a reference, if there is one. Of several, it names the
 * one that was picked up last.
 */
export async function pickedUpByReference(
  c: Context<AppEnv>,
  reference: string,
): Promise<Problem | undefined> {
  const { db, principal } = c.var;
  const id = await repository.newestPickedUp(db, principal.partnerId, reference);
  return id === undefined ? undefined : pickedUp(id);
}

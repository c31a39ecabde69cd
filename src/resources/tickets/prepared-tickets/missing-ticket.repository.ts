import { z } from '@hono/zod-openapi';
import type { SQL } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { Problem } from '../../../problems/problem.ts';
import { problemWith } from '../../../problems/schemas.ts';
import { TICKETS, ticketExample } from '../ticket.ts';
import { noTicket } from './prepared-ticket.ts';

/** Creates the problem of a ticket that was picked up. */
export const pickedUp = problemWith(
  'pickedUp',
  {
    ticket: z.string().openapi({
      format: 'uri-reference',
      maxLength: 255,
      description: 'For the type /problems/picked-up: the path of the ticket.',
    }),
  },
  { ticket: `${TICKETS}/${ticketExample.id}` },
);

/**
 * Returns the problem of an id that names no prepared ticket of the partner: 410 if the ticket was picked
 * up, and one 404 if the id is unknown, deleted or another partner's.
 *
 * @param detail the `detail` of the 404.
 */
export async function missingTicket(
  db: Database,
  partnerId: PartnerId,
  id: string,
  detail: string = noTicket,
): Promise<Problem> {
  const { found } = await db.read({
    found: ownedSql`SELECT 1 FROM tickets WHERE id = ${id} AND partner_id = ${partnerId}`,
  });
  return found.length > 0
    ? pickedUp({ ticket: `${TICKETS}/${id}` })
    : new Problem('notFound', { detail });
}

/** Returns a SELECT of the id of the ticket with a reference that was picked up last. */
export const lastPickedUp = (key: {
  readonly partnerId: PartnerId;
  readonly reference: string | SQL;
}) =>
  ownedSql<{ id: string }>`SELECT id FROM tickets INDEXED BY tickets_reference
    WHERE partner_id = ${key.partnerId} AND preparer_external_reference = ${key.reference}
    ORDER BY picked_up_at DESC, ticket_number DESC LIMIT 1`;

/**
 * Returns the problem of a picked-up ticket that has a reference, if there is one. Of several, it names the
 * one that was picked up last.
 */
export async function pickedUpByReference(
  db: Database,
  key: Parameters<typeof lastPickedUp>[0],
): Promise<Problem | undefined> {
  const { found } = await db.read({ found: lastPickedUp(key) });
  return found[0] && pickedUp({ ticket: `${TICKETS}/${found[0].id}` });
}

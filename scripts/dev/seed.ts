import { sha256 } from '../../src/auth/secrets.ts';
import { repairCounts } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import {
  type Credentials,
  credentialsSql,
  everyScope,
  newCredentials,
  partnerSql,
} from '../partner/partners.ts';
import { type DemoCredentials, type DemoPartner, demoPartners } from './demo-credentials.ts';
import { type DemoTicket, demoTickets } from './demo-tickets.ts';
import type { LocalDatabase, Statement } from './local-database.ts';

/** What seeding did for one partner. */
export interface Seeded {
  readonly partner: DemoPartner;
  readonly credentials: Credentials;
  /** Tickets written: none for a partner that was there already. */
  readonly tickets: number;
  readonly credentialsAreNew: boolean;
}

/**
 * Sees to it that each demo partner is there and that its credentials are known. Tickets come with
 * the partner, in its transaction, and never again: what a developer changed or deleted stays so.
 *
 * @param db a local database; the type has no other.
 * @param known the credentials kept so far; those that the database does not know, or that cannot do
 * everything, are replaced.
 * @param now milliseconds since 1970.
 */
export async function seed(
  db: LocalDatabase,
  known: DemoCredentials,
  now: number,
): Promise<Seeded[]> {
  const seeded: Seeded[] = [];
  for (const partner of demoPartners) {
    seeded.push(await seedPartner(db, partner, known[partner], now));
  }
  return seeded;
}

async function seedPartner(
  db: LocalDatabase,
  partner: DemoPartner,
  known: Credentials | undefined,
  now: number,
): Promise<Seeded> {
  const exists = await db.prepare('SELECT 1 FROM partners WHERE name = ?').bind(partner).first();
  const tickets = exists ? [] : demoTickets(partner, now);
  const valid = known !== undefined && (await areValid(db, partner, known));
  const credentials = valid ? known : newCredentials('test');

  const statements: Statement[] = [];
  if (!exists) {
    statements.push(
      db.prepare(partnerSql(partner, now)),
      ...ticketStatements(db, partner, tickets),
    );
  }
  if (!valid) {
    const sql = await credentialsSql(partner, credentials, now);
    statements.push(...sql.map((statement) => db.prepare(statement)));
  }
  if (statements.length > 0) {
    await db.batch(statements);
  }
  return { partner, credentials, tickets: tickets.length, credentialsAreNew: !valid };
}

/** Whether the partner has this client, with this secret and every scope, and this key. */
async function areValid(db: LocalDatabase, partner: string, known: Credentials): Promise<boolean> {
  const found = await db
    .prepare(
      `SELECT 1 FROM partners
       JOIN clients ON clients.partner_id = partners.id
       JOIN api_keys ON api_keys.partner_id = partners.id
       WHERE partners.name = ? AND clients.id = ? AND clients.secret_sha256 = ? AND clients.scopes = ?
         AND api_keys.sha256 = ?`,
    )
    .bind(
      partner,
      known.client_id,
      await sha256(known.client_secret),
      everyScope,
      await sha256(known.api_key),
    )
    .first();
  return found !== null;
}

/** The tickets and lines of a new partner and their counts: a statement each, whatever their number. */
function ticketStatements(
  db: LocalDatabase,
  partner: DemoPartner,
  tickets: readonly DemoTicket[],
): Statement[] {
  const json = JSON.stringify(tickets);
  return [
    db
      .prepare(
        `INSERT INTO prepared_tickets (id, partner_id, created_at, customer_id, vehicle_model_id,
           vin, voucher_code, preparer_external_reference)
         SELECT ticket.value ->> 'id', partners.id, ticket.value ->> 'created_at',
           ticket.value ->> 'customer_id', ticket.value ->> 'vehicle_model_id',
           ticket.value ->> 'vin', ticket.value ->> 'voucher_code',
           ticket.value ->> 'preparer_external_reference'
         FROM json_each(?) AS ticket JOIN partners ON partners.name = ?
         ORDER BY ticket.key`,
      )
      .bind(json, partner),
    db
      .prepare(
        `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
         SELECT ticket_number, line.value ->> 'product_id', partner_id, created_at,
           line.value ->> 'quantity'
         FROM json_each(?) AS ticket
         JOIN prepared_tickets ON prepared_tickets.id = ticket.value ->> 'id'
         JOIN json_each(ticket.value, '$.lines') AS line`,
      )
      .bind(json),
    ...repairCounts.map((statement) => db.prepare(statement)),
  ];
}

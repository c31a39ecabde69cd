import { sql } from 'drizzle-orm';
import { sha256 } from '../../src/auth/secrets.ts';
import { recordEventsOfOperator } from '../../src/db/events.ts';
import { repairCounts } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { inlined } from '../partner/inlined-sql.ts';
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

/** The result of seeding for one demo partner. */
interface Seeded {
  readonly partner: DemoPartner;
  readonly credentials: Credentials;
  /** The number of inserted tickets; 0 if the partner already existed. */
  readonly tickets: number;
  readonly credentialsAreNew: boolean;
}

/** The result of seeding. */
interface SeededAll {
  readonly partners: readonly Seeded[];
  /** The credentials of the portal. */
  readonly portal: Credentials;
}

/** The client of the portal. It belongs to the partner `demo` and has no other scope than it needs. */
const portalClient = {
  name: 'Customer Portal',
  scopes: 'prepared-tickets:read prepared-tickets:pick-up events:read',
};

/**
 * Creates the demo partners that are missing, and new credentials if the saved ones do not work. Inserts
 * tickets only together with a new partner, in one transaction, so that the tickets that a developer
 * changed or deleted stay that way.
 *
 * @param db the local database. The type accepts no other.
 * @param known the saved credentials. Credentials that the database does not have, or that lack a scope,
 * are replaced.
 * @param now milliseconds since 1970.
 */
export async function seed(
  db: LocalDatabase,
  known: DemoCredentials,
  now: number,
): Promise<SeededAll> {
  const partners: Seeded[] = [];
  for (const partner of demoPartners) {
    partners.push(await seedPartner(db, partner, known[partner], now));
  }
  return { partners, portal: await seedPortal(db, known.portal, now) };
}

/** Returns the credentials of the portal. Creates new ones if the saved ones do not work. */
async function seedPortal(
  db: LocalDatabase,
  known: Credentials | undefined,
  now: number,
): Promise<Credentials> {
  if (known !== undefined && (await areValid(db, 'demo', known, portalClient.scopes))) {
    return known;
  }
  const credentials = newCredentials('test');
  const sql = await credentialsSql('demo', credentials, now, portalClient);
  await db.batch(sql.map((statement) => db.prepare(statement)));
  return credentials;
}

async function seedPartner(
  db: LocalDatabase,
  partner: DemoPartner,
  known: Credentials | undefined,
  now: number,
): Promise<Seeded> {
  const exists = await db.prepare('SELECT 1 FROM partners WHERE name = ?').bind(partner).first();
  const tickets = exists ? [] : demoTickets(partner, now);
  const valid = known !== undefined && (await areValid(db, partner, known, everyScope));
  const credentials = valid ? known : newCredentials('test');

  const statements: Statement[] = [];
  if (!exists) {
    statements.push(
      db.prepare(partnerSql(partner, now)),
      ...ticketStatements(db, partner, tickets, now),
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

/** Returns whether the partner has this API key and this client, with this secret and these scopes. */
async function areValid(
  db: LocalDatabase,
  partner: string,
  known: Credentials,
  scopes: string,
): Promise<boolean> {
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
      scopes,
      await sha256(known.api_key),
    )
    .first();
  return found !== null;
}

/** Returns the SQL that records the tickets of a new partner as events of the operator. */
function recordSeed(partner: DemoPartner, now: number): string {
  return inlined(
    recordEventsOfOperator(
      now,
      'prepared_ticket.created',
      sql`SELECT partner_id, prepared_tickets.id AS id, ticket_number, version, preparer_external_reference
        FROM prepared_tickets JOIN partners ON partners.id = partner_id WHERE partners.name = ${partner}`,
    ),
  );
}

/**
 * Returns the statements that insert the tickets of a new partner, their numbers, product lines, counts and
 * events. Each is one statement for all tickets.
 */
function ticketStatements(
  db: LocalDatabase,
  partner: DemoPartner,
  tickets: readonly DemoTicket[],
  now: number,
): Statement[] {
  const json = JSON.stringify(tickets);
  return [
    db
      .prepare(
        `INSERT INTO ticket_numbers (partner_id, newest)
         SELECT id, ? FROM partners WHERE name = ?`,
      )
      .bind(tickets.length, partner),
    db
      .prepare(
        `INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id,
           vin, voucher_code, preparer_external_reference)
         SELECT ticket.value ->> 'id', partners.id, ticket.key + 1, ticket.value ->> 'created_at',
           ticket.value ->> 'customer_id', ticket.value ->> 'vehicle_model_id',
           ticket.value ->> 'vin', ticket.value ->> 'voucher_code',
           ticket.value ->> 'preparer_external_reference'
         FROM json_each(?) AS ticket JOIN partners ON partners.name = ?`,
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
    db.prepare(recordSeed(partner, now)),
  ];
}

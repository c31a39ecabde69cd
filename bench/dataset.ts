import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { repairCounts } from '../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { pickedUpRecount } from '../src/resources/tickets/tickets/recount.repository.ts';

export const DAY_MS = 86_400_000;
const CUSTOMERS = 2000;
const PRODUCTS = 40;

/**
 * The number of tickets that one statement inserts: enough to be fast, and few enough that a busy machine does
 * it within the few seconds after which workerd closes a connection that says nothing.
 */
const TICKETS_PER_STATEMENT = 20_000;

/** The inserted tickets. */
export interface Dataset {
  /** The id of the measured partner. The next one is that of the other partner. */
  readonly partner: number;
  /** The number of tickets of the measured partner. The other one has a hundredth of it. */
  readonly tickets: number;
  /** Where the time of all tickets begins, and where it ends (today, 00:00 UTC), in milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

const uuid = (kind: number) => (n: number) =>
  `00000000-0000-4000-800${kind}-${n.toString(16).padStart(12, '0')}`;

/** Return the id of a ticket, a customer or a product by its number. Customer 0 has a tenth of all tickets. */
export const idOf = {
  ticket: uuid(0),
  customer: uuid(1),
  product: uuid(2),
  pickedUp: uuid(3),
};
const sqlUuid = (kind: number, n: string) => `printf('00000000-0000-4000-800${kind}-%012x', ${n})`;

/** Returns the product of the line of a ticket, and the id of its customer, as the SQL below chooses them. */
const hashOf = (n: number) => Number((BigInt(n) * 2654435761n) & 4294967295n);
export const productOf = (n: number) => idOf.product((hashOf(n) >>> 16) % PRODUCTS);
export const customerOf = (n: number) =>
  idOf.customer(n % 10 === 0 ? 0 : 1 + ((hashOf(n) >>> 7) % (CUSTOMERS - 1)));

/** SQL for a pseudo-random number of ticket `n`, which is the same in each run (multiplicative hashing). */
const HASH = '((n * 2654435761) & 4294967295)';
const CUSTOMER = `iif(n % 10 = 0, 0, 1 + (${HASH} >> 7) % ${CUSTOMERS - 1})`;
const PRODUCT = `(${HASH} >> 16) % ${PRODUCTS}`;

/**
 * Returns the SQL that inserts the tickets from `from` to before `to` of a partner, and their product lines.
 * 10 % of the tickets have customer 0, 2 % have no VIN, and 1 % have the empty reference. 90 % of the VINs
 * and 30 % of the references are distinct.
 */
function ticketsSql(partner: number, dataset: Dataset, from: number, to: number) {
  const { tickets, start, end } = dataset;
  const isMeasured = partner === dataset.partner;
  const total = isMeasured ? tickets : tickets / 100;
  const numbers = `WITH RECURSIVE numbers(n) AS (
    SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${to})`;
  const time = `${start} + n * ${(end - start) / total}`;
  const ticket = sqlUuid(0, isMeasured ? 'n' : `n + ${tickets}`);
  return [
    `INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id, vin,
       voucher_code, preparer_external_reference)
     ${numbers} SELECT ${ticket}, ${partner}, n + 1, CAST(${time} AS INTEGER), ${sqlUuid(1, CUSTOMER)},
       ${HASH} % 500,
       iif(n / 10 % 50 = 7, NULL, printf('WBENCH%011d', n % ${Math.ceil(total * 0.9)})),
       iif(n % 3 = 0, NULL, printf('V%05d', n % 100000)),
       iif((${HASH} >> 20) % 100 = 33, '', printf('ERP_%d', n % ${Math.ceil(total * 0.3)}))
     FROM numbers`,
    `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
     ${numbers} SELECT ticket_number, ${sqlUuid(2, PRODUCT)}, partner_id, created_at, 1 + n % 4
     FROM numbers CROSS JOIN prepared_tickets ON partner_id = ${partner} AND ticket_number = n + 1`,
    `INSERT INTO ticket_numbers (partner_id, newest) VALUES (${partner}, ${to})
     ON CONFLICT DO UPDATE SET newest = excluded.newest`,
  ];
}

/**
 * Fills both partners' tickets and the counts.
 *
 * @param days over which the tickets are spread evenly: two years, or one day as when a partner migrates.
 * @param measured the id of the partner with all tickets. The partner with the next id has a hundredth of them.
 */
export async function fill(
  database: RuntimeDatabase,
  tickets: number,
  days: number,
  measured = 1,
): Promise<Dataset> {
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const dataset = { partner: measured, tickets, start: end - days * DAY_MS, end };
  for (const [partner, total] of [
    [measured, tickets],
    [measured + 1, tickets / 100],
  ] as const) {
    for (let from = 0; from < total; from += TICKETS_PER_STATEMENT) {
      const sql = ticketsSql(partner, dataset, from, Math.min(from + TICKETS_PER_STATEMENT, total));
      await database.batch(sql.map((statement) => database.prepare(statement)));
    }
  }
  for (const statement of repairCounts) {
    await database.prepare(statement).run();
  }
  return dataset;
}

/** Within how many milliseconds after its creation a ticket is picked up: enough to change the order. */
const PICKED_UP_WITHIN_MS = 3_600_000;

/** The numbers of picked-up tickets begin above those of the prepared tickets. */
export const FIRST_PICKED_UP = 1_000_000_000;

/**
 * Copies every prepared ticket, with its lines, to the picked-up tickets, with an id and a number of its own,
 * and fills their counts.
 */
export async function fillPickedUp(
  database: RuntimeDatabase,
  { partner, tickets }: Dataset,
): Promise<void> {
  for (let from = 0; from < tickets; from += TICKETS_PER_STATEMENT) {
    const some = `partner_id IN (${partner}, ${partner + 1})
      AND ticket_number > ${from} AND ticket_number <= ${from + TICKETS_PER_STATEMENT}`;
    const delay = `((ticket_number * 2654435761) & 4294967295) % ${PICKED_UP_WITHIN_MS}`;
    const sql = [
      `INSERT INTO tickets (ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin,
         voucher_code, preparer_external_reference, picked_up_at)
       SELECT ${FIRST_PICKED_UP} + ticket_number, replace(id, '-8000-', '-8003-'), partner_id, created_at,
         customer_id, vehicle_model_id, vin, voucher_code, preparer_external_reference,
         created_at + ${delay}
       FROM prepared_tickets WHERE ${some}`,
      `INSERT INTO ticket_lines (partner_id, ticket_number, product_id, quantity)
       SELECT partner_id, ${FIRST_PICKED_UP} + ticket_number, product_id, quantity FROM product_lines
       WHERE ${some}`,
    ];
    await database.batch(sql.map((statement) => database.prepare(statement)));
  }
  for (const statement of pickedUpRecount.repairCounts) {
    await database.prepare(statement).run();
  }
}

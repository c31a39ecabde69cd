import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { repairCounts } from '../src/resources/tickets/prepared-tickets/recount.repository.ts';

export const DAY = 86_400_000;
const DAYS = 730;
const CUSTOMERS = 2000;
const PRODUCTS = 40;

/** Tickets of one statement; enough to be quick, few enough for one message to D1. */
const CHUNK = 100_000;

/** What the tables hold. */
export interface Dataset {
  /** Tickets of partner 1; partner 2 has a hundredth. */
  readonly tickets: number;
  /** Where the two years begin, and where they end (today, 00:00 UTC), in milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

const uuid = (kind: number) => (n: number) =>
  `00000000-0000-4000-800${kind}-${n.toString(16).padStart(12, '0')}`;

/** The id of a ticket, a customer or a product by its number; 0 is the customer with a tenth of all. */
export const idOf = { ticket: uuid(0), customer: uuid(1), product: uuid(2) };
const sqlUuid = (kind: number, n: string) => `printf('00000000-0000-4000-800${kind}-%012x', ${n})`;

/** Tickets have numbers that look drawn, and are the same in each run: multiplicative hashing. */
const HASH = '((n * 2654435761) & 4294967295)';
const CUSTOMER = `iif(n % 10 = 0, 0, 1 + (${HASH} >> 7) % ${CUSTOMERS - 1})`;
const PRODUCT = `(${HASH} >> 16) % ${PRODUCTS}`;

/**
 * SQL that writes tickets `from` to `to` of partner 1, or their equals of partner 2, and their lines.
 * A tenth of all have customer 0, 2 % no VIN, 1 % the empty reference; 9 of 10 VINs and 3 of 10
 * references are distinct.
 */
function ticketsSql(partner: number, { tickets, start, end }: Dataset, from: number, to: number) {
  const total = partner === 1 ? tickets : tickets / 100;
  const numbers = `WITH RECURSIVE numbers(n) AS (
    SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${to})`;
  const time = `${start} + n * ${(end - start) / total} + ${HASH} % 1000`;
  const ticket = sqlUuid(0, partner === 1 ? 'n' : `n + ${tickets}`);
  return [
    `INSERT INTO prepared_tickets (id, partner_id, created_at, customer_id, vehicle_model_id, vin,
       voucher_code, preparer_external_reference)
     ${numbers} SELECT ${ticket}, ${partner}, CAST(${time} AS INTEGER), ${sqlUuid(1, CUSTOMER)},
       ${HASH} % 500,
       iif(n / 10 % 50 = 7, NULL, printf('WBENCH%011d', n % ${Math.ceil(total * 0.9)})),
       iif(n % 3 = 0, NULL, printf('V%05d', n % 100000)),
       iif((${HASH} >> 20) % 100 = 33, '', printf('ERP_%d', n % ${Math.ceil(total * 0.3)}))
     FROM numbers`,
    `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
     ${numbers} SELECT ticket_number, ${sqlUuid(2, PRODUCT)}, partner_id, created_at, 1 + n % 4
     FROM numbers CROSS JOIN prepared_tickets ON id = ${ticket}`,
  ];
}

/** Fills both partners' tickets and the counts. */
export async function fill(database: RuntimeDatabase, tickets: number): Promise<Dataset> {
  const end = Math.floor(Date.now() / DAY) * DAY;
  const dataset = { tickets, start: end - DAYS * DAY, end };
  for (const [partner, total] of [
    [1, tickets],
    [2, tickets / 100],
  ] as const) {
    for (let from = 0; from < total; from += CHUNK) {
      const sql = ticketsSql(partner, dataset, from, Math.min(from + CHUNK, total));
      await database.batch(sql.map((statement) => database.prepare(statement)));
    }
  }
  await database.prepare(repairCounts).run();
  return dataset;
}

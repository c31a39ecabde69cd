import { expect } from 'vitest';
import { repairCounts } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import type { TestApi } from './api.ts';
import { databaseOf } from './homes.ts';
import type { TestPartner } from './partners.ts';
import { recountPickedUp } from './picked-up-tickets.ts';
import { START } from './start.ts';
import { textOf } from './texts.ts';
import { CUSTOMER, type Ticket, takeNumbers } from './tickets.ts';

export const EXPORT = '/v2/tickets/prepared-ticket-export';
/** The path of the export of picked-up tickets. */
export const TICKET_EXPORT = '/v2/tickets/ticket-export';

export interface ExportedTicket extends Ticket {
  product_lines: { product_id: string; quantity: number }[];
}

type Query = Record<string, string | number>;

/** The path of an export with these parameters. */
export const exportPath = (query: Query = {}, path = EXPORT) =>
  `${path}?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;

/** The path of the following page, or undefined on the last one. */
export function nextOf(response: Response): string | undefined {
  const target = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (target === undefined) {
    return undefined;
  }
  const { pathname, search } = new URL(target);
  return pathname + search;
}

/** The tickets of a body in NDJSON. */
export async function linesOf(response: Response): Promise<ExportedTicket[]> {
  const text = await textOf(response);
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Reads an export page by page until the end. @param between runs before each further page. */
export async function exportAll(
  api: TestApi,
  as: TestPartner,
  query: Query,
  between: (page: number) => Promise<unknown> = async () => undefined,
  ofTickets = EXPORT,
): Promise<ExportedTicket[]> {
  const tickets: ExportedTicket[] = [];
  let path: string | undefined = exportPath(query, ofTickets);
  for (let page = 1; path !== undefined; page++) {
    const response = await api.get(path, as);
    expect(response.status).toBe(200);
    tickets.push(...(await linesOf(response)));
    path = nextOf(response);
    await between(page);
  }
  return tickets;
}

/**
 * Writes tickets at once, without requests, oldest first.
 *
 * @param stepMs milliseconds between two of them; with 0 they all have one `created_at`.
 */
export async function writeTickets(
  { partnerId }: TestPartner,
  count: number,
  stepMs = 1000,
): Promise<Ticket[]> {
  const database = databaseOf({ partnerId });
  const [, written] = await database.batch<Ticket>([
    takeNumbers(partnerId, count),
    database
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
       INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id, vin,
         preparer_external_reference)
       SELECT format('%08x-0000-4000-8000-%012d', ?2, i), ?2, newest - ?1 + 1 + i, ?3 + i * ?4, ?5, i, NULL,
         'REFERENCE_' || (i % 5)
       FROM n CROSS JOIN ticket_numbers WHERE partner_id = ?2 RETURNING *`,
      )
      .bind(count, partnerId, START, stepMs, CUSTOMER),
    ...repairCounts.map((statement) => database.prepare(statement)),
  ]);
  return written?.results as Ticket[];
}

/**
 * Writes picked-up tickets at once, without requests, the one that was picked up first first. Their numbers fall.
 *
 * @param stepMs milliseconds between two of them; with 0 they all have one `picked_up_at`.
 */
export async function writePickedUpTickets(
  { partnerId }: TestPartner,
  count: number,
  stepMs = 1000,
): Promise<{ readonly id: string }[]> {
  const database = databaseOf({ partnerId });
  const [, written] = await database.batch<{ id: string }>([
    takeNumbers(partnerId, count),
    database
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
       INSERT INTO tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id,
         preparer_external_reference, picked_up_at)
       SELECT format('%08x-0000-4000-8000-%012d', ?2, i), ?2, newest - i, ?3, ?5, i, 'REFERENCE_' || (i % 5),
         ?3 + i * ?4
       FROM n CROSS JOIN ticket_numbers WHERE partner_id = ?2 RETURNING id`,
      )
      .bind(count, partnerId, START, stepMs, CUSTOMER),
    ...recountPickedUp(database),
  ]);
  return written?.results ?? [];
}

/** The identifiers of tickets. */
export const idsOf = (tickets: readonly { readonly id: string }[]) => tickets.map(({ id }) => id);

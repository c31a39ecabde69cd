import { type SQL, sql } from 'drizzle-orm';
import type { PreparedTicketFilters } from './filters.ts';
import { facets } from './ticket-counts.repository.ts';

/** A filter that can find its tickets by itself, through an index that has them in order of time. */
export interface AccessPath {
  readonly name: string;
  /** A FROM clause whose rows have ticket_number and created_at. */
  readonly entries: SQL;
  /** Which of them match; always names the partner. */
  readonly condition: SQL;
  /** Whether the entries are the tickets themselves, and not their product lines. */
  readonly areTickets: boolean;
  /** The facet that counts its matches day by day; undefined when nothing does. */
  readonly facet?: string;
}

const indexes = {
  all: 'prepared_tickets_newest',
  vin: 'prepared_tickets_vin',
  reference: 'prepared_tickets_reference',
  customer: 'prepared_tickets_customer',
} as const;

/**
 * The access paths that these filters offer; the one of all the partner's tickets when there is no
 * filter. A ticket number needs no other path: it matches one ticket at most.
 */
export function accessPathsOf(
  partnerId: number,
  filters: PreparedTicketFilters,
): [AccessPath, ...AccessPath[]] {
  const { customer_id, product_id, ticket_number, vin, preparer_external_reference } = filters;
  const ofPartner = sql`partner_id = ${partnerId}`;
  const tickets = (name: keyof typeof indexes, condition: SQL, facet?: string): AccessPath => ({
    name,
    entries: sql.raw(`prepared_tickets INDEXED BY ${indexes[name]}`),
    condition,
    areTickets: true,
    ...(facet !== undefined && { facet }),
  });
  if (ticket_number !== undefined) {
    const condition = sql`${ofPartner} AND ticket_number = ${ticket_number}`;
    const entries = sql.raw('prepared_tickets');
    return [{ name: 'ticket_number', entries, condition, areTickets: true }];
  }
  const paths: AccessPath[] = [];
  if (vin !== undefined) {
    const condition = sql`${ofPartner} AND vin IS ${vin}`;
    paths.push(tickets('vin', condition, vin === null ? facets.noVin : undefined));
  }
  if (preparer_external_reference !== undefined) {
    const condition = sql`${ofPartner} AND preparer_external_reference = ${preparer_external_reference}`;
    paths.push(tickets('reference', condition));
  }
  if (customer_id !== undefined) {
    const condition = sql`${ofPartner} AND customer_id = ${customer_id}`;
    paths.push(tickets('customer', condition, facets.customer(customer_id)));
  }
  if (product_id !== undefined) {
    paths.push({
      name: 'product',
      entries: sql.raw('product_lines INDEXED BY product_lines_product'),
      condition: sql`${ofPartner} AND product_id = ${product_id}`,
      areTickets: false,
      facet: facets.product(product_id),
    });
  }
  const [first = tickets('all', ofPartner, facets.all), ...others] = paths;
  return [first, ...others];
}

/** The condition of every filter but the period, on a row of prepared_tickets that `path` found. */
export function conditionsOf(
  partnerId: number,
  filters: PreparedTicketFilters,
  path: AccessPath,
): SQL {
  const { customer_id, product_id, ticket_number, vin, preparer_external_reference } = filters;
  const conditions = [sql`prepared_tickets.partner_id = ${partnerId}`];
  if (ticket_number !== undefined) {
    conditions.push(sql`prepared_tickets.ticket_number = ${ticket_number}`);
  }
  if (vin !== undefined) {
    conditions.push(sql`vin IS ${vin}`);
  }
  if (preparer_external_reference !== undefined) {
    conditions.push(sql`preparer_external_reference = ${preparer_external_reference}`);
  }
  if (customer_id !== undefined) {
    conditions.push(sql`customer_id = ${customer_id}`);
  }
  if (product_id !== undefined && path.areTickets) {
    conditions.push(sql`EXISTS (SELECT 1 FROM product_lines AS line
      WHERE line.ticket_number = prepared_tickets.ticket_number AND line.product_id = ${product_id})`);
  }
  return sql.join(conditions, sql` AND `);
}

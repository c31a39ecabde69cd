import { preparedBook } from '../books.repository.ts';
import { recountOf } from '../recount.repository.ts';
import { facetOfLine, facetsOfTicket } from './ticket-counts.repository.ts';

/** Every facet of every row, with the time that decides its bucket. */
const facetsOfRows = `
  SELECT partner_id, 'all' AS facet, created_at FROM prepared_tickets
  ${facetsOfTicket
    .map(
      ({ facet, condition }) =>
        `UNION ALL SELECT partner_id, ${facet}, created_at FROM prepared_tickets WHERE ${condition}`,
    )
    .join(' ')}
  UNION ALL SELECT partner_id, ${facetOfLine}, created_at FROM product_lines`;

/** SQL that compares the counts of prepared tickets with their rows, and repairs them. */
export const { wrongCounts, recount, repairCounts } = recountOf(preparedBook, facetsOfRows);

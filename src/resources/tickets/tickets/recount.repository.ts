import { pickedUpBook } from '../books.repository.ts';
import { facetOfCustomer } from '../buckets.repository.ts';
import { recountOf } from '../recount.repository.ts';

/** SQL that compares the counts of picked-up tickets with their rows, and repairs them. */
export const pickedUpRecount = recountOf(
  pickedUpBook,
  `SELECT partner_id, 'all' AS facet, picked_up_at FROM tickets
    UNION ALL SELECT partner_id, ${facetOfCustomer}, picked_up_at FROM tickets`,
);

import { pickedUpBook } from '../books.repository.ts';
import { facetOfCustomer } from '../buckets.repository.ts';
import { recountOf } from '../recount.repository.ts';

/** SQL that holds the counts of picked-up tickets against their rows, and makes them anew. */
export const pickedUpRecount = recountOf(
  pickedUpBook,
  `SELECT partner_id, 'all' AS facet, picked_up_at FROM tickets
    UNION ALL SELECT partner_id, ${facetOfCustomer}, picked_up_at FROM tickets`,
);

import { preparedBook } from '../books.repository.ts';
import { recountOf } from '../recount.repository.ts';
import { recountPagesOf } from '../recount-pages.repository.ts';
import { facetOfLine, facetsOfTicket } from './ticket-counts.repository.ts';

const facets = [
  ...facetsOfTicket,
  { facet: facetOfLine, condition: 'true', value: 'product_id', isOfLine: true },
];

/** SQL that makes the counts of prepared tickets anew from their rows. */
export const { recount, repairCounts } = recountOf(preparedBook, facets);
/** SQL that compares and repairs them page by page. */
export const preparedRecountPages = recountPagesOf(preparedBook, facets);

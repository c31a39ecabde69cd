import { pickedUpBook } from '../books.repository.ts';
import { facetOfCustomer } from '../buckets.repository.ts';
import { recountOf } from '../recount.repository.ts';
import { recountPagesOf } from '../recount-pages.repository.ts';

const facets = [{ facet: facetOfCustomer, condition: 'true', value: 'customer_id' }];

/** SQL that makes the counts of picked-up tickets anew from their rows. */
export const pickedUpRecount = recountOf(pickedUpBook, facets);
/** SQL that compares and repairs them page by page. */
export const pickedUpRecountPages = recountPagesOf(pickedUpBook, facets);

import type { Dataset } from './dataset.ts';
import type { Collection, Cost } from './measure.ts';
import type { Operation } from './operations.ts';

/** The most tickets of a page of an export, and of one of its round trips. */
const [TICKETS_OF_PAGE, TICKETS_PER_TRIP] = [10_000, 1000];

/** The rows at the ends of what a round trip reads. */
const ROWS_PER_TRIP = 5;

/** Returns the operations that export a page of tickets, of which each has one line. */
export function exports({ tickets }: Dataset): Operation[] {
  const ofPage = Math.min(tickets, TICKETS_OF_PAGE);
  // The first round trip finds the end of the page.
  const trips = 1 + Math.ceil(ofPage / TICKETS_PER_TRIP);
  const budget = (read: number): Cost => ({
    trips,
    read: read * ofPage + ROWS_PER_TRIP * trips,
    written: 0,
  });
  const collections: readonly [string, Collection][] = [
    ['prepared tickets', '/v2/tickets/prepared-ticket-export'],
    ['picked-up tickets', '/v2/tickets/ticket-export'],
  ];
  return collections.flatMap(([what, collection]): Operation[] =>
    [
      { format: 'NDJSON', query: '', accept: 'application/x-ndjson', read: 4 },
      { format: 'CSV with lines', query: '&columns=product_lines', accept: 'text/csv', read: 4 },
      { format: 'CSV without lines', query: '', accept: 'text/csv', read: 3 },
    ].map(({ format, query, accept, read }) => ({
      name: `export of ${ofPage.toLocaleString('en')} ${what} with one line, ${format}`,
      budget: budget(read),
      samples: [
        {
          // Earlier operations have created tickets, so without a limit a small bench has more than one page.
          request: {
            method: 'GET',
            collection,
            path: `?limit=${ofPage}${query}`,
            headers: { accept },
          },
          status: 200,
          isStreamed: true,
        },
      ],
    })),
  );
}

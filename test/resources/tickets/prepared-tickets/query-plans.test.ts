import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { matchingFilters } from '../../../support/list-filters.ts';
import { expectSearches, ListeningD1 } from '../../../support/query-plans.ts';
import { NOBODY, newTicket } from '../../../support/tickets.ts';

let d1: ListeningD1;

beforeEach(async () => {
  d1 = new ListeningD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
  await api.get(TICKETS, partner);
});

const filters = matchingFilters({
  ...newTicket,
  id: NOBODY,
  created_at: new Date(START).toISOString(),
  ticket_number: 7,
});

/** Every combination of filters, with a VIN and, where it is one of them, without. */
const combinations = Array.from({ length: 2 ** Object.keys(filters).length }, (_, bits) =>
  Object.entries(filters).filter((_entry, i) => bits & (1 << i)),
).flatMap((chosen) => {
  const query = new URLSearchParams(chosen);
  const without = chosen.map(([name, value]) => [name, name === 'vin' ? '' : value]);
  return query.has('vin') ? [query, new URLSearchParams(without)] : [query];
});

/** Filters that find tickets by themselves; the two bounds of time only narrow what these find. */
const pathsOf = (query: URLSearchParams) =>
  [...query.keys()].filter((name) => !name.startsWith('created_'));

/** Whether the matches are counted bucket by bucket: only they may be many. */
function isCounted(query: URLSearchParams): boolean {
  const [path, ...others] = pathsOf(query);
  return (
    others.length === 0 &&
    (path === undefined ||
      path === 'customer_id' ||
      path === 'product_id' ||
      query.get('vin') === '')
  );
}

/**
 * How many temporary b-trees a plan may have. What is counted comes in order from its index: sorted are
 * the buckets in which an offset is sought, and one page that is joined. A single other path comes in order
 * too. Where SQLite chooses among paths, it sorts the matches of the most selective one.
 */
function sortsOf(query: URLSearchParams, offset: number): number {
  if (isCounted(query)) {
    return Number(offset > 0) + Number(query.has('product_id'));
  }
  return pathsOf(query).length === 1 || query.has('ticket_number') ? 1 : 4;
}

describe('EXPLAIN QUERY PLAN of the list', () => {
  test(`each of ${combinations.length} combinations of filters searches an index and sorts only the matching tickets`, async () => {
    const printed: string[] = [];
    for (const query of combinations) {
      for (const offset of isCounted(query) ? [0, 40] : [0]) {
        d1.statements.length = 0;
        const page = new URLSearchParams([...query, ['offset', String(offset)]]);
        expect((await api.get(`${TICKETS}?${page}`, partner)).status).toBe(200);
        expect(d1.statements.length, `statements of ${page}`).toBeGreaterThan(0);
        const { searches, sorts } = await expectSearches(d1.statements, `${page}`);
        expect(sorts.length, `sorts of ${page}`).toBeLessThanOrEqual(sortsOf(query, offset));
        const names = [...query].map(([name, value]) => (value === '' ? `no ${name}` : name));
        printed.push(
          `${[...names, `offset ${offset}`].join(', ')}: ${[...searches, ...sorts].join('; ')}`,
        );
      }
    }
    // biome-ignore lint/suspicious/noConsole: the plans are what a reader of the test's output looks for.
    console.log(printed.join('\n'));
  });
});

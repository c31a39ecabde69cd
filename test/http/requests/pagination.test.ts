import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Page, pageLinks } from '../../../src/http/requests/pagination.ts';

const URL_OF_LIST = 'https://api.test/list';

/** Returns the offset of each linked page, by relation. */
function offsets(page: Page, total: number): Record<string, number> {
  const header = pageLinks(URL_OF_LIST, page, total);
  return Object.fromEntries(
    [...(header ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, target, relation]) => [
      relation,
      Number(new URL(target as string).searchParams.get('offset')),
    ]),
  );
}

/** Returns the offsets of the pages that are visited by following `relation` from page to page. */
function walk(start: number, limit: number, total: number, relation: string): number[] {
  const seen = [start];
  let next = offsets({ limit, offset: start }, total)[relation];
  while (next !== undefined) {
    seen.push(next);
    next = offsets({ limit, offset: next }, total)[relation];
  }
  return seen;
}

describe('pageLinks', () => {
  test.each([
    [{ limit: 10, offset: 0 }, 30, { first: 0, next: 10, last: 20 }],
    [{ limit: 10, offset: 10 }, 30, { first: 0, prev: 0, next: 20, last: 20 }],
    [{ limit: 10, offset: 20 }, 30, { first: 0, prev: 10, last: 20 }],
    [{ limit: 10, offset: 20 }, 31, { first: 0, prev: 10, next: 30, last: 30 }],
    [{ limit: 10, offset: 0 }, 10, { first: 0, last: 0 }],
    [{ limit: 10, offset: 0 }, 1, { first: 0, last: 0 }],
    [{ limit: 1, offset: 1 }, 3, { first: 0, prev: 0, next: 2, last: 2 }],
    [{ limit: 10, offset: 5 }, 30, { first: 0, prev: 0, next: 15, last: 20 }],
    [{ limit: 10, offset: 25 }, 30, { first: 0, prev: 15, last: 20 }],
    [{ limit: 10, offset: 30 }, 30, { first: 0, prev: 20, last: 20 }],
    [{ limit: 10, offset: 1000 }, 30, { first: 0, prev: 20, last: 20 }],
    [{ limit: 1000, offset: 2 ** 53 - 1 }, 1, { first: 0, prev: 0, last: 0 }],
  ])('returns the existing pages around %j of %d', (page, total, expected) => {
    expect(offsets(page, total)).toEqual(expected);
  });

  test.each([
    [{ limit: 0, offset: 0 }, 30],
    [{ limit: 0, offset: 10 }, 30],
    [{ limit: 10, offset: 0 }, 0],
    [{ limit: 10, offset: 10 }, 0],
    [{ limit: 0, offset: 0 }, 0],
  ])('returns undefined for %j of %d', (page, total) => {
    expect(pageLinks(URL_OF_LIST, page, total)).toBeUndefined();
  });

  test('keeps the other query parameters and replaces limit and offset', () => {
    const url = `${URL_OF_LIST}?offset=1&vin=&limit=1&x=%2B%3E%22`;
    expect(pageLinks(url, { limit: 1, offset: 1 }, 2)).toBe(
      [
        `<${URL_OF_LIST}?vin=&x=%2B%3E%22&limit=1&offset=0>; rel="first"`,
        `<${URL_OF_LIST}?vin=&x=%2B%3E%22&limit=1&offset=0>; rel="prev"`,
        `<${URL_OF_LIST}?vin=&x=%2B%3E%22&limit=1&offset=1>; rel="last"`,
      ].join(', '),
    );
  });

  test('leads to every item once through next, and back to the first page through prev', () => {
    const total = fc.integer({ min: 1, max: 60 });
    const limit = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(total, limit, (total, limit) => {
        const pages = Array.from({ length: Math.ceil(total / limit) }, (_, i) => i * limit);
        expect(walk(0, limit, total, 'next')).toEqual(pages);
        expect(walk(pages.at(-1) as number, limit, total, 'prev')).toEqual(pages.reverse());
      }),
    );
  });

  test('links only to pages with items, from any offset', () => {
    const total = fc.integer({ min: 1, max: 60 });
    const limit = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(total, limit, fc.maxSafeNat(), (total, limit, offset) => {
        const linked = offsets({ limit, offset }, total);
        for (const start of Object.values(linked)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start).toBeLessThan(total);
        }
        expect('prev' in linked).toBe(offset > 0);
        expect('next' in linked).toBe(offset + limit < total);
      }),
    );
  });
});

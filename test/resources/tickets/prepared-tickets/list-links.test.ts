import { beforeEach, describe, expect, test } from 'vitest';
import { START, TICKETS } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  createTicket,
  linesPath,
  newTicket,
  putLine,
  type TicketList,
} from '../../../support/tickets.ts';

const TOTAL = 7;

beforeEach(makeApiAndPartner);

/** The pages that an answer links to, by relation; the links to the documents are no pages. */
function linksOf(response: Response): Record<string, URL> {
  const all = response.headers.get('link')?.split(', ') ?? [];
  const links = all.filter((link) => !link.includes('rel="service-'));
  return Object.fromEntries(
    links.map((link) => {
      const [, target, relation] = /^<([^<>\s]+)>; rel="([a-z]+)"$/.exec(link) as string[];
      return [relation, new URL(target as string)];
    }),
  );
}

/** The offsets of the linked pages; each keeps the limit. */
function offsetsOf(links: Record<string, URL>, limit: number) {
  return Object.fromEntries(
    Object.entries(links).map(([relation, { searchParams }]) => {
      expect(searchParams.get('limit')).toBe(String(limit));
      return [relation, Number(searchParams.get('offset'))];
    }),
  );
}

describe('Link', () => {
  beforeEach(async () => {
    for (let i = 0; i < TOTAL; i++) {
      api.now = START + i;
      await createTicket(api, partner);
    }
  });

  test.each([
    { at: 'the first page', limit: 3, offset: 0, links: { first: 0, next: 3, last: 6 } },
    { at: 'a middle page', limit: 3, offset: 3, links: { first: 0, prev: 0, next: 6, last: 6 } },
    { at: 'the last page', limit: 3, offset: 6, links: { first: 0, prev: 3, last: 6 } },
    { at: 'one page for all', limit: 25, offset: 0, links: { first: 0, last: 0 } },
    { at: 'one page that is just full', limit: 7, offset: 0, links: { first: 0, last: 0 } },
    {
      at: 'an offset between two pages',
      limit: 3,
      offset: 2,
      links: { first: 0, prev: 0, next: 5, last: 6 },
    },
    { at: 'just beyond the end', limit: 3, offset: 7, links: { first: 0, prev: 4, last: 6 } },
    { at: 'far beyond the end', limit: 3, offset: 100, links: { first: 0, prev: 6, last: 6 } },
    {
      at: 'the greatest offset',
      limit: 1000,
      offset: 2 ** 53 - 1,
      links: { first: 0, prev: 0, last: 0 },
    },
  ])('contains the existing pages for $at', async ({ limit, offset, links }) => {
    const response = await api.get(`${TICKETS}?limit=${limit}&offset=${offset}`, partner);
    expect(offsetsOf(linksOf(response), limit)).toEqual(links);
  });

  test.each([
    ['limit is 0', '?limit=0'],
    ['limit is 0 beyond the end', '?limit=0&offset=9'],
    ['nothing is found', '?vin='],
    ['nothing is found at an offset', '?vin=&offset=5'],
  ])('is absent if %s', async (_when, query) => {
    const response = await api.get(`${TICKETS}${query}`, partner);
    expect(linksOf(response)).toEqual({});
  });

  test('leads with `next` through all tickets, each once, and back with `prev`', async () => {
    const numbers: number[] = [];
    let next: string | undefined = `${TICKETS}?limit=2`;
    let last = '';
    while (next !== undefined) {
      last = next;
      const response: Response = await api.get(next, partner);
      const { result } = await response.clone().json<TicketList>();
      numbers.push(...result.map(({ ticket_number }) => ticket_number));
      next = linksOf(response).next?.href;
    }
    expect(numbers).toHaveLength(TOTAL);
    expect(new Set(numbers).size).toBe(TOTAL);
    let pages = 1;
    for (let prev: string | undefined = last; prev !== undefined; pages++) {
      prev = linksOf(await api.get(prev, partner)).prev?.href;
    }
    expect(pages - 1).toBe(4);
  });

  test('contains absolute URLs at the address of the API', async () => {
    const { first } = linksOf(await api.get(TICKETS, partner));
    expect(first?.href).toBe(`https://api.test${TICKETS}?limit=25&offset=0`);
  });
});

test('Link keeps the filters, including reserved and non-ASCII characters', async () => {
  const reference = 'a+b & <c>; rel="x", 100% 🚗#?=';
  for (let i = 0; i < 3; i++) {
    await createTicket(api, partner, { preparer_external_reference: reference });
  }
  await createTicket(api, partner);
  const query = new URLSearchParams({
    created_after: '2026-03-01T13:59:59+02:00',
    preparer_external_reference: reference,
    vin: newTicket.vin.toLowerCase(),
    limit: '2',
  });
  const { next } = linksOf(await api.get(`${TICKETS}?${query}`, partner));
  const second = await (await api.get(next?.href as string, partner)).json<TicketList>();
  expect(second.query).toEqual({
    limit: 2,
    offset: 2,
    created_after: '2026-03-01T11:59:59.000Z',
    preparer_external_reference: reference,
    vin: newTicket.vin,
  });
  expect(second).toMatchObject({ result: [{ preparer_external_reference: reference }], total: 3 });
});

test('Link leads through all product lines of a ticket', async () => {
  const { id } = await createTicket(api, partner);
  const products = [1, 2, 3, 4, 5].map((n) => `00000000-0000-0000-0000-00000000000${n}`);
  for (const product of products) {
    await putLine(api, partner, id, product);
  }
  const found: string[] = [];
  let next: string | undefined = `${linesPath(id)}?limit=2`;
  while (next !== undefined) {
    const response: Response = await api.get(next, partner);
    const { result } = await response.clone().json<{ result: { product_id: string }[] }>();
    found.push(...result.map(({ product_id }) => product_id));
    next = linksOf(response).next?.href;
  }
  expect(found).toEqual(products);
  const response = await api.get(`${linesPath(id)}?limit=2&offset=2`, partner);
  expect(offsetsOf(linksOf(response), 2)).toEqual({ first: 0, prev: 0, next: 4, last: 4 });
});

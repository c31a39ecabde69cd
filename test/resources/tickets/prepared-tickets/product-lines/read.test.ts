import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../../support/each-test.ts';
import {
  createTicket,
  expectViolations,
  type List,
  linesPath,
  NOBODY,
  PRODUCT,
  type ProductLine,
  putLine,
  type Ticket,
} from '../../../../support/tickets.ts';

const shared = new TestApi();
let ticket: Ticket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await createTicket(api, partner);
});

async function list(query = ''): Promise<List<ProductLine>> {
  const response = await api.get(`${linesPath(ticket.id)}${query}`, partner);
  expect(response.status).toBe(200);
  return response.json<List<ProductLine>>();
}

describe('GET /v2/tickets/prepared-tickets/{prepared-ticket-id}/product-lines', () => {
  const products = ['b', '0', 'f', '5', 'a'].map((digit) => NOBODY.replace('4', digit));
  const line = (product_id: string, quantity: number): ProductLine => ({
    ticket_id: ticket.id,
    product_id,
    quantity,
  });

  async function putAll(): Promise<ProductLine[]> {
    for (const [i, product] of products.entries()) {
      await putLine(api, partner, ticket.id, product, i + 1);
    }
    return products
      .map((product, i) => line(product, i + 1))
      .sort((a, b) => (a.product_id < b.product_id ? -1 : 1));
  }

  test('returns 200 with an empty list for a ticket without lines', async () => {
    expect(await list()).toEqual({ query: { limit: 25, offset: 0 }, result: [], total: 0 });
  });

  test('is ordered by product_id and has an exact total', async () => {
    const all = await putAll();
    expect(await list()).toEqual({ query: { limit: 25, offset: 0 }, result: all, total: 5 });
  });

  test.each([
    [0, 0],
    [2, 0],
    [2, 1],
    [2, 4],
    [5, 5],
    [1000, 2],
    [1000, 2 ** 53 - 1],
  ])(
    'limit %d and offset %d select a part of the list and do not change its total',
    async (limit, offset) => {
      const all = await putAll();
      expect(await list(`?limit=${limit}&offset=${offset}`)).toEqual({
        query: { limit, offset },
        result: all.slice(offset, offset + limit),
        total: 5,
      });
    },
  );

  test('contains no line of another ticket, even of the same partner', async () => {
    const other = await createTicket(api, partner);
    await putLine(api, partner, other.id, PRODUCT);
    expect(await list()).toMatchObject({ result: [], total: 0 });
  });

  test('returns 404 for an unknown ticket on every page', async () => {
    expect((await api.get(linesPath(NOBODY), partner)).status).toBe(404);
    expect((await api.get(`${linesPath(NOBODY)}?limit=0`, partner)).status).toBe(404);
  });

  test('returns 400 for a ticket id that is not a UUID', async () => {
    const response = await api.get(linesPath('x'), partner);
    await expectViolations(response, ['path prepared-ticket-id invalid_format']);
  });

  test('accepts the id in upper case', async () => {
    const [first] = await putAll();
    const response = await api.get(`${linesPath(ticket.id.toUpperCase())}?limit=1`, partner);
    expect(await response.json()).toMatchObject({ result: [first] });
  });
});

describe('GET …/product-lines/{product-id}', () => {
  test('returns 200 with exactly three members', async () => {
    await putLine(api, partner, ticket.id, PRODUCT, 3);
    const response = await api.get(linesPath(ticket.id, PRODUCT), partner);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ticket_id: ticket.id,
      product_id: PRODUCT,
      quantity: 3,
    });
  });

  test('accepts both ids in upper case', async () => {
    await putLine(api, partner, ticket.id, PRODUCT, 3);
    const path = linesPath(ticket.id.toUpperCase(), PRODUCT.toUpperCase());
    expect(await (await api.get(path, partner)).json()).toMatchObject({
      ticket_id: ticket.id,
      product_id: PRODUCT,
    });
  });

  test('returns the same for HEAD as for GET without a body', async () => {
    await putLine(api, partner, ticket.id, PRODUCT);
    const head = await api.request('HEAD', linesPath(ticket.id, PRODUCT), { as: partner });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    const missing = await api.request('HEAD', linesPath(ticket.id, NOBODY), { as: partner });
    expect(missing.status).toBe(404);
  });

  test('returns the same 404 for an unknown line and an unknown ticket', async () => {
    const noLine = await api.get(linesPath(ticket.id, NOBODY), partner);
    const noTicket = await api.get(linesPath(NOBODY, PRODUCT), partner);
    expect(noLine.status).toBe(404);
    expect({ ...(await noLine.json<object>()), request_id: '' }).toEqual({
      ...(await noTicket.json<object>()),
      request_id: '',
    });
  });

  test('returns 400 with both ids that are not UUIDs', async () => {
    const response = await api.get(linesPath('x', 'y'), partner);
    await expectViolations(response, [
      'path prepared-ticket-id invalid_format',
      'path product-id invalid_format',
    ]);
  });
});

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { repairCounts } from '../../../../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { TestApi } from '../../../../support/api.ts';
import { allRows } from '../../../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../../../support/each-test.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  NOBODY,
  PRODUCT,
  type ProductLine,
  storedRows,
  type Ticket,
  ticketPath,
  type ViolationName,
} from '../../../../support/tickets.ts';

const shared = new TestApi();
let ticket: Ticket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await createTicket(api, partner);
});

const put = (body: unknown, productId = PRODUCT) =>
  api.put(linesPath(ticket.id, productId), partner, body);

async function read(productId = PRODUCT): Promise<ProductLine> {
  return (await api.get(linesPath(ticket.id, productId), partner)).json<ProductLine>();
}

describe('PUT …/product-lines/{product-id}', () => {
  test('returns 201 with exactly three members and the URL of the line in Location', async () => {
    const response = await put({ quantity: 4 });
    expect(response.status).toBe(201);
    const line = { ticket_id: ticket.id, product_id: PRODUCT, quantity: 4 };
    expect(await response.json()).toEqual(line);
    const location = response.headers.get('location') as string;
    expect(new URL(location).pathname).toBe(linesPath(ticket.id, PRODUCT));
    expect(await (await api.get(location, partner)).json()).toEqual(line);
  });

  test('returns 200 without Location if it replaces a line', async () => {
    await put({ quantity: 4 });
    const response = await put({ quantity: 5 });
    expect(response.status).toBe(200);
    expect(response.headers.has('location')).toBe(false);
    const line = { ticket_id: ticket.id, product_id: PRODUCT, quantity: 5 };
    expect(await response.json()).toEqual(line);
    expect(await read()).toEqual(line);
    expect((await storedRows()).lines).toHaveLength(1);
  });

  test('returns 200 for a repeated request, and 201 after a delete', async () => {
    await put({ quantity: 4 });
    expect((await put({ quantity: 4 })).status).toBe(200);
    await api.delete(linesPath(ticket.id, PRODUCT), partner);
    expect((await put({ quantity: 4 })).status).toBe(201);
  });

  test('does not change the ticket, its other lines, and the lines of other tickets', async () => {
    const other = await createTicket(api, partner);
    await api.put(linesPath(other.id, PRODUCT), partner, { quantity: 8 });
    await put({ quantity: 1 }, NOBODY);
    await put({ quantity: 2 });
    await put({ quantity: 3 });
    expect(await (await api.get(ticketPath(ticket.id), partner)).json()).toEqual(ticket);
    expect(await read(NOBODY)).toMatchObject({ quantity: 1 });
    const untouched = await api.get(linesPath(other.id, PRODUCT), partner);
    expect(await untouched.json()).toMatchObject({ quantity: 8 });
  });

  test('accepts both ids in upper case and returns them in lower case', async () => {
    const path = linesPath(ticket.id.toUpperCase(), PRODUCT.toUpperCase());
    const response = await api.put(path, partner, { quantity: 1 });
    expect(await response.json()).toEqual({
      ticket_id: ticket.id,
      product_id: PRODUCT,
      quantity: 1,
    });
    expect(new URL(response.headers.get('location') as string).pathname).toBe(
      linesPath(ticket.id, PRODUCT),
    );
    expect((await put({ quantity: 1 })).status).toBe(200);
  });

  test('returns 404 for an unknown ticket and writes nothing', async () => {
    const response = await api.put(linesPath(NOBODY, PRODUCT), partner, { quantity: 1 });
    expect(response.status).toBe(404);
    expect((await storedRows()).lines).toEqual([]);
  });
});

describe('quantity', () => {
  test.each([['1'], ['2'], ['2147483647'], ['1.0'], ['1e3']])('accepts %s', async (json) => {
    const response = await put(`{"quantity":${json}}`);
    expect(response.status).toBe(201);
    expect(await read()).toMatchObject({ quantity: Number(json) });
  });

  test.each([
    ['0', 'out_of_range'],
    ['-1', 'out_of_range'],
    ['2147483648', 'out_of_range'],
    ['9007199254740993', 'out_of_range'],
    ['1.5', 'invalid_type'],
    ['"1"', 'invalid_type'],
    ['""', 'invalid_type'],
    ['null', 'invalid_type'],
    ['true', 'invalid_type'],
    ['[1]', 'invalid_type'],
    ['{}', 'invalid_type'],
  ])('rejects %s as %s and writes nothing', async (json, code) => {
    await put({ quantity: 7 });
    const before = await storedRows();
    await expectViolations(await put(`{"quantity":${json}}`), [`body #/quantity ${code}`]);
    expect(await storedRows()).toEqual(before);
  });
});

describe('the body', () => {
  const quantity = 1;

  test('can repeat the ids of the path, so that a line can be sent back as it was read', async () => {
    await put({ quantity: 4 });
    const line = await read();
    const response = await put(line);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(line);
  });

  test('can repeat the ids in upper case', async () => {
    const body = {
      quantity,
      ticket_id: ticket.id.toUpperCase(),
      product_id: PRODUCT.toUpperCase(),
    };
    expect((await put(body)).status).toBe(201);
  });

  const refused: [string, object, ViolationName[]][] = [
    ['lacks the quantity', {}, ['body #/quantity required']],
    [
      'contradicts the ticket of the path',
      { quantity, ticket_id: NOBODY },
      ['body #/ticket_id immutable'],
    ],
    [
      'contradicts the product of the path',
      { quantity, product_id: NOBODY },
      ['body #/product_id immutable'],
    ],
    [
      'contradicts both',
      { quantity, ticket_id: NOBODY, product_id: NOBODY },
      ['body #/ticket_id immutable', 'body #/product_id immutable'],
    ],
    [
      'has ids that are not UUIDs',
      { quantity, ticket_id: 'x', product_id: null },
      ['body #/ticket_id invalid_format', 'body #/product_id invalid_type'],
    ],
    [
      'has unknown members',
      { quantity, id: NOBODY, price: 1 },
      ['body #/id unknown_member', 'body #/price unknown_member'],
    ],
  ];
  test.each(refused)('is rejected if it %s', async (_what, body, violations) => {
    await expectViolations(await put(body), violations);
    expect((await storedRows()).lines).toEqual([]);
  });
});

describe('the path', () => {
  test.each([
    ['ticket', 'x', PRODUCT, ['path prepared-ticket-id invalid_format']],
    ['product', NOBODY, 'x', ['path product-id invalid_format']],
    [
      'both',
      '1',
      '2',
      ['path prepared-ticket-id invalid_format', 'path product-id invalid_format'],
    ],
  ] as [string, string, string, ViolationName[]][])(
    'rejects ids that are not UUIDs: %s',
    async (_which, ticketId, productId, violations) => {
      const response = await api.put(linesPath(ticketId, productId), partner, { quantity: 1 });
      await expectViolations(response, violations);
    },
  );
});

describe('a ticket has at most 50 lines', () => {
  const productOf = (n: number) => `22222222-2222-4222-8222-${String(n).padStart(12, '0')}`;

  /** Gives the ticket lines without requests. */
  async function fill(count: number): Promise<void> {
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
         INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity, version)
         SELECT ticket_number, format('22222222-2222-4222-8222-%012d', i), partner_id, created_at, 1, 1
         FROM n CROSS JOIN prepared_tickets WHERE id = ?2`,
      ).bind(count, ticket.id),
      ...repairCounts.map((statement) => env.DB.prepare(statement)),
    ]);
  }

  const putWith = (headers: Record<string, string>, productId = PRODUCT) =>
    api.request('PUT', linesPath(ticket.id, productId), {
      as: partner,
      body: { quantity: 3 },
      headers,
    });

  async function expectTooMany(response: Response): Promise<void> {
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ type: '/problems/too-many-product-lines' });
  }

  test('the 50th is created, and the 51st is 409 and writes nothing', async () => {
    await fill(49);
    expect((await put({ quantity: 1 })).status).toBe(201);
    const before = await allRows();
    await expectTooMany(await put({ quantity: 1 }, NOBODY));
    expect(await allRows()).toEqual(before);
  });

  test('each of 50 can be replaced, and after a delete there is room again', async () => {
    await fill(50);
    expect((await put({ quantity: 9 }, productOf(7))).status).toBe(200);
    expect(await read(productOf(7))).toMatchObject({ quantity: 9 });
    await api.delete(linesPath(ticket.id, productOf(7)), partner);
    expect((await put({ quantity: 1 })).status).toBe(201);
    await expectTooMany(await put({ quantity: 1 }, productOf(7)));
  });

  test('one that has more keeps them, takes changes of them, and does not grow', async () => {
    await fill(60);
    expect((await put({ quantity: 9 }, productOf(59))).status).toBe(200);
    await expectTooMany(await put({ quantity: 1 }));
    await api.delete(linesPath(ticket.id, productOf(0)), partner);
    await expectTooMany(await put({ quantity: 1 }, productOf(0)));
    expect((await storedRows()).lines).toHaveLength(59);
  });

  test('the 409 precedes a 412', async () => {
    await fill(50);
    await expectTooMany(await putWith({ 'if-none-match': '*' }));
    await expectTooMany(await putWith({ 'if-match': '*' }));
    expect((await putWith({ 'if-match': '"1-99"' }, productOf(1))).status).toBe(412);
    await api.delete(linesPath(ticket.id, productOf(1)), partner);
    expect((await putWith({ 'if-match': '*' })).status).toBe(412);
  });

  test('of concurrent requests for the last places, as many succeed as there is room', async () => {
    await fill(48);
    const products = Array.from({ length: 6 }, () => crypto.randomUUID());
    const answers = await Promise.all(products.map((product) => put({ quantity: 1 }, product)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 409, 409, 409, 409]);
    expect((await storedRows()).lines).toHaveLength(50);
  });

  test('the counts follow only the lines that were put', async () => {
    await fill(50);
    await expectTooMany(await put({ quantity: 1 }));
    const list = await api.get(`/v2/tickets/prepared-tickets?product_id=${PRODUCT}`, partner);
    expect(await list.json()).toMatchObject({ total: 0, result: [] });
  });
});

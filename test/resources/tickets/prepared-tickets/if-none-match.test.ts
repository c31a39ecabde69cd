import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import {
  createTicket,
  linesPath,
  NOBODY,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeLine,
} from '../../../support/tickets.ts';

/** If-None-Match on writes (RFC 9110 §13.1.2), and If-Match on reads (§13.1.1). */

const shared = new TestApi();
let ticket: Ticket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await createTicket(api, partner);
  await writeLine(ticket.id, PRODUCT);
});

const send = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  api.request(method, path, { as: partner, headers, body });

/** The two resources that have an entity tag; each starts with the tag "1-1". */
const resources = [
  {
    name: 'a ticket',
    path: () => ticketPath(ticket.id),
    missing: () => ticketPath(NOBODY),
    body: { ...ticketUpdate, voucher_code: 'FIRST1' },
  },
  {
    name: 'a product line',
    path: () => linesPath(ticket.id, PRODUCT),
    missing: () => linesPath(NOBODY, PRODUCT),
    body: { quantity: 5 },
  },
] as const;

describe.each(resources)('If-None-Match on $name', ({ path, missing, body: update }) => {
  const calls = [
    ['PUT', update, 200],
    ['DELETE', undefined, 204],
  ] as const;

  describe.each(calls)('%s', (method, body, success) => {
    test.each([
      '*',
      ' * ',
      '"1-1"',
      'W/"1-1"',
      '"1-0", "1-1"',
      '"x",W/"1-1"',
      '"1-1", "1-2", "1-3"',
    ])('%s matches, so the request returns 412 and changes nothing', async (tags) => {
      const before = await allRows();
      const response = await send(method, path(), { 'if-none-match': tags }, body);
      expect(response.status).toBe(412);
      expect(await response.json()).toMatchObject({ title: 'Precondition Failed' });
      expect(await allRows()).toEqual(before);
    });

    test.each(['"1-2"', '"1-0", "1-2"', '"x"', '""', '"1-01"', '"*"'])(
      '%s does not match, so the request succeeds',
      async (tags) => {
        const response = await send(method, path(), { 'if-none-match': tags }, body);
        expect(response.status).toBe(success);
        await expectExactCounts();
      },
    );

    test('a list of 800 entity tags is evaluated to its last element', async () => {
      const others = Array.from({ length: 799 }, (_, i) => `"1-${i + 2}"`).join(', ');
      const both = { 'if-none-match': `${others}, "1-1"` };
      expect((await send(method, path(), both, body)).status).toBe(412);
      const response = await send(method, path(), { 'if-none-match': others }, body);
      expect(response.status).toBe(success);
    });

    test('If-Match and If-None-Match must both hold', async () => {
      const both = (match: string, none: string) =>
        send(method, path(), { 'if-match': match, 'if-none-match': none }, body);
      expect((await both('"1-1"', '"1-1"')).status).toBe(412);
      expect((await both('"1-2"', '"1-3"')).status).toBe(412);
      expect((await both('*', '*')).status).toBe(412);
      expect((await both('"1-1"', '"1-2"')).status).toBe(success);
    });

    test('returns 404 for every entity tag if the resource does not exist', async () => {
      for (const tags of ['*', '"1-1"', '"1-2"']) {
        const response = await send(method, missing(), { 'if-none-match': tags }, body);
        expect(response.status, tags).toBe(404);
      }
    });
  });
});

describe.each(resources)('If-Match on a GET of $name', ({ path, missing }) => {
  test.each(['*', '"1-1"', 'W/"1-1"', '"1-0", "1-1"'])(
    '%s matches, so the request returns 200',
    async (tags) => {
      for (const method of ['GET', 'HEAD']) {
        expect((await send(method, path(), { 'if-match': tags })).status).toBe(200);
      }
    },
  );

  test.each(['"1-2"', '"x"', '"1-0", "1-2"'])(
    '%s does not match, so the request returns 412',
    async (tags) => {
      for (const method of ['GET', 'HEAD']) {
        expect((await send(method, path(), { 'if-match': tags })).status).toBe(412);
      }
    },
  );

  test('is evaluated before If-None-Match (RFC 9110 §13.2.2)', async () => {
    const both = (match: string, none: string) =>
      send('GET', path(), { 'if-match': match, 'if-none-match': none });
    expect((await both('"1-1"', '"1-1"')).status).toBe(304);
    expect((await both('"1-2"', '"1-1"')).status).toBe(412);
  });

  test('returns 404 if the resource does not exist', async () => {
    expect((await send('GET', missing(), { 'if-match': '*' })).status).toBe(404);
  });
});

describe('a PUT of a missing product line', () => {
  const path = () => linesPath(ticket.id, NOBODY);

  test.each(['*', '"1-1"', '"1-1", "1-2"'])('with If-None-Match: %s creates it', async (tags) => {
    const response = await send('PUT', path(), { 'if-none-match': tags }, { quantity: 3 });
    expect(response.status).toBe(201);
    await expectExactCounts();
    const again = await send('PUT', path(), { 'if-none-match': '*' }, { quantity: 4 });
    expect(again.status).toBe(412);
    expect(await (await api.get(path(), partner)).json()).toMatchObject({ quantity: 3 });
  });

  test('with If-Match and If-None-Match returns 412 and creates nothing', async () => {
    const before = await allRows();
    const headers = { 'if-match': '*', 'if-none-match': '*' };
    expect((await send('PUT', path(), headers, { quantity: 1 })).status).toBe(412);
    expect(await allRows()).toEqual(before);
  });

  test('with If-None-Match: * creates it exactly once in 50 concurrent requests', async () => {
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        send('PUT', path(), { 'if-none-match': '*' }, { quantity: i + 1 }),
      ),
    );
    const statuses = responses.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(49).fill(412)]);
    const made = await responses.find(({ status }) => status === 201)?.json();
    expect(await (await api.get(path(), partner)).json()).toEqual(made);
    await expectExactCounts();
  });
});

describe('a PUT', () => {
  test.each(resources)(
    'of $name returns the URL of the resource of the ETag in Content-Location',
    async (resource) => {
      const url = `https://api.test${resource.path()}`;
      const put = await api.put(`${resource.path()}?x=1`, partner, resource.body);
      expect(put.headers.get('content-location')).toBe(url);
      const got = await api.get(resource.path(), partner);
      expect(got.headers.get('etag')).toBe(put.headers.get('etag'));
      expect(await got.json()).toEqual(await put.json());
    },
  );

  test('that creates a product line returns its URL in Content-Location', async () => {
    const path = linesPath(ticket.id, NOBODY);
    const { headers } = await api.put(path, partner, { quantity: 1 });
    expect(headers.get('content-location')).toBe(headers.get('location'));
  });
});

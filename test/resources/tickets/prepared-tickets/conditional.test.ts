import { beforeEach, describe, expect, test } from 'vitest';
import { TICKETS } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { makePartner } from '../../../support/partners.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  NOBODY,
  newTicket,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeLine,
} from '../../../support/tickets.ts';

let ticket: Ticket;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
  await writeLine(ticket.id, PRODUCT);
});

const send = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
  as = partner,
) => api.request(method, path, { as, headers, body });
const etagOf = async (path: string) => (await api.get(path, partner)).headers.get('etag');

/** The two resources that have an entity tag; each starts with the tag "1-1", and has another one `after` a PUT. */
const resources = [
  {
    name: 'a ticket',
    after: '"1-2"',
    path: () => ticketPath(ticket.id),
    missing: () => ticketPath(NOBODY),
    bodies: [
      { ...ticketUpdate, voucher_code: 'FIRST1' },
      { ...ticketUpdate, vin: null },
    ],
  },
  {
    name: 'a product line',
    after: '"1-5"',
    path: () => linesPath(ticket.id, PRODUCT),
    missing: () => linesPath(NOBODY, PRODUCT),
    bodies: [{ quantity: 5 }, { quantity: 6 }],
  },
] as const;

describe.each(resources)('the ETag of $name', ({ path, bodies }) => {
  test('is strong and stays the same until the resource changes', async () => {
    expect(await etagOf(path())).toBe('"1-1"');
    expect(await etagOf(path())).toBe('"1-1"');
  });

  test('changes with each PUT that changes a value, and the PUT returns it', async () => {
    const seen = [await etagOf(path())];
    for (const body of [bodies[0], bodies[1], bodies[0]]) {
      const response = await api.put(path(), partner, body);
      expect(response.headers.get('etag')).toMatch(/^"[^"]+"$/);
      expect(await etagOf(path())).toBe(response.headers.get('etag'));
      seen.push(response.headers.get('etag'));
    }
    expect(new Set(seen).size).toBe(4);
  });

  test('stays the same after a rejected PUT', async () => {
    expect((await api.put(path(), partner, {})).status).toBe(400);
    expect(await etagOf(path())).toBe('"1-1"');
  });
});

test('POST of a ticket and PUT of a new product line return the ETag of the new resource', async () => {
  const created = await api.post(TICKETS, partner, newTicket);
  const { id } = await created.json<Ticket>();
  expect(created.headers.get('etag')).toBe(await etagOf(ticketPath(id)));
  const line = await api.put(linesPath(id, PRODUCT), partner, { quantity: 1 });
  expect(line.status).toBe(201);
  expect(line.headers.get('etag')).toBe(await etagOf(linesPath(id, PRODUCT)));
});

test('lists have no ETag', async () => {
  for (const path of [TICKETS, linesPath(ticket.id)]) {
    const response = await send('GET', path, { 'if-none-match': '*' });
    expect(response.status).toBe(200);
    expect(response.headers.has('etag')).toBe(false);
  }
});

describe.each(resources)('If-None-Match on $name', ({ after, path, missing, bodies }) => {
  test.each(['"1-1"', 'W/"1-1"', '"1-0", "1-1"', '"x",W/"1-1" , "y"', ',"1-1",', '*', ' * '])(
    '%s returns 304 without a body and with the headers of a 200',
    async (tags) => {
      for (const method of ['GET', 'HEAD']) {
        const full = await send(method, path(), {});
        const response = await send(method, path(), { 'if-none-match': tags });
        expect(response.status, method).toBe(304);
        expect(await response.text()).toBe('');
        expect(response.headers.get('etag')).toBe('"1-1"');
        for (const name of ['cache-control', 'vary', 'content-location', 'expires']) {
          expect(response.headers.get(name), name).toBe(full.headers.get(name));
        }
      }
    },
  );

  test.each([
    '"1-2"',
    'W/"1-2"',
    '"1"',
    '"2-1"',
    '"1-11"',
    '"1-01"',
    '"1-1.0"',
    '"1-+1"',
    '""',
    '"*"',
    '"1-2", "1-3"',
  ])('%s returns 200, because it does not match', async (tags) => {
    const response = await send('GET', path(), { 'if-none-match': tags });
    expect(response.status).toBe(200);
    expect(await response.text()).not.toBe('');
  });

  test('returns 304 until the resource changes', async () => {
    await api.put(path(), partner, bodies[0]);
    expect((await send('GET', path(), { 'if-none-match': '"1-1"' })).status).toBe(200);
    expect((await send('GET', path(), { 'if-none-match': after })).status).toBe(304);
  });

  test('returns 404 if the resource does not exist', async () => {
    expect((await send('GET', missing(), { 'if-none-match': '*' })).status).toBe(404);
  });
});

describe.each(resources)('If-Match on $name', ({ after, path, missing, bodies }) => {
  const calls = [
    ['PUT', bodies[0], 200],
    ['DELETE', undefined, 204],
  ] as const;

  describe.each(calls)('%s', (method, body, success) => {
    test.each([
      '"1-1"',
      'W/"1-1"',
      '"1-0", "1-1"',
      '"1-1" ,"x"',
      ',, "1-1",',
      '"1-1", W/"1-1"',
      '*',
    ])('%s matches, so the request succeeds', async (tags) => {
      const response = await send(method, path(), { 'if-match': tags }, body);
      expect(response.status).toBe(success);
      await expectExactCounts();
    });

    test.each([
      '"1-2"',
      'W/"1-2"',
      '"1"',
      '"2-1"',
      '"1-0", "1-2"',
      '"1-11"',
      '"1-01"',
      '""',
      '"1-9007199254740993"',
      '"*"',
    ])('%s does not match, so the request returns 412 and changes nothing', async (tags) => {
      const before = await allRows();
      const response = await send(method, path(), { 'if-match': tags }, body);
      expect(response.status).toBe(412);
      expect(await response.json()).toMatchObject({ title: 'Precondition Failed' });
      expect(await allRows()).toEqual(before);
    });

    test.each([1, 100, 800])(
      'a list of %d entity tags is evaluated to its last element',
      async (count) => {
        const others = Array.from({ length: count }, (_, i) => `"1-${i + 2}"`).join(', ');
        const failed = await send(method, path(), { 'if-match': others }, body);
        expect(failed.status).toBe(412);
        const response = await send(method, path(), { 'if-match': `${others}, "1-1"` }, body);
        expect(response.status).toBe(success);
      },
    );

    test('returns 404 for every entity tag if the resource does not exist', async () => {
      for (const tags of ['*', '"1-1"', '"1-2"']) {
        const response = await send(method, missing(), { 'if-match': tags }, body);
        expect(response.status, tags).toBe(404);
      }
    });

    test("returns 404 for another partner's resource and does not change it", async () => {
      const other = await makePartner();
      for (const tags of ['*', '"1-1"', '"1-2"']) {
        expect((await send(method, path(), { 'if-match': tags }, body, other)).status).toBe(404);
      }
      expect(await etagOf(path())).toBe('"1-1"');
    });
  });

  test('an entity tag no longer matches after a change', async () => {
    expect((await send('PUT', path(), { 'if-match': '"1-1"' }, bodies[0])).status).toBe(200);
    expect((await send('PUT', path(), { 'if-match': '"1-1"' }, bodies[1])).status).toBe(412);
    expect((await send('DELETE', path(), { 'if-match': '"1-1"' })).status).toBe(412);
    expect(await (await api.get(path(), partner)).json()).toMatchObject(bodies[0]);
    expect((await send('DELETE', path(), { 'if-match': after })).status).toBe(204);
  });
});

test('PUT of a missing product line with If-Match, even with *, returns 412 and creates nothing', async () => {
  const before = await allRows();
  for (const tags of ['*', '"1-1"']) {
    const path = linesPath(ticket.id, NOBODY);
    const response = await send('PUT', path, { 'if-match': tags }, { quantity: 1 });
    expect(response.status).toBe(412);
  }
  expect(await allRows()).toEqual(before);
});

test('DELETE of a missing product line returns 404 for every entity tag', async () => {
  const path = linesPath(ticket.id, NOBODY);
  for (const tags of ['*', '"1-1"']) {
    expect((await send('DELETE', path, { 'if-match': tags })).status).toBe(404);
  }
});

test('PUT with another customer_id returns 400 for every entity tag', async () => {
  const body = { ...ticketUpdate, customer_id: NOBODY };
  for (const tags of ['"1-1"', '"1-2"']) {
    const response = await send('PUT', ticketPath(ticket.id), { 'if-match': tags }, body);
    await expectViolations(response, ['body #/customer_id immutable']);
  }
});

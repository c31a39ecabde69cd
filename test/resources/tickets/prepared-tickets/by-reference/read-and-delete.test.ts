import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { expectExactCounts } from '../../../../support/naive-list.ts';
import { makePartner } from '../../../../support/partners.ts';
import {
  createTicket,
  NOBODY,
  PRODUCT,
  referencePath,
  storedRows,
  type Ticket,
  ticketPath,
  writeLine,
} from '../../../../support/tickets.ts';

let ticket: Ticket;
let path: string;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
  await writeLine(ticket.id, PRODUCT);
  path = referencePath(ticket.preparer_external_reference);
});

const idsOf = async (response: Response) =>
  (await response.json<{ prepared_ticket_ids: string[] }>()).prepared_ticket_ids;

describe('GET', () => {
  test('answers what GET by id does, with the lines in the order of product_id', async () => {
    await writeLine(ticket.id, NOBODY);
    const [byReference, byId] = await Promise.all([
      api.get(path, partner),
      api.get(ticketPath(ticket.id), partner),
    ]);
    expect(byReference.status).toBe(200);
    expect(byReference.headers.get('etag')).toBe(byId.headers.get('etag'));
    expect(byReference.headers.get('content-location')).toBe(ORIGIN + path);
    expect(await byReference.json()).toEqual({
      ...(await byId.json<Ticket>()),
      product_lines: [
        { product_id: NOBODY, quantity: 1 },
        { product_id: PRODUCT, quantity: 1 },
      ],
    });
  });

  test('answers HEAD without a body', async () => {
    const response = await api.request('HEAD', path, { as: partner });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test.each([
    ['if-none-match', '"1-1"', 304],
    ['if-none-match', '"1-2"', 200],
    ['if-match', '"1-2"', 412],
  ])('%s: %s is answered with %d', async (name, tag, status) => {
    const response = await api.request('GET', path, { as: partner, headers: { [name]: tag } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-location')).toBe(status < 400 ? ORIGIN + path : null);
  });

  test("answers 404 for an unknown reference and for another partner's", async () => {
    const unknown = await api.get(referencePath('unknown'), partner);
    const others = await api.get(path, await makePartner());
    for (const response of [unknown, others]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        detail: 'There is no prepared ticket with this reference.',
      });
    }
  });

  test('answers 409 when several tickets have the reference', async () => {
    const second = await createTicket(api, partner);
    const response = await api.get(path, partner);
    expect(response.status).toBe(409);
    expect(await idsOf(response)).toEqual([second.id, ticket.id]);
  });
});

describe('DELETE', () => {
  test('deletes the ticket and its lines, once', async () => {
    expect((await api.delete(path, partner)).status).toBe(204);
    expect(await storedRows()).toEqual({ tickets: [], lines: [] });
    await expectExactCounts();
    expect((await api.delete(path, partner)).status).toBe(404);
    expect((await api.get(ticketPath(ticket.id), partner)).status).toBe(404);
  });

  test('answers 409 when several tickets have the reference, and deletes none', async () => {
    const second = await createTicket(api, partner);
    const before = await storedRows();
    const headers = { 'if-match': '"1-9"' };
    const response = await api.request('DELETE', path, { as: partner, headers });
    expect(response.status).toBe(409);
    expect(await idsOf(response)).toEqual([second.id, ticket.id]);
    expect(await storedRows()).toEqual(before);
  });

  test("answers 404 for another partner's ticket, and leaves it alone", async () => {
    const before = await storedRows();
    expect((await api.delete(path, await makePartner())).status).toBe(404);
    expect(await storedRows()).toEqual(before);
  });

  test.each([
    ['if-match', '"1-1"', 204],
    ['if-match', '"1-2"', 412],
    ['if-none-match', '*', 412],
  ])('%s: %s is answered with %d', async (name, tag, status) => {
    const response = await api.request('DELETE', path, { as: partner, headers: { [name]: tag } });
    expect(response.status).toBe(status);
    expect((await storedRows()).tickets).toHaveLength(status === 204 ? 0 : 1);
  });
});

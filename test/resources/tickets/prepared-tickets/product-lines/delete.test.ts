import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../../support/each-test.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  NOBODY,
  PRODUCT,
  putLine,
  storedRows,
  type Ticket,
  ticketPath,
} from '../../../../support/tickets.ts';

const shared = new TestApi();
let ticket: Ticket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await createTicket(api, partner);
  await putLine(api, partner, ticket.id, PRODUCT);
});

describe('DELETE …/product-lines/{product-id}', () => {
  test('returns 204 without a body, and then 404', async () => {
    const first = await api.delete(linesPath(ticket.id, PRODUCT), partner);
    expect(first.status).toBe(204);
    expect(await first.text()).toBe('');
    expect((await api.delete(linesPath(ticket.id, PRODUCT), partner)).status).toBe(404);
    expect((await api.get(linesPath(ticket.id, PRODUCT), partner)).status).toBe(404);
  });

  test('does not change the ticket, its other lines, and the lines of other tickets', async () => {
    const other = await createTicket(api, partner);
    await putLine(api, partner, other.id, PRODUCT);
    await putLine(api, partner, ticket.id, NOBODY);
    await api.delete(linesPath(ticket.id, PRODUCT), partner);
    expect((await api.get(linesPath(ticket.id, NOBODY), partner)).status).toBe(200);
    expect((await api.get(linesPath(other.id, PRODUCT), partner)).status).toBe(200);
    expect(await (await api.get(ticketPath(ticket.id), partner)).json()).toEqual(ticket);
  });

  test('accepts both ids in upper case', async () => {
    const path = linesPath(ticket.id.toUpperCase(), PRODUCT.toUpperCase());
    expect((await api.delete(path, partner)).status).toBe(204);
  });

  test('returns 404 for an unknown product or ticket and deletes nothing', async () => {
    expect((await api.delete(linesPath(ticket.id, NOBODY), partner)).status).toBe(404);
    expect((await api.delete(linesPath(NOBODY, PRODUCT), partner)).status).toBe(404);
    expect((await storedRows()).lines).toHaveLength(1);
  });

  test('returns 400 for ids that are not UUIDs and deletes nothing', async () => {
    const response = await api.delete(linesPath('x', 'y'), partner);
    await expectViolations(response, [
      'path prepared-ticket-id invalid_format',
      'path product-id invalid_format',
    ]);
    expect((await storedRows()).lines).toHaveLength(1);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  listTickets,
  NOBODY,
  PRODUCT,
  putLine,
  storedRows,
  ticketPath,
} from '../../../support/tickets.ts';

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

describe('DELETE /v2/tickets/prepared-tickets/{prepared-ticket-id}', () => {
  test('returns 204 without a body, and then 404', async () => {
    const { id } = await createTicket(api, partner);
    const first = await api.delete(ticketPath(id), partner);
    expect(first.status).toBe(204);
    expect(await first.text()).toBe('');
    expect((await api.delete(ticketPath(id), partner)).status).toBe(404);
    expect((await api.get(ticketPath(id), partner)).status).toBe(404);
  });

  test('deletes the product lines of the ticket and no others', async () => {
    const kept = await createTicket(api, partner);
    const { id } = await createTicket(api, partner);
    for (const ticket of [kept.id, id]) {
      await putLine(api, partner, ticket, PRODUCT);
      await putLine(api, partner, ticket, NOBODY);
    }
    await api.delete(ticketPath(id), partner);
    const { tickets, lines } = await storedRows();
    expect(tickets).toHaveLength(1);
    expect(lines).toHaveLength(2);
    expect((await api.get(linesPath(id), partner)).status).toBe(404);
    expect((await api.get(linesPath(id, PRODUCT), partner)).status).toBe(404);
    expect(await listTickets(api, partner, { product_id: PRODUCT })).toMatchObject({
      result: [kept],
      total: 1,
    });
  });

  test('removes the ticket from the lists and from their total', async () => {
    const [first, second, third] = [
      await createTicket(api, partner),
      await createTicket(api, partner),
      await createTicket(api, partner),
    ];
    await api.delete(ticketPath(second.id), partner);
    expect(await listTickets(api, partner)).toMatchObject({ result: [third, first], total: 2 });
  });

  test('accepts the id in upper case', async () => {
    const { id } = await createTicket(api, partner);
    expect((await api.delete(ticketPath(id.toUpperCase()), partner)).status).toBe(204);
  });

  test('returns 404 for an unknown id and deletes nothing', async () => {
    await createTicket(api, partner);
    expect((await api.delete(ticketPath(NOBODY), partner)).status).toBe(404);
    expect((await storedRows()).tickets).toHaveLength(1);
  });

  test('returns 400 for an id that is not a UUID', async () => {
    await createTicket(api, partner);
    const response = await api.delete(ticketPath('%25'), partner);
    await expectViolations(response, ['path prepared-ticket-id invalid_format']);
    expect((await storedRows()).tickets).toHaveLength(1);
  });
});

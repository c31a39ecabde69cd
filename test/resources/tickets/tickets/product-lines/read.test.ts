import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../../support/each-test.ts';
import { makePartner } from '../../../../support/partners.ts';
import {
  type PickedUpTicket,
  pickedUpPath,
  writePickedUp,
} from '../../../../support/picked-up-tickets.ts';
import { expectViolations, NOBODY, PRODUCT } from '../../../../support/tickets.ts';

const shared = new TestApi();
let ticket: PickedUpTicket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await writePickedUp(partner);
  await env.DB.prepare('INSERT INTO ticket_lines VALUES (?, ?, ?, 7)')
    .bind(partner.partnerId, ticket.ticket_number, NOBODY)
    .run();
});

const linesOf = (id: string, query = '', as = partner) =>
  api.get(`${pickedUpPath(id)}/product-lines${query}`, as);

describe('GET /v2/tickets/tickets/{ticket-id}/product-lines', () => {
  test('returns the lines ordered by product_id, with an exact total', async () => {
    const lines = [
      { ticket_id: ticket.id, product_id: NOBODY, quantity: 7 },
      { ticket_id: ticket.id, product_id: PRODUCT, quantity: 1 },
    ];
    expect(await (await linesOf(ticket.id)).json()).toEqual({
      query: { limit: 25, offset: 0 },
      result: lines,
      total: 2,
    });
    const second = await linesOf(ticket.id, '?limit=1&offset=1');
    expect(await second.json()).toMatchObject({ result: [lines[1]], total: 2 });
    expect(second.headers.get('link')).toContain('offset=0>; rel="prev"');
  });

  test("returns 404 for an unknown ticket and for another partner's", async () => {
    expect((await linesOf(crypto.randomUUID())).status).toBe(404);
    expect((await linesOf(ticket.id, '', await makePartner())).status).toBe(404);
  });

  test('returns 400 for an id that is not a UUID and for an unknown parameter', async () => {
    await expectViolations(await linesOf('x'), ['path ticket-id invalid_format']);
    await expectViolations(await linesOf(ticket.id, '?colour=red'), [
      'query colour unknown_parameter',
    ]);
  });
});

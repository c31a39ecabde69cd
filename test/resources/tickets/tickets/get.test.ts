import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { makePartner } from '../../../support/partners.ts';
import {
  type PickedUpTicket,
  pickedUpPath,
  writePickedUp,
} from '../../../support/picked-up-tickets.ts';
import { expectViolations, NOBODY, ticketPath, writeTicket } from '../../../support/tickets.ts';

const shared = new TestApi();
let ticket: PickedUpTicket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await writePickedUp(partner);
});

describe('GET /v2/tickets/tickets/{ticket-id}', () => {
  test('returns 200 with the members of the prepared ticket, state and picked_up_at', async () => {
    const response = await api.get(pickedUpPath(ticket.id), partner);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(ticket);
    expect(Object.keys(ticket)).toHaveLength(10);
  });

  test('accepts the id in upper case', async () => {
    const response = await api.get(pickedUpPath(ticket.id.toUpperCase()), partner);
    expect(await response.json()).toEqual(ticket);
  });

  test('returns 404 for an unknown id', async () => {
    const response = await api.get(pickedUpPath(NOBODY), partner);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no picked-up ticket with this identifier.',
      request_id: response.headers.get('x-request-id'),
    });
  });

  test("returns 404 for another partner's ticket", async () => {
    const other = await makePartner();
    expect((await api.get(pickedUpPath(ticket.id), other)).status).toBe(404);
  });

  test('returns 404 for a prepared ticket, whose own path returns 410 once it is picked up', async () => {
    const prepared = await writeTicket(partner);
    expect((await api.get(pickedUpPath(prepared.id), partner)).status).toBe(404);
    expect((await api.get(ticketPath(ticket.id), partner)).status).toBe(410);
  });

  test('returns 400 for an id that is not a UUID', async () => {
    const response = await api.get(pickedUpPath('x'), partner);
    await expectViolations(response, ['path ticket-id invalid_format']);
  });

  test('returns 304 if If-None-Match has the ETag, and 412 if If-Match has another one', async () => {
    const tag = (await api.get(pickedUpPath(ticket.id), partner)).headers.get('etag') as string;
    const get = (headers: Record<string, string>) =>
      api.request('GET', pickedUpPath(ticket.id), { as: partner, headers });
    const known = await get({ 'if-none-match': tag });
    expect(known.status).toBe(304);
    expect(known.headers.get('etag')).toBe(tag);
    expect((await get({ 'if-none-match': '"1-99"' })).status).toBe(200);
    expect((await get({ 'if-match': tag })).status).toBe(200);
    expect((await get({ 'if-match': '"1-99"' })).status).toBe(412);
  });

  test('a picked-up ticket cannot be changed or deleted', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const response = await api.request(method, pickedUpPath(ticket.id), { as: partner });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toContain('GET');
    }
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { START } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  CUSTOMER,
  createTicket,
  expectViolations,
  linesPath,
  listTickets,
  NOBODY,
  PRODUCT,
  putLine,
  storedRows,
  type Ticket,
  ticketPath,
  ticketUpdate,
  type ViolationName,
} from '../../../support/tickets.ts';

let ticket: Ticket;

const changes = {
  vehicle_model_id: 2 ** 53 - 1,
  vin: 'wdb1240661a123456',
  voucher_code: 'ABCD1234',
  preparer_external_reference: 'new 🚗',
};

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
});

describe('PUT /v2/tickets/prepared-tickets/{prepared-ticket-id}', () => {
  test('returns 200 with the ticket, whose four writable members are replaced', async () => {
    api.now = START + 5000;
    const response = await api.put(ticketPath(ticket.id), partner, changes);
    expect(response.status).toBe(200);
    const expected = { ...ticket, ...changes, vin: 'WDB1240661A123456' };
    expect(await response.json()).toEqual(expected);
    expect(await (await api.get(ticketPath(ticket.id), partner)).json()).toEqual(expected);
  });

  test('sets nullable members to null and the reference to empty', async () => {
    const empty = { ...changes, vin: null, voucher_code: null, preparer_external_reference: '' };
    const response = await api.put(ticketPath(ticket.id), partner, empty);
    expect(await response.json()).toEqual({ ...ticket, ...empty });
  });

  test('does not change another ticket or a product line', async () => {
    const other = await createTicket(api, partner);
    await putLine(api, partner, ticket.id, PRODUCT, 7);
    await api.put(ticketPath(ticket.id), partner, changes);
    expect(await (await api.get(ticketPath(other.id), partner)).json()).toEqual(other);
    const lines = await api.get(linesPath(ticket.id), partner);
    expect(await lines.json()).toMatchObject({ total: 1, result: [{ quantity: 7 }] });
  });

  test('returns the same if it is repeated', async () => {
    const first = await api.put(ticketPath(ticket.id), partner, changes);
    const second = await api.put(ticketPath(ticket.id), partner, changes);
    expect(await second.json()).toEqual(await first.json());
  });

  test('accepts the ticket as it was read', async () => {
    const response = await api.put(ticketPath(ticket.id), partner, ticket);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(ticket);
  });

  test('ignores id, created_at and ticket_number', async () => {
    const body = { ...ticketUpdate, id: NOBODY, created_at: false, ticket_number: -1 };
    const response = await api.put(ticketPath(ticket.id), partner, body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(ticket);
  });

  test('accepts the id in upper case', async () => {
    const response = await api.put(ticketPath(ticket.id.toUpperCase()), partner, changes);
    expect(await response.json()).toMatchObject({ id: ticket.id, vehicle_model_id: 2 ** 53 - 1 });
  });

  test('returns 404 for an unknown id, with and without a customer_id', async () => {
    for (const body of [changes, { ...changes, customer_id: CUSTOMER }]) {
      expect((await api.put(ticketPath(NOBODY), partner, body)).status).toBe(404);
    }
    expect((await storedRows()).tickets).toHaveLength(1);
  });

  test('returns 404 after a delete', async () => {
    await api.delete(ticketPath(ticket.id), partner);
    expect((await api.put(ticketPath(ticket.id), partner, changes)).status).toBe(404);
  });
});

describe('customer_id', () => {
  test.each([
    ['as it is', CUSTOMER],
    ['in upper case', CUSTOMER.toUpperCase()],
  ])('can be sent %s', async (_what, customer_id) => {
    const response = await api.put(ticketPath(ticket.id), partner, { ...changes, customer_id });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      customer_id: CUSTOMER,
      voucher_code: 'ABCD1234',
    });
  });
});

describe('a rejected body writes nothing', () => {
  async function expectRefused(body: object, ...expected: ViolationName[]) {
    const before = await storedRows();
    await expectViolations(await api.put(ticketPath(ticket.id), partner, body), expected);
    expect(await storedRows()).toEqual(before);
  }

  test('another customer_id has the violation `immutable`', async () => {
    const body = { ...changes, vin: null, customer_id: NOBODY };
    await expectRefused(body, 'body #/customer_id immutable');
    expect((await listTickets(api, partner, { vin: '' })).total).toBe(0);
  });

  test.each([[null], ['x'], [1]])('a customer_id of %j is rejected', async (customer_id) => {
    const code = customer_id === 'x' ? 'invalid_format' : 'invalid_type';
    await expectRefused({ ...changes, customer_id }, `body #/customer_id ${code}`);
  });

  test.each([['vehicle_model_id'], ['vin'], ['voucher_code'], ['preparer_external_reference']])(
    'a missing %s has the violation `required`',
    async (member) => {
      await expectRefused({ ...changes, [member]: undefined }, `body #/${member} required`);
    },
  );

  test('all violations are reported in one response', async () => {
    await expectRefused(
      {
        vehicle_model_id: 2 ** 53,
        vin: 'JH4KA7630PC0076491',
        voucher_code: 'ABC',
        preparer_external_reference: null,
        customer: CUSTOMER,
      },
      'body #/vehicle_model_id out_of_range',
      'body #/vin too_long',
      'body #/voucher_code too_short',
      'body #/preparer_external_reference invalid_type',
      'body #/customer unknown_member',
    );
  });

  test('__proto__ is an unknown member', async () => {
    const body = `${JSON.stringify(changes).slice(0, -1)},"__proto__":{"vin":null}}`;
    const before = await storedRows();
    const response = await api.put(ticketPath(ticket.id), partner, body);
    await expectViolations(response, ['body #/__proto__ unknown_member']);
    expect(await storedRows()).toEqual(before);
  });

  test('an id that is not a UUID is a violation of the path', async () => {
    const response = await api.put(ticketPath('x'), partner, changes);
    await expectViolations(response, ['path prepared-ticket-id invalid_format']);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { matchingFilters, missingFilters } from '../../../support/list-filters.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  listTickets,
  NOBODY,
  PRODUCT,
  putLine,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

/** Expects exactly these tickets, newest first, and that the query echoes the filters as `applied`. */
async function expectFound(
  query: Record<string, string | number>,
  tickets: Ticket[],
  applied: Record<string, unknown> = query,
): Promise<void> {
  expect(await listTickets(api, partner, query)).toEqual({
    query: { limit: 25, offset: 0, ...applied },
    result: tickets,
    total: tickets.length,
  });
}

test('customer_id finds the tickets of a customer in upper and lower case', async () => {
  const ours = await createTicket(api, partner);
  await createTicket(api, partner, { customer_id: NOBODY });
  await expectFound({ customer_id: CUSTOMER }, [ours]);
  await expectFound({ customer_id: CUSTOMER.toUpperCase() }, [ours], { customer_id: CUSTOMER });
  await expectFound({ customer_id: PRODUCT }, []);
});

describe('preparer_external_reference', () => {
  test('finds exactly the reference, without other cases, parts, patterns or normalization forms', async () => {
    const reference = 'Ärzte % _ + & = # ; 🚗 "x" ';
    const found = await createTicket(api, partner, { preparer_external_reference: reference });
    await createTicket(api, partner, { preparer_external_reference: reference.toLowerCase() });
    await createTicket(api, partner, { preparer_external_reference: `${reference}x` });
    await createTicket(api, partner, { preparer_external_reference: reference.trim() });
    await createTicket(api, partner, { preparer_external_reference: reference.normalize('NFD') });
    await expectFound({ preparer_external_reference: reference }, [found]);
    await expectFound({ preparer_external_reference: '%' }, []);
  });

  test('an empty value finds the tickets with the empty reference', async () => {
    await createTicket(api, partner);
    const empty = await createTicket(api, partner, { preparer_external_reference: '' });
    await expectFound({ preparer_external_reference: '' }, [empty]);
  });

  test('compares numbers as text', async () => {
    const text = await createTicket(api, partner, { preparer_external_reference: '007' });
    await createTicket(api, partner, { preparer_external_reference: '7' });
    await expectFound({ preparer_external_reference: '007' }, [text]);
  });

  test('finds the new reference after an update', async () => {
    const { id } = await createTicket(api, partner);
    const body = { ...ticketUpdate, preparer_external_reference: 'new' };
    const updated = await (await api.put(ticketPath(id), partner, body)).json<Ticket>();
    await expectFound({ preparer_external_reference: 'new' }, [updated]);
    await expectFound(
      { preparer_external_reference: ticketUpdate.preparer_external_reference },
      [],
    );
  });
});

describe('product_id', () => {
  test('finds the tickets with a line for the product in upper and lower case', async () => {
    const other = await createTicket(api, partner);
    const both = await createTicket(api, partner);
    await putLine(api, partner, other.id, NOBODY);
    await putLine(api, partner, both.id, NOBODY);
    await putLine(api, partner, both.id, PRODUCT, 9);
    await expectFound({ product_id: PRODUCT }, [both]);
    await expectFound({ product_id: NOBODY }, [both, other]);
    await expectFound({ product_id: PRODUCT.toUpperCase() }, [both], { product_id: PRODUCT });
  });

  test('reflects created and deleted product lines', async () => {
    const ticket = await createTicket(api, partner);
    await expectFound({ product_id: PRODUCT }, []);
    await putLine(api, partner, ticket.id, PRODUCT);
    await putLine(api, partner, ticket.id, PRODUCT, 2);
    await expectFound({ product_id: PRODUCT }, [ticket]);
    await api.delete(linesPath(ticket.id, PRODUCT), partner);
    await expectFound({ product_id: PRODUCT }, []);
    await putLine(api, partner, ticket.id, PRODUCT);
    await api.delete(ticketPath(ticket.id), partner);
    await expectFound({ product_id: PRODUCT }, []);
  });

  test('is ordered by the ticket, newest first, and not by the line', async () => {
    const first = await createTicket(api, partner);
    api.now += 1;
    const second = await createTicket(api, partner);
    api.now += 1;
    await putLine(api, partner, second.id, PRODUCT);
    await putLine(api, partner, first.id, PRODUCT);
    await expectFound({ product_id: PRODUCT }, [second, first]);
  });
});

test('ticket_number finds one ticket or none, and is echoed as a number', async () => {
  await createTicket(api, partner);
  const ticket = await createTicket(api, partner);
  await expectFound({ ticket_number: ticket.ticket_number }, [ticket]);
  await expectFound({ ticket_number: 0 }, []);
  await expectFound({ ticket_number: 2 ** 53 - 1 }, []);
  const query = { ticket_number: ticket.ticket_number, customer_id: NOBODY };
  await expectFound(query, []);
});

describe('vin', () => {
  const vin = 'WDB1240661A123456';

  test('finds the tickets of a vehicle in upper and lower case, and is echoed in upper case', async () => {
    await createTicket(api, partner);
    const ticket = await createTicket(api, partner, { vin: vin.toLowerCase() });
    await expectFound({ vin }, [ticket]);
    await expectFound({ vin: vin.toLowerCase() }, [ticket], { vin });
  });

  test('with an empty value finds the tickets without a VIN, and is echoed as null', async () => {
    await createTicket(api, partner);
    const without = await createTicket(api, partner, { vin: null });
    await expectFound({ vin: '' }, [without], { vin: null });
  });

  test('reflects an update from and to null', async () => {
    const ticket = await createTicket(api, partner, { vin: null });
    await api.put(ticketPath(ticket.id), partner, { ...ticketUpdate, vin });
    await expectFound({ vin: '' }, [], { vin: null });
    await expectFound({ vin }, [{ ...ticket, vin }]);
    await api.put(ticketPath(ticket.id), partner, { ...ticketUpdate, vin: null });
    await expectFound({ vin: '' }, [ticket], { vin: null });
    await expectFound({ vin }, []);
  });
});

describe('all given filters apply together', () => {
  test('returns an empty list if any one filter does not match', async () => {
    const ticket = await createTicket(api, partner);
    await putLine(api, partner, ticket.id, PRODUCT);
    const query = matchingFilters(ticket);
    // A filter by a member of the ticket is echoed in the form of the member.
    const echoed = Object.entries(query).map(([name, value]) => [
      name,
      ticket[name as keyof Ticket] ?? value,
    ]);
    await expectFound(query, [ticket], Object.fromEntries(echoed));
    for (const [name, value] of Object.entries(missingFilters(ticket))) {
      const { result, total } = await listTickets(api, partner, { ...query, [name]: value });
      expect({ name, result, total }).toEqual({ name, result: [], total: 0 });
    }
  });
});

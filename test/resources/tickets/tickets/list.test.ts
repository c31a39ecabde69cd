import { beforeEach, describe, expect, test } from 'vitest';
import type { FilterName } from '../../../../src/resources/tickets/tickets/filters.ts';
import { START, TestApi } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { makePartner } from '../../../support/partners.ts';
import {
  listPickedUp,
  PICKED_UP,
  type PickedUpTicket,
  writePickedUp,
} from '../../../support/picked-up-tickets.ts';
import { CUSTOMER, expectViolations, NOBODY, writeTicket } from '../../../support/tickets.ts';

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

const at = (second: number) => new Date(START + 1000 * second).toISOString();

/** Expects exactly these tickets, and that the query echoes the filters as `applied`. */
async function expectFound(
  query: Record<string, string | number>,
  tickets: readonly PickedUpTicket[],
  applied: Record<string, unknown> = query,
): Promise<void> {
  expect(await listPickedUp(api, partner, query)).toEqual({
    query: { limit: 25, offset: 0, ...applied },
    result: tickets,
    total: tickets.length,
  });
}

describe('GET /v2/tickets/tickets', () => {
  test('returns an empty list if nothing was picked up', async () => {
    await writeTicket(partner);
    await expectFound({}, []);
  });

  test('returns the most recently picked-up ticket first, and the higher number of one time', async () => {
    const first = await writePickedUp(partner, { picked_up_at: at(1), ticket_number: 9 });
    const last = await writePickedUp(partner, { picked_up_at: at(3), ticket_number: 3 });
    const lower = await writePickedUp(partner, { picked_up_at: at(2), ticket_number: 4 });
    const higher = await writePickedUp(partner, { picked_up_at: at(2), ticket_number: 5 });
    await expectFound({}, [last, higher, lower, first]);
  });

  test("returns no other partner's tickets and no prepared tickets", async () => {
    await writePickedUp(await makePartner());
    await writeTicket(partner);
    await expectFound({}, [await writePickedUp(partner)]);
  });

  test('links to the pages that exist, with the filters', async () => {
    for (let i = 0; i < 3; i++) {
      await writePickedUp(partner);
    }
    const query = `customer_id=${CUSTOMER}&limit=1&offset=1`;
    const response = await api.get(`${PICKED_UP}?${query}`, partner);
    const page = (offset: number, relation: string) =>
      `<https://api.test${PICKED_UP}?customer_id=${CUSTOMER}&limit=1&offset=${offset}>; rel="${relation}"`;
    expect(response.headers.get('link')).toContain(
      [page(0, 'first'), page(0, 'prev'), page(2, 'next'), page(2, 'last')].join(', '),
    );
  });
});

describe('filters', () => {
  test('customer_id finds the tickets of a customer in upper and lower case', async () => {
    const ticket = await writePickedUp(partner);
    await writePickedUp(partner, { customer_id: NOBODY });
    await expectFound({ customer_id: CUSTOMER }, [ticket]);
    await expectFound({ customer_id: CUSTOMER.toUpperCase() }, [ticket], { customer_id: CUSTOMER });
  });

  test('ticket_number finds one ticket or none', async () => {
    await writePickedUp(partner);
    const ticket = await writePickedUp(partner);
    await expectFound({ ticket_number: ticket.ticket_number }, [ticket]);
    await expectFound({ ticket_number: 0 }, []);
  });

  test('preparer_external_reference finds exactly the reference, which may be empty', async () => {
    const empty = await writePickedUp(partner, { preparer_external_reference: '' });
    const ticket = await writePickedUp(partner, { preparer_external_reference: 'A 1' });
    await writePickedUp(partner, { preparer_external_reference: 'a 1' });
    await expectFound({ preparer_external_reference: 'A 1' }, [ticket]);
    await expectFound({ preparer_external_reference: '' }, [empty]);
  });

  test('picked_up_after and picked_up_before are exclusive and are echoed in UTC', async () => {
    await writePickedUp(partner, { picked_up_at: at(1) });
    const ticket = await writePickedUp(partner, { picked_up_at: at(2) });
    await writePickedUp(partner, { picked_up_at: at(3) });
    await expectFound({ picked_up_after: at(1), picked_up_before: at(3) }, [ticket]);
    await expectFound({ picked_up_after: at(3) }, []);
    await expectFound({ picked_up_before: at(1) }, []);
    await expectFound({ picked_up_after: at(3), picked_up_before: at(1) }, []);
    await expectFound(
      { picked_up_after: '2026-03-01T13:00:01+01:00', picked_up_before: at(3) },
      [ticket],
      { picked_up_after: at(1), picked_up_before: at(3) },
    );
  });

  test('all given filters apply together', async () => {
    const ticket = await writePickedUp(partner, { picked_up_at: at(2) });
    const query: Record<FilterName, string | number> = {
      customer_id: ticket.customer_id,
      picked_up_after: at(1),
      picked_up_before: at(3),
      preparer_external_reference: ticket.preparer_external_reference,
      ticket_number: ticket.ticket_number,
    };
    await expectFound(query, [ticket]);
    const missing: typeof query = {
      customer_id: NOBODY,
      picked_up_after: at(2),
      picked_up_before: at(2),
      preparer_external_reference: '',
      ticket_number: ticket.ticket_number + 1,
    };
    for (const [name, value] of Object.entries(missing)) {
      await expectFound({ ...query, [name]: value }, []);
    }
  });
});

test.each([
  ['colour=red', 'query colour unknown_parameter'],
  ['created_after=2026-03-01T12:00:00Z', 'query created_after unknown_parameter'],
  ['vin=', 'query vin unknown_parameter'],
  ['limit=1&limit=2', 'query limit repeated_parameter'],
  ['limit=1001', 'query limit out_of_range'],
  ['offset=-1', 'query offset out_of_range'],
  ['customer_id=', 'query customer_id empty_parameter'],
  ['customer_id=x', 'query customer_id invalid_format'],
  ['ticket_number=1.5', 'query ticket_number invalid_format'],
  ['picked_up_after=', 'query picked_up_after empty_parameter'],
  ['picked_up_before=2026-03-01', 'query picked_up_before invalid_format'],
] as const)('%s has the violation %s', async (query, violation) => {
  await expectViolations(await api.get(`${PICKED_UP}?${query}`, partner), [violation]);
});

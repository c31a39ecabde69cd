import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repairCounts } from '../../../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { TestApi } from '../../../support/api.ts';
import { wrongCounts } from '../../../support/counts.ts';
import { runCron } from '../../../support/cron.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { exportAll } from '../../../support/exports.ts';
import { homeOf } from '../../../support/homes.ts';
import { allCounts } from '../../../support/naive-list.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { listPickedUp, pickedUpPath, recountPickedUp } from '../../../support/picked-up-tickets.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  listTickets,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
  ticketPath,
} from '../../../support/tickets.ts';

/**
 * Two partners of one database with the tickets 1, 2 and 3 each. Their customers, cars and references are the same, so only the
 * partner distinguishes a ticket from that of the other one with the same number.
 */

/** Two products: the first ticket of one partner has a line for one of them, and that of the other for the other. */
const [OWN, OTHERS] = [PRODUCT, '11111111-1111-4111-8111-111111111111'];
const TICKETS_PER_PART = 1;

let other: TestPartner;
let own: [Ticket, Ticket, Ticket];
let others: [Ticket, Ticket, Ticket];

async function threeTickets(as: TestPartner): Promise<[Ticket, Ticket, Ticket]> {
  const create = (reference: string) => {
    api.now += 1000;
    return createTicket(api, as, { preparer_external_reference: reference });
  };
  return [await create('A'), await create('B'), await create('C')];
}

beforeEach(async () => {
  await makePartnerOf(new TestApi({}, { ticketsPerPart: TICKETS_PER_PART }));
  other = await makePartner({ home: homeOf(partner) });
  own = await threeTickets(partner);
  others = await threeTickets(other);
  await putLine(api, partner, own[0].id, OWN, 2);
  await putLine(api, other, others[0].id, OTHERS, 3);
});

afterEach(async () => {
  const { kept, actual } = await allCounts();
  expect(kept).toEqual(actual);
});

const numbersOf = (tickets: readonly Ticket[]) => tickets.map((each) => each.ticket_number);

const pickUp = ({ id }: Ticket, as: TestPartner) =>
  api.post(`${ticketPath(id)}/pick-up`, as, { customer_id: CUSTOMER });

/** The lines of a ticket as `product_id` to quantity. */
async function linesOf(path: string, as: TestPartner): Promise<Record<string, number>> {
  const response = await api.get(path, as);
  expect(response.status).toBe(200);
  const { result, total } = await response.json<{
    result: { product_id: string; quantity: number }[];
    total: number;
  }>();
  expect(total).toBe(result.length);
  return Object.fromEntries(result.map((line) => [line.product_id, line.quantity]));
}

const preparedLines = ({ id }: Ticket, as: TestPartner) => linesOf(linesPath(id), as);
const pickedUpLines = ({ id }: Ticket, as: TestPartner) =>
  linesOf(`${pickedUpPath(id)}/product-lines`, as);

test('both partners have the tickets 1, 2 and 3', () => {
  expect(numbersOf(own)).toEqual([1, 2, 3]);
  expect(numbersOf(others)).toEqual([1, 2, 3]);
});

describe('a list finds the tickets of its partner alone', () => {
  const byNumber = (tickets: readonly Ticket[]) => tickets.toReversed();

  test.each<[string, Record<string, string | number>, (tickets: Ticket[]) => Ticket[]]>([
    ['without a filter', {}, byNumber],
    ['from an offset', { offset: 1 }, (tickets) => byNumber(tickets).slice(1)],
    ['by number', { ticket_number: 2 }, (tickets) => tickets.slice(1, 2)],
    ['by number and VIN', { ticket_number: 2, vin: newTicket.vin }, (all) => all.slice(1, 2)],
    ['by VIN', { vin: newTicket.vin }, byNumber],
    ['by reference', { preparer_external_reference: 'C' }, (tickets) => tickets.slice(2)],
    ['by customer', { customer_id: CUSTOMER }, byNumber],
    ['by customer and VIN', { customer_id: CUSTOMER, vin: newTicket.vin }, byNumber],
  ])('%s', async (_what, query, expected) => {
    for (const [as, tickets] of [
      [partner, own],
      [other, others],
    ] as const) {
      const list = await listTickets(api, as, query);
      expect(list.result).toEqual(expected([...tickets]));
      expect(list.total).toBe(expected([...tickets]).length + Number(query.offset ?? 0));
      const { offset: _offset, ...filters } = query;
      const exported = (await exportAll(api, as, filters)).map(({ id }) => id);
      const all = (await listTickets(api, as, filters)).result.map(({ id }) => id);
      expect(exported).toEqual(all.toReversed());
    }
  });

  test.each<[string, Record<string, string | number>]>([
    ['by product', {}],
    ['by product and number', { ticket_number: 1 }],
    ['by product and customer', { customer_id: CUSTOMER }],
    ['by product and reference', { preparer_external_reference: 'A' }],
  ])('%s', async (_what, query) => {
    const ownQuery = { ...query, product_id: OWN };
    expect(await listTickets(api, partner, ownQuery)).toMatchObject({ result: [own[0]], total: 1 });
    expect((await exportAll(api, partner, ownQuery)).map(({ id }) => id)).toEqual([own[0].id]);
    const othersQuery = { ...query, product_id: OTHERS };
    expect(await listTickets(api, partner, othersQuery)).toMatchObject({ result: [], total: 0 });
    expect(await exportAll(api, partner, othersQuery)).toEqual([]);
  });

  test('among picked-up tickets', async () => {
    await pickUp(own[0], partner);
    await pickUp(others[0], other);
    const queries: Record<string, string | number>[] = [
      {},
      { ticket_number: 1 },
      { customer_id: CUSTOMER },
    ];
    for (const query of queries) {
      for (const [as, { id }] of [
        [partner, own[0]],
        [other, others[0]],
      ] as const) {
        const { result, total } = await listPickedUp(api, as, query);
        expect(result).toMatchObject([{ id, ticket_number: 1 }]);
        expect(total).toBe(1);
      }
    }
  });
});

describe('the lines of two tickets with the same number never mix', () => {
  const expectOthersUntouched = async () =>
    expect(await preparedLines(others[0], other)).toEqual({ [OTHERS]: 3 });

  test('in lists of lines', async () => {
    expect(await preparedLines(own[0], partner)).toEqual({ [OWN]: 2 });
    expect((await api.get(linesPath(own[0].id, OTHERS), partner)).status).toBe(404);
    await expectOthersUntouched();
  });

  test('in an export', async () => {
    const lines = async (as: TestPartner) =>
      (await exportAll(api, as, {})).map(({ product_lines }) => product_lines);
    expect(await lines(partner)).toEqual([[{ product_id: OWN, quantity: 2 }], [], []]);
    expect(await lines(other)).toEqual([[{ product_id: OTHERS, quantity: 3 }], [], []]);
  });

  test('when lines are put and deleted', async () => {
    await putLine(api, partner, own[0].id, OTHERS, 5);
    await putLine(api, partner, own[0].id, OTHERS, 6);
    expect(await preparedLines(own[0], partner)).toEqual({ [OWN]: 2, [OTHERS]: 6 });
    await expectOthersUntouched();
    expect((await api.delete(linesPath(own[0].id, OTHERS), partner)).status).toBe(204);
    await expectOthersUntouched();
  });

  test('when a ticket has as many lines as it may', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
       INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, format('22222222-2222-4222-8222-%012d', i), partner_id, created_at, 1
       FROM n CROSS JOIN prepared_tickets WHERE id = ?`,
    )
      .bind(others[0].id)
      .run();
    await env.DB.batch(repairCounts.map((statement) => env.DB.prepare(statement)));
    // A line that is absent fails If-Match, unless the ticket has no room for it.
    const conditional = { as: partner, body: { quantity: 1 }, headers: { 'if-match': '*' } };
    const absent = api.request('PUT', linesPath(own[0].id, OTHERS), conditional);
    expect((await absent).status).toBe(412);
    await putLine(api, partner, own[0].id, OTHERS);
    const beyond = api.put(linesPath(others[0].id, OWN), other, { quantity: 1 });
    expect((await beyond).status).toBe(409);
  });

  test('when a ticket is replaced by its reference', async () => {
    const put = (product_lines: object[]) =>
      api.put(referencePath('A'), partner, {
        ...newTicket,
        preparer_external_reference: 'A',
        vin: null,
        product_lines,
      });
    expect((await put([{ product_id: OTHERS, quantity: 7 }])).status).toBe(200);
    expect(await preparedLines(own[0], partner)).toEqual({ [OTHERS]: 7 });
    await expectOthersUntouched();
    expect((await put([])).status).toBe(200);
    expect(await preparedLines(own[0], partner)).toEqual({});
    await expectOthersUntouched();
    expect((await listTickets(api, other, { vin: '' })).total).toBe(0);
  });

  test('when the VIN is taken from one of them and comes back', async () => {
    for (const vin of [null, newTicket.vin]) {
      const body = { ...newTicket, preparer_external_reference: 'A', vin };
      expect((await api.put(referencePath('A'), other, body)).status).toBe(200);
      expect((await listTickets(api, other, { vin: '' })).total).toBe(vin === null ? 1 : 0);
      expect((await listTickets(api, partner, { vin: '' })).total).toBe(0);
    }
  });

  test('when it is looked up what a ticket lacks', async () => {
    await api.delete(linesPath(own[0].id, OWN), partner);
    const readiness = await api.get(`${ticketPath(own[0].id)}/readiness`, partner);
    expect(await readiness.json()).toEqual({ ready: false, missing: ['product_lines'] });
    expect((await pickUp(own[0], partner)).status).toBe(409);
  });

  test.each([
    ['by its id', () => api.delete(ticketPath(own[0].id), partner)],
    ['by its reference', () => api.delete(referencePath('A'), partner)],
  ])('when a ticket is deleted %s', async (_how, remove) => {
    expect((await remove()).status).toBe(204);
    await expectOthersUntouched();
    expect((await listTickets(api, other, { product_id: OTHERS })).total).toBe(1);
  });

  test('when both tickets are picked up', async () => {
    expect((await pickUp(own[0], partner)).status).toBe(201);
    await expectOthersUntouched();
    expect(await pickedUpLines(own[0], partner)).toEqual({ [OWN]: 2 });
    expect((await pickUp(others[0], other)).status).toBe(201);
    expect(await pickedUpLines(own[0], partner)).toEqual({ [OWN]: 2 });
    expect(await pickedUpLines(others[0], other)).toEqual({ [OTHERS]: 3 });
  });

  test('when sparse buckets of counts are merged', async () => {
    // Deletions leave one ticket in each of the first two buckets of four parts, and the third one is the newest.
    for (const as of [partner, other]) {
      const more = [...(await threeTickets(as)), ...(await threeTickets(as))];
      const removed = [...more.slice(0, 1), ...more.slice(2, 5)];
      for (const { id } of removed) {
        await api.delete(ticketPath(id), as);
      }
      await putLine(api, as, (more[1] as Ticket).id, as === partner ? OTHERS : OWN);
      const [, second, third] = as === partner ? own : others;
      await api.delete(ticketPath(second.id), as);
      await api.delete(ticketPath(third.id), as);
    }
    const buckets = () =>
      env.DB.prepare(
        "SELECT partner_id, count(*) AS n FROM ticket_counts WHERE facet = 'all' GROUP BY 1",
      ).all<{ n: number }>();
    expect((await buckets()).results.map(({ n }) => n)).toEqual([3, 3]);
    await runCron({ ...stillWorld, ticketsPerPart: TICKETS_PER_PART });
    expect((await buckets()).results.map(({ n }) => n)).toEqual([2, 2]);
    for (const as of [partner, other]) {
      for (const product_id of [OWN, OTHERS]) {
        expect((await listTickets(api, as, { product_id })).total).toBe(1);
      }
    }
  });

  test('when counts are compared and made anew', async () => {
    await pickUp(own[0], partner);
    expect(await wrongCounts(env.DB)).toEqual([]);
    const repairs = repairCounts.map((statement) => env.DB.prepare(statement));
    await env.DB.batch([...repairs, ...recountPickedUp()]);
    expect((await listTickets(api, partner, { product_id: OWN })).total).toBe(0);
    expect((await listTickets(api, other, { product_id: OTHERS })).total).toBe(1);
    expect((await listPickedUp(api, partner)).total).toBe(1);
    expect((await listPickedUp(api, other)).total).toBe(0);
  });
});

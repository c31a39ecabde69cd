import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { repairCounts } from '../../../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { type LenientBatch, sendBatch, ticketsOf } from '../../../support/batches.ts';
import { runCron } from '../../../support/cron.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { captureLog, retryAtOnce } from '../../../support/faults.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import { fill, makePartner } from '../../../support/partners.ts';
import {
  CUSTOMER,
  createTicket,
  listTickets,
  NOBODY,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

/** How often the race is run: often in CI, and a few times in a default run. */
const RUNS = Math.max(1, Math.round(Number(env.RACE_RUNS) / 10));

beforeEach(makeApiAndPartner);

/** Creates a ticket and returns its number. */
const nextNumber = async (as = partner) => (await createTicket(api, as)).ticket_number;

const remove = (ticket: Ticket) => api.delete(ticketPath(ticket.id), partner);

const post = (body: object, headers: Record<string, string> = {}) =>
  api.request('POST', TICKETS, { as: partner, body, headers });

const putBy = (reference: string, values: object = {}, headers: Record<string, string> = {}) => {
  const body = { ...newTicket, preparer_external_reference: reference, ...values };
  return api.request('PUT', referencePath(reference), { as: partner, body, headers });
};

/** Expects that a request gets a status, and that the next ticket has the number 2, so that it used up none. */
async function expectNoNumber(sent: Promise<Response>, status: number): Promise<void> {
  expect((await sent).status).toBe(status);
  expect(await nextNumber()).toBe(2);
}

describe('ticket_number', () => {
  test("counts each partner's tickets from 1, in the order of creation, whatever the clock says", async () => {
    const other = await makePartner();
    const numbers: [number, number][] = [];
    for (let i = 0; i < 3; i++) {
      api.now -= 60_000;
      numbers.push([await nextNumber(), await nextNumber(other)]);
    }
    expect(numbers).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect((await listTickets(api, partner)).result.map((each) => each.ticket_number)).toEqual([
      3, 2, 1,
    ]);
  });

  test('is not given again after the newest ticket was deleted, nor after all were', async () => {
    const [first, second] = [await createTicket(api, partner), await createTicket(api, partner)];
    await remove(second);
    const third = await createTicket(api, partner);
    expect(third.ticket_number).toBe(3);
    await remove(first);
    await remove(third);
    expect(await nextNumber()).toBe(4);
  });

  test('is not given again after the counts of a partner without tickets were made anew', async () => {
    await remove(await createTicket(api, partner));
    await runCron({ ...stillWorld, now: () => api.now });
    await env.DB.batch(repairCounts.map((statement) => env.DB.prepare(statement)));
    expect(await nextNumber()).toBe(2);
  });

  test('is not given again after the newest ticket was picked up', async () => {
    const { id } = await createTicket(api, partner);
    await putLine(api, partner, id, PRODUCT);
    const body = { customer_id: CUSTOMER };
    const response = await api.post(`${ticketPath(id)}/pick-up`, partner, body);
    expect(await response.json()).toMatchObject({ ticket_number: 1 });
    expect(await nextNumber()).toBe(2);
  });

  test('continues with a PUT by reference that creates', async () => {
    expect(await nextNumber()).toBe(1);
    const lines = { product_lines: [{ product_id: PRODUCT, quantity: 1 }] };
    expect(await (await putBy('A', lines)).json()).toMatchObject({ ticket_number: 2 });
    expect(await (await putBy('B')).json()).toMatchObject({ ticket_number: 3 });
    expect(await nextNumber()).toBe(4);
  });

  test('rises by 1 with each item of a batch, in their order', async () => {
    expect(await nextNumber()).toBe(1);
    const references = ['C', 'A', 'B'];
    const items = references.map((reference) => ({
      ...newTicket,
      preparer_external_reference: reference,
      product_lines: [{ product_id: PRODUCT, quantity: 1 }],
    }));
    const tickets = await ticketsOf(await sendBatch(api, partner, items));
    const numbers = tickets.map((each) => [each.preparer_external_reference, each.ticket_number]);
    expect(numbers).toEqual([
      ['C', 2],
      ['A', 3],
      ['B', 4],
    ]);
    expect(await nextNumber()).toBe(5);
  });

  test('is used up by the valid items of a lenient batch alone', async () => {
    const items = [newTicket, { ...newTicket, vin: 'short' }, newTicket];
    const response = await sendBatch(api, partner, items, { isLenient: true });
    const { result } = await response.json<LenientBatch>();
    const numbers = result.map((item) =>
      item.status === 201 ? item.prepared_ticket.ticket_number : item.status,
    );
    expect(numbers).toEqual([1, 400, 2]);
    expect(await nextNumber()).toBe(3);
  });
});

describe('no ticket_number is used up by', () => {
  const key = { 'idempotency-key': '"a key"' };

  test('a replay, or a reuse of its key', async () => {
    const first = await post(newTicket, key);
    expect(await first.json()).toMatchObject({ ticket_number: 1 });
    const again = await post(newTicket, key);
    expect(await again.json()).toMatchObject({ ticket_number: 1 });
    await expectNoNumber(post({ ...newTicket, vin: null }, key), 422);
  });

  test('a replay of a batch', async () => {
    const send = () => sendBatch(api, partner, [newTicket], { key: '"a key"' });
    await send();
    await expectNoNumber(send(), 201);
  });

  test('a request with a violation', async () => {
    await nextNumber();
    const sent = sendBatch(api, partner, [newTicket, { ...newTicket, vin: 'short' }]);
    await expectNoNumber(sent, 400);
  });

  test('a creation beyond the quota, singly, by reference or in a batch', async () => {
    await nextNumber();
    await fill(partner);
    expect((await post(newTicket)).status).toBe(409);
    expect((await post(newTicket, key)).status).toBe(409);
    expect((await putBy('A')).status).toBe(409);
    expect((await sendBatch(api, partner, [newTicket])).status).toBe(409);
    const lenient = await sendBatch(api, partner, [newTicket], { isLenient: true });
    expect(await lenient.json()).toMatchObject({ result: [{ status: 409 }] });
    await env.DB.prepare('UPDATE partners SET full_at = NULL').run();
    expect(await nextNumber()).toBe(2);
  });

  test('a PUT by reference that replaces', async () => {
    await putBy('A');
    await expectNoNumber(putBy('A', { vin: null }), 200);
  });

  test('a PUT by reference that is refused', async () => {
    await putBy('A');
    expect((await putBy('B', {}, { 'if-match': '*' })).status).toBe(412);
    await expectNoNumber(putBy('A', { customer_id: NOBODY }), 400);
  });

  test('a PUT by the id', async () => {
    const { id } = await createTicket(api, partner);
    await expectNoNumber(api.put(ticketPath(id), partner, ticketUpdate), 200);
  });

  test('a creation whose transaction fails', async () => {
    captureLog();
    const { id } = await createTicket(api, partner);
    // The id of a ticket is unique, so the ticket with the same one is refused after its number was taken.
    vi.spyOn(crypto, 'randomUUID').mockReturnValue(id as ReturnType<typeof crypto.randomUUID>);
    const sent = await post(newTicket);
    vi.restoreAllMocks();
    expect(sent.status).toBe(500);
    expect(await nextNumber()).toBe(2);
  });

  test.each([
    ['a ticket', () => post(newTicket)],
    ['a ticket with a key', () => post(newTicket, key)],
    ['a ticket by reference', () => putBy('A')],
    ['a batch', () => sendBatch(api, partner, [newTicket])],
  ])('the repetition of a creation of %s whose answer was lost', async (_what, create) => {
    captureLog();
    retryAtOnce();
    const d1 = new FaultyD1();
    useApi(new TestApi({ DB: d1.db }));
    await api.get(TICKETS, partner);
    d1.plan((call) => (call === 1 ? 'after' : undefined));
    expect((await create()).status).toBe(201);
    d1.plan();
    expect(await nextNumber()).toBe(2);
  });
});

test.each(Array.from({ length: RUNS }, (_, run) => run))(
  '50 creators at once get the numbers 1 to 50, while the newest tickets are deleted (run %d)',
  async () => {
    const removeNewest = async () => {
      const [newest] = (await listTickets(api, partner, { limit: 1 })).result;
      return newest && remove(newest);
    };
    const created = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const ticket = await createTicket(api, partner);
        if (i % 3 === 0) {
          await removeNewest();
        }
        return ticket;
      }),
    );
    const numbers = created.map(({ ticket_number }) => ticket_number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    await removeNewest();
    expect(await nextNumber()).toBe(51);
  },
);

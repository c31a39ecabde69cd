import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, violationsOf } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  EXPORT,
  exportAll,
  exportPath,
  idsOf,
  linesOf,
  nextOf,
  TICKET_EXPORT,
  writePickedUpTickets,
  writeTickets,
} from '../../../support/exports.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import { makePartner } from '../../../support/partners.ts';
import { listPickedUp, writePickedUp } from '../../../support/picked-up-tickets.ts';
import { textOf } from '../../../support/texts.ts';
import {
  CUSTOMER,
  createTicket,
  NOBODY,
  PRODUCT,
  putLine,
  type Ticket,
  ticketPath,
} from '../../../support/tickets.ts';

let d1: FaultyD1;

beforeEach(async () => {
  d1 = new FaultyD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
});

const path = (query: Record<string, string | number> = {}) => exportPath(query, TICKET_EXPORT);
const exportPickedUp = (
  query: Record<string, string | number>,
  between?: (page: number) => Promise<unknown>,
) => exportAll(api, partner, query, between, TICKET_EXPORT);

/** Creates a ticket that is ready to be picked up. */
async function prepare(): Promise<Ticket> {
  const ticket = await createTicket(api, partner);
  await putLine(api, partner, ticket.id, PRODUCT, 2);
  return ticket;
}

async function pickUp(id: string): Promise<void> {
  const body = { customer_id: CUSTOMER };
  expect((await api.post(`${ticketPath(id)}/pick-up`, partner, body)).status).toBe(201);
}

describe('a picked-up ticket', () => {
  test('has in NDJSON the members of the list and its product lines', async () => {
    await createTicket(api, partner);
    const { id } = await prepare();
    const other = 'a1fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';
    await putLine(api, partner, id, other, 7);
    await pickUp(id);
    const response = await api.get(TICKET_EXPORT, partner);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const { result } = await listPickedUp(api, partner);
    const product_lines = [
      { product_id: other, quantity: 7 },
      { product_id: PRODUCT, quantity: 2 },
    ];
    expect(await linesOf(response)).toEqual([{ ...result[0], product_lines }]);
  });

  test('has in CSV the members of the list, with a header line', async () => {
    const ticket = await writePickedUp(partner, { vin: null, voucher_code: null });
    const headers = { accept: 'text/csv' };
    const csv = await api.request('GET', TICKET_EXPORT, { as: partner, headers });
    expect(await csv.text()).toBe(
      `id,created_at,customer_id,ticket_number,vehicle_model_id,vin,voucher_code,preparer_external_reference,state,picked_up_at\r\n${ticket.id},${ticket.created_at},${CUSTOMER},${ticket.ticket_number},0,,,DYNAMICS_ERP_3454662,pending,${ticket.picked_up_at}\r\n`,
    );
  });

  test('of another partner is left out, and so are prepared tickets', async () => {
    await writePickedUpTickets(await makePartner(), 3);
    await writeTickets(partner, 3);
    const [own] = await writePickedUpTickets(partner, 1);
    expect(idsOf(await exportPickedUp({ limit: 2 }))).toEqual([own?.id]);
  });
});

describe('pages', () => {
  test.each([1000, 0])(
    'lead by Link to the end, each ticket once and in the order of the pick-ups, with %d ms between them',
    async (stepMs) => {
      const written = await writePickedUpTickets(partner, 25, stepMs);
      // Tickets with the same time are ordered by number. `writePickedUpTickets` numbers them downwards.
      const expected = idsOf(stepMs === 0 ? written.toReversed() : written);
      for (const limit of [1, 4, 24, 25, 26]) {
        expect(idsOf(await exportPickedUp({ limit })), `${limit}`).toEqual(expected);
      }
    },
  );

  test('skip and repeat no ticket, and end with those that are picked up meanwhile, also within one millisecond', async () => {
    const later = [await prepare(), await prepare(), await prepare()];
    const before = [await prepare(), await prepare()];
    for (const { id } of before) {
      await pickUp(id);
    }
    // The clock stands still, and the numbers of the tickets that come later are lower.
    const exported = await exportPickedUp({ limit: 1 }, async (page) => {
      const ticket = later[page - 1];
      await (ticket && pickUp(ticket.id));
    });
    expect(idsOf(exported)).toEqual(idsOf([...before, ...later]));
  });
});

describe('filters', () => {
  const at = (i: number) => new Date(START + i * 1000).toISOString();

  beforeEach(async () => {
    for (const i of [0, 1, 2, 3]) {
      await writePickedUp(partner, {
        picked_up_at: at(i),
        customer_id: i < 3 ? CUSTOMER : NOBODY,
        vehicle_model_id: i,
        preparer_external_reference: i === 0 ? '' : `R${i % 2}`,
        ticket_number: 20 - i,
      });
    }
  });

  test.each<[query: Record<string, string>, matches: number[]]>([
    [{}, [0, 1, 2, 3]],
    [{ picked_up_after: at(1) }, [2, 3]],
    [{ picked_up_before: at(1) }, [0]],
    [{ picked_up_after: at(0), picked_up_before: at(3) }, [1, 2]],
    [{ picked_up_after: at(2), picked_up_before: at(1) }, []],
    [{ customer_id: CUSTOMER }, [0, 1, 2]],
    [{ preparer_external_reference: 'R1' }, [1, 3]],
    [{ preparer_external_reference: '' }, [0]],
    [{ ticket_number: '18' }, [2]],
    [{ ticket_number: '18', customer_id: NOBODY }, []],
    [{ customer_id: CUSTOMER, preparer_external_reference: 'R1', picked_up_after: at(0) }, [1]],
  ])('%j', async (query, matches) => {
    for (const limit of [1, 10]) {
      const exported = await exportPickedUp({ ...query, limit });
      expect(exported.map(({ vehicle_model_id }) => vehicle_model_id)).toEqual(matches);
    }
  });

  test.each(['created_after', 'created_before', 'product_id', 'vin', 'offset'])(
    '%s is none of them',
    async (name) => {
      const response = await api.get(path({ [name]: '0' }), partner);
      expect(response.status).toBe(400);
      expect(await violationsOf(response)).toEqual([`${name} unknown_parameter`]);
    },
  );
});

describe('a cursor', () => {
  test('of other filters, another partner or the export of prepared tickets is a violation', async () => {
    await writePickedUpTickets(partner, 2);
    await writeTickets(partner, 2);
    const own = nextOf(await api.get(path({ limit: 1 }), partner)) as string;
    const others = nextOf(await api.get(exportPath({ limit: 1 }), partner)) as string;
    const requests = [
      api.get(`${own}&customer_id=${CUSTOMER}`, partner),
      api.get(own, await makePartner()),
      api.get(others.replace(EXPORT, TICKET_EXPORT), partner),
      api.get(own.replace(TICKET_EXPORT, EXPORT), partner),
    ];
    for (const response of await Promise.all(requests)) {
      expect(response.status).toBe(400);
      expect(await violationsOf(response)).toEqual(['after invalid_format']);
    }
    expect((await api.get(own, partner)).status).toBe(200);
  });
});

describe('the database', () => {
  const COUNT = 2500;

  test('is read part by part as the caller reads: one trip for 1,000 tickets, 3 rows for each', async () => {
    await writePickedUpTickets(partner, COUNT);
    await listPickedUp(api, partner);
    for (const all of [path(), path({ customer_id: CUSTOMER })]) {
      d1.calls = 0;
      api.log.length = 0;
      const { body } = await api.open(all, partner);
      expect(d1.calls).toBe(1);
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      for (const calls of [2, 3, 4]) {
        await reader.read();
        expect(d1.calls).toBe(calls);
      }
      expect((await reader.read()).done).toBe(true);
      const line = api.log.find(({ event }) => event === 'export');
      expect(line).toMatchObject({ outcome: 'complete', tickets: COUNT, trips: 4 });
      expect((line as { rows_read?: number }).rows_read).toBeLessThanOrEqual(10 + 3 * COUNT);
    }
  });

  test('is not read for a HEAD, whose response has no link to a next page', async () => {
    await writePickedUpTickets(partner, 2);
    const get = await api.get(path({ limit: 1 }), partner);
    expect(nextOf(get)).toBeDefined();
    d1.calls = 0;
    const head = await api.request('HEAD', path({ limit: 1 }), { as: partner });
    expect([head.status, await textOf(head), d1.calls]).toEqual([200, '', 0]);
    expect(nextOf(head)).toBeUndefined();
    for (const name of ['content-type', 'content-disposition', 'vary']) {
      expect(head.headers.get(name), name).toBe(get.headers.get(name));
    }
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { START } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  EXPORT,
  exportAll,
  exportPath,
  idsOf,
  linesOf,
  nextOf,
  writeTickets,
} from '../../../support/exports.ts';
import { makePartner } from '../../../support/partners.ts';
import { CUSTOMER, createTicket, PRODUCT, putLine, ticketPath } from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

describe('pages', () => {
  test.each([1000, 0])(
    'lead by Link to the end, each ticket once and oldest first, with %d ms between tickets',
    async (stepMs) => {
      const tickets = await writeTickets(partner, 25, stepMs);
      for (const limit of [1, 4, 5, 24, 25, 26, 10_000]) {
        let pages = 0;
        const exported = await exportAll(api, partner, { limit }, async () => {
          pages += 1;
        });
        expect(idsOf(exported), `${limit}`).toEqual(idsOf(tickets));
        expect(pages).toBe(Math.ceil(25 / limit));
      }
    },
  );

  test('hold 10,000 tickets without a limit', async () => {
    await writeTickets(partner, 10_001, 0);
    const response = await api.get(EXPORT, partner);
    expect(await linesOf(response)).toHaveLength(10_000);
    const rest = await linesOf(await api.get(nextOf(response) as string, partner));
    expect(rest.map(({ vehicle_model_id }) => vehicle_model_id)).toEqual([10_000]);
  });

  test('keep the filters and the limit in Link, before the links to the document', async () => {
    await writeTickets(partner, 3);
    const { headers } = await api.get(exportPath({ customer_id: CUSTOMER, limit: 2 }), partner);
    const link = headers.get('link') ?? '';
    expect(link).toMatch(/^<https:\/\/api\.test\/v2\/tickets\/prepared-ticket-export\?/);
    const url = new URL(/<([^>]+)>/.exec(link)?.[1] as string);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      customer_id: CUSTOMER,
      limit: '2',
      after: expect.stringMatching(/^[\w-]{20,200}$/),
    });
    expect(link).toContain('rel="service-desc"');
  });

  test('have no rel="next" on the last one, nor without a ticket', async () => {
    expect(nextOf(await api.get(EXPORT, partner))).toBeUndefined();
    await writeTickets(partner, 2);
    const link = (await api.get(exportPath({ limit: 2 }), partner)).headers.get('link');
    expect(link).not.toContain('rel="next"');
  });

  test('hold nothing of another partner', async () => {
    await writeTickets(await makePartner(), 3);
    const [own] = await writeTickets(partner, 1);
    expect(idsOf(await exportAll(api, partner, { limit: 2 }))).toEqual([own?.id]);
  });
});

describe('tickets that change while pages are read', () => {
  test('each that existed throughout appears once, and new ones at the end', async () => {
    const tickets = await writeTickets(partner, 40, 7);
    api.now = START;
    const created: string[] = [];
    const deleted = new Set<string>();
    const remove = async (id: string | undefined) => {
      if (id !== undefined && !deleted.has(id)) {
        deleted.add(id);
        expect((await api.delete(ticketPath(id), partner)).status).toBe(204);
      }
    };
    const exported = await exportAll(api, partner, { limit: 6 }, async (page) => {
      if (page < 6) {
        created.push((await createTicket(api, partner)).id);
        // The last ticket of the page, one that was read, and one that is yet to come.
        await remove(tickets[6 * page - 1]?.id);
        await remove(tickets[page]?.id);
        await remove(tickets[39 - page]?.id);
      }
    });
    const times = new Map<string, number>();
    for (const id of idsOf(exported)) {
      times.set(id, (times.get(id) ?? 0) + 1);
    }
    expect([...times.values()].every((count) => count === 1)).toBe(true);
    const throughout = idsOf(tickets).filter((id) => !deleted.has(id));
    expect(throughout.every((id) => times.has(id))).toBe(true);
    expect(idsOf(exported).slice(-created.length)).toEqual(created);
  });

  test('a page holds no ticket that was created after it began', async () => {
    const tickets = await writeTickets(partner, 3);
    const response = await api.open(exportPath(), partner);
    await createTicket(api, partner);
    expect(idsOf(await linesOf(response))).toEqual(idsOf(tickets));
  });

  test('a page ends in order when its last ticket is deleted after it began', async () => {
    const tickets = await writeTickets(partner, 4);
    const response = await api.open(exportPath({ limit: 3 }), partner);
    await api.delete(ticketPath(tickets[2]?.id as string), partner);
    expect(idsOf(await linesOf(response))).toEqual(idsOf(tickets.slice(0, 2)));
    const next = await linesOf(await api.get(nextOf(response) as string, partner));
    expect(idsOf(next)).toEqual(idsOf(tickets.slice(3)));
  });
});

describe('filters', () => {
  const other = 'a0000000-0000-4000-8000-000000000001';

  beforeEach(async () => {
    for (const [i, vin] of [null, 'JH4KA7630PC007649', null, 'WBENCH00000000001'].entries()) {
      const values = { vin, customer_id: i < 3 ? CUSTOMER : other };
      const reference = i === 0 ? '' : `R${i % 2}`;
      const ticket = await createTicket(api, partner, {
        ...values,
        vehicle_model_id: i,
        preparer_external_reference: reference,
      });
      if (i > 1) {
        await putLine(api, partner, ticket.id, PRODUCT, i);
      }
      api.now += 1000;
    }
  });

  const at = (i: number) => new Date(START + i * 1000).toISOString();

  test.each<[query: Record<string, string>, matches: number[]]>([
    [{}, [0, 1, 2, 3]],
    [{ created_after: at(1) }, [2, 3]],
    [{ created_before: at(1) }, [0]],
    [{ created_after: at(0), created_before: at(3) }, [1, 2]],
    [{ created_after: at(2), created_before: at(1) }, []],
    [{ customer_id: CUSTOMER }, [0, 1, 2]],
    [{ customer_id: other.toUpperCase() }, [3]],
    [{ preparer_external_reference: 'R1' }, [1, 3]],
    [{ preparer_external_reference: '' }, [0]],
    [{ product_id: PRODUCT }, [2, 3]],
    [{ vin: 'jh4ka7630pc007649' }, [1]],
    [{ vin: '' }, [0, 2]],
    [{ vin: '', product_id: PRODUCT }, [2]],
    [{ product_id: PRODUCT, customer_id: other, preparer_external_reference: 'R1' }, [3]],
    [{ product_id: PRODUCT, vin: '', created_before: at(2) }, []],
    [{ customer_id: CUSTOMER, preparer_external_reference: 'R1', created_after: at(0) }, [1]],
  ])('%j', async (query, matches) => {
    for (const limit of [1, 10]) {
      const exported = await exportAll(api, partner, { ...query, limit });
      expect(exported.map(({ vehicle_model_id }) => vehicle_model_id)).toEqual(matches);
      for (const { vehicle_model_id: i, product_lines } of exported) {
        expect(product_lines).toEqual(i > 1 ? [{ product_id: PRODUCT, quantity: i }] : []);
      }
    }
  });

  test('ticket_number finds one ticket', async () => {
    const [, second] = await exportAll(api, partner, {});
    const number = second?.ticket_number as number;
    expect(await exportAll(api, partner, { ticket_number: number })).toEqual([second]);
    expect(await exportAll(api, partner, { ticket_number: number, vin: '' })).toEqual([]);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SelectiveFilter } from '../../../../src/resources/tickets/prepared-tickets/filters.repository.ts';
import { START, TestApi } from '../../../support/api.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { examples } from '../../../support/thorough.ts';
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
} from '../../../support/tickets.ts';

/**
 * Holds lists and totals against a model that filters, sorts and counts in memory, after any course
 * of creating, changing and deleting. Few values, so that they meet often.
 */

const DAY = 86_400_000;
const MIDNIGHT = Date.parse('2026-03-01T00:00:00Z');
const times = [
  START,
  START + 1,
  START - DAY,
  MIDNIGHT,
  MIDNIGHT - 1,
  MIDNIGHT + DAY,
  MIDNIGHT - 40 * DAY,
  START - 40 * DAY,
  MIDNIGHT + 400 * DAY - 1,
];
const bounds = times.flatMap((time) => [time, time + 1]);
const products = [PRODUCT, NOBODY];

const writable = {
  vehicle_model_id: fc.constantFrom(0, 2 ** 53 - 1),
  vin: fc.constantFrom(null, 'JH4KA7630PC007649', 'WDB1240661A123456'),
  voucher_code: fc.constantFrom(null, 'WQ4MM3'),
  preparer_external_reference: fc.constantFrom('', 'a', 'A'),
};
const which = fc.nat({ max: 20 });
const product = fc.constantFrom(...products);
const partnerIndex = fc.constantFrom(0, 0, 0, 0, 0, 1);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      partnerIndex,
      time: fc.constantFrom(...times),
      values: fc.record({ ...writable, customer_id: fc.constantFrom(CUSTOMER, NOBODY) }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      which,
      values: fc.record({
        ...writable,
        customer_id: fc.constantFrom(undefined, CUSTOMER, NOBODY),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put line' as const), which, product }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('delete line' as const), which, product }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stranger' as const), which, product }) },
);

const instant = fc.constantFrom(...bounds).map((time) => new Date(time).toISOString());
const values = {
  customer_id: fc.constantFrom(CUSTOMER, NOBODY),
  preparer_external_reference: fc.constantFrom('', 'a', 'A'),
  product_id: product,
  vin: fc.constantFrom('', 'JH4KA7630PC007649'),
} satisfies Record<Exclude<SelectiveFilter, 'ticket_number'>, fc.Arbitrary<unknown>>;
/** With `nth`: which of the tickets there are, by its number. */
const filters = fc.record({ nth: which, ...values });
/** Few filters at a time, or nearly every list would be empty. */
const query = fc
  .tuple(
    filters,
    fc.subarray(Object.keys(values) as (keyof typeof values)[], { maxLength: 2 }),
    fc.constantFrom([], [], [], [], ['nth'] as const),
    fc.record({ created_after: instant, created_before: instant }, { requiredKeys: [] }),
    fc.record(
      { limit: fc.nat({ max: 8 }), offset: fc.nat({ max: 8 }) },
      { requiredKeys: ['offset'] },
    ),
  )
  .map(([values, names, number, period, page]) => ({
    ...(Object.fromEntries([...names, ...number].map((name) => [name, values[name]])) as Partial<
      typeof values
    >),
    ...period,
    ...page,
  }));

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Query = typeof query extends fc.Arbitrary<infer T> ? T : never;
type Sent = Omit<Query, 'nth'> & { ticket_number?: number };

interface Entry {
  partner: TestPartner;
  ticket: Ticket;
  products: Set<string>;
}

/** What has been done, in memory; every step is sent to the API as well. */
class Model {
  readonly api = new TestApi();
  readonly partners: TestPartner[];
  entries: Entry[] = [];

  constructor(partners: TestPartner[]) {
    this.partners = partners;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'create') {
      const partner = this.partners[step.partnerIndex] as TestPartner;
      this.api.now = step.time;
      const ticket = await createTicket(this.api, partner, step.values);
      this.entries.push({ partner, ticket, products: new Set() });
      return;
    }
    const entry = this.entries[step.which % (this.entries.length || 1)];
    if (entry === undefined) {
      return;
    }
    const { partner, ticket } = entry;
    if (step.kind === 'update') {
      const { customer_id = ticket.customer_id, ...values } = step.values;
      const response = await this.api.put(ticketPath(ticket.id), partner, step.values);
      if (customer_id !== ticket.customer_id) {
        expect(response.status).toBe(400);
        return;
      }
      expect(response.status).toBe(200);
      entry.ticket = { ...ticket, ...values };
    } else if (step.kind === 'delete') {
      expect((await this.api.delete(ticketPath(ticket.id), partner)).status).toBe(204);
      this.entries = this.entries.filter((other) => other !== entry);
    } else if (step.kind === 'put line') {
      await putLine(this.api, partner, ticket.id, step.product);
      entry.products.add(step.product);
    } else if (step.kind === 'stranger') {
      await this.intrude(ticket, step.product, partner);
    } else {
      const response = await this.api.delete(linesPath(ticket.id, step.product), partner);
      expect(response.status).toBe(entry.products.delete(step.product) ? 204 : 404);
    }
  }

  /** The other partner tries to change a ticket and its line, and must change no count either. */
  async intrude({ id, ...ticket }: Ticket, product: string, owner: TestPartner): Promise<void> {
    const stranger = this.partners.find((partner) => partner !== owner) as TestPartner;
    const refused = [
      await this.api.put(ticketPath(id), stranger, { ...ticket, vin: null }),
      await this.api.put(linesPath(id, product), stranger, { quantity: 1 }),
      await this.api.delete(linesPath(id, product), stranger),
      await this.api.delete(ticketPath(id), stranger),
    ];
    expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  }

  /** The query with the number of a ticket that there is, of any partner. */
  resolved({ nth, ...query }: Query): Sent {
    const entry = nth === undefined ? undefined : this.entries[nth];
    return entry === undefined ? query : { ...query, ticket_number: entry.ticket.ticket_number };
  }

  /** What the contract says that a query answers. */
  expected(partner: TestPartner, query: Sent) {
    const { created_after = '', created_before = '~', limit = 25, offset = 0 } = query;
    const found = this.entries
      .filter(
        ({ partner: owner, ticket, products }) =>
          owner === partner &&
          ticket.created_at > created_after &&
          ticket.created_at < created_before &&
          [undefined, ticket.customer_id].includes(query.customer_id) &&
          [undefined, ticket.preparer_external_reference].includes(
            query.preparer_external_reference,
          ) &&
          [undefined, ticket.vin ?? ''].includes(query.vin) &&
          [undefined, ticket.ticket_number].includes(query.ticket_number) &&
          (query.product_id === undefined || products.has(query.product_id)),
      )
      .map(({ ticket }) => ticket)
      .sort(
        (a, b) =>
          Date.parse(b.created_at) - Date.parse(a.created_at) || b.ticket_number - a.ticket_number,
      );
    return { result: found.slice(offset, offset + limit), total: found.length };
  }
}

test('any query after any sequence of writes returns the same as the model', async () => {
  const course = fc.array(step, { minLength: 20, maxLength: 60 });
  const queries = fc.array(query, { minLength: 40, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(course, queries, async (steps, asked) => {
      const model = new Model([await makePartner(), await makePartner()]);
      for (const taken of steps) {
        await model.take(taken);
      }
      for (const [i, sent] of [{ offset: 0 }, { offset: 0 }, ...asked]
        .map((one) => model.resolved(one))
        .entries()) {
        const partner = model.partners[i % 5 === 1 ? 1 : 0] as TestPartner;
        const { result, total } = await listTickets(model.api, partner, sent);
        expect({ result, total }).toEqual(model.expected(partner, sent));
      }
    }),
    // Without shrinking: it would end at the limit of timers in workerd, and fail the tests after this one.
    { numRuns: examples(15), endOnFailure: true },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { runCron } from '../../../support/cron.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { followEvents, stateAfter } from '../../../support/events.ts';
import { databaseOf } from '../../../support/homes.ts';
import {
  disorder,
  expectExactCounts,
  naiveList,
  pickedUpCounts,
} from '../../../support/naive-list.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { listPickedUp } from '../../../support/picked-up-tickets.ts';
import { examples } from '../../../support/thorough.ts';
import {
  listTickets,
  newTicket,
  referencePath,
  type Ticket,
  ticketUpdate,
} from '../../../support/tickets.ts';

const HOUR = 3_600_000;
const PERIOD = 9 * 24 * HOUR;
const customers = [1, 2, 3].map((n) => `00000000-0000-0000-0000-00000000000${n}`);
const products = [1, 2, 3].map((n) => `10000000-0000-0000-0000-00000000000${n}`);
const vins = ['AAAAAAAAAAAAAAAA1', 'AAAAAAAAAAAAAAAA2'];
const references = ['', 'A', 'B', 'C'];

/** Such as no other ticket has, so that one ticket is created, replaced and deleted over and over. */
const ownReferences = ['D', 'E', 'F', 'G'];

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const vin = fc.oneof(oneOf(...vins), fc.constant(null));
const partnerIndex = fc.nat(1);
/** Which of the tickets made so far; taken modulo their number. */
const pick = fc.nat(1_000_000);

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      partner: partnerIndex,
      at: fc.nat(PERIOD),
      customer: oneOf(...customers),
      vin,
      reference: oneOf(...references),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('put by reference' as const),
      partner: partnerIndex,
      at: fc.nat(PERIOD),
      customer: oneOf(...customers),
      vin,
      reference: oneOf(...references.slice(1), ...ownReferences),
      products: fc.option(fc.uniqueArray(oneOf(...products)), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete by reference' as const),
      partner: partnerIndex,
      reference: oneOf(...references.slice(1), ...ownReferences),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('put' as const), partner: partnerIndex, pick, vin }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), partner: partnerIndex, pick }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pick up' as const),
      partner: partnerIndex,
      pick,
      at: fc.nat(PERIOD),
      isOther: fc.nat(9),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: oneOf('line' as const, 'unline' as const),
      partner: partnerIndex,
      pick,
      product: oneOf(...products),
    }),
  },
);

type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

const bound = fc.option(fc.integer({ min: -HOUR, max: PERIOD + HOUR }), { nil: undefined });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
const question = fc.record({
  partner: partnerIndex,
  created_after: bound,
  created_before: bound,
  customer_id: maybe(oneOf(...customers)),
  product_id: maybe(oneOf(...products)),
  vin: maybe(vin),
  preparer_external_reference: maybe(oneOf(...references, ...ownReferences)),
  limit: fc.nat(30),
  offset: fc.nat(250),
});

type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

/** Two partners' tickets, changed through the API only. */
class World {
  // So small that most steps begin a part, and every fourth a bucket.
  readonly api = new TestApi({}, { ticketsPerPart: 1 });
  readonly tickets: [Ticket[], Ticket[]] = [[], []];
  readonly partners: [TestPartner, TestPartner];

  constructor(partners: [TestPartner, TestPartner]) {
    this.partners = partners;
  }

  async run(step: Action): Promise<void> {
    const which = step.partner as 0 | 1;
    const [partner, tickets] = [this.partners[which], this.tickets[which]];
    if (step.kind === 'create') {
      this.api.now = START + step.at;
      const response = await this.api.post(TICKETS, partner, {
        ...newTicket,
        customer_id: step.customer,
        vin: step.vin,
        preparer_external_reference: step.reference,
      });
      tickets.push(await response.json<Ticket>());
      return;
    }
    if (step.kind === 'put by reference') {
      this.api.now = START + step.at;
      const response = await this.api.put(referencePath(step.reference), partner, {
        ...ticketUpdate,
        preparer_external_reference: step.reference,
        customer_id: step.customer,
        vin: step.vin,
        product_lines: step.products?.map((product_id) => ({ product_id, quantity: 1 })),
      });
      if (response.status === 201) {
        tickets.push(await response.json<Ticket>());
      }
      return;
    }
    if (step.kind === 'delete by reference') {
      await this.api.delete(referencePath(step.reference), partner);
      return;
    }
    if (tickets.length === 0) {
      return;
    }
    const { id, customer_id } = tickets[step.pick % tickets.length] as Ticket;
    const path = `${TICKETS}/${id}`;
    if (step.kind === 'pick up') {
      this.api.now = START + step.at;
      const customer = step.isOther === 0 ? crypto.randomUUID() : customer_id;
      await this.api.post(`${path}/pick-up`, partner, { customer_id: customer });
    } else if (step.kind === 'put') {
      await this.api.put(path, partner, { ...ticketUpdate, vin: step.vin });
    } else if (step.kind === 'delete') {
      await this.api.delete(path, partner);
    } else if (step.kind === 'line') {
      await this.api.put(`${path}/product-lines/${step.product}`, partner, { quantity: 2 });
    } else {
      await this.api.delete(`${path}/product-lines/${step.product}`, partner);
    }
  }

  /** Expects that the events of a partner, from the first one on, lead to the tickets that there are. */
  async expectEvents(partner: TestPartner): Promise<void> {
    const events = await followEvents(this.api, partner, { limit: 1000 });
    const { results } = await databaseOf(partner)
      .prepare('SELECT id, version FROM prepared_tickets WHERE partner_id = ?')
      .bind(partner.partnerId)
      .all<{ id: string; version: number }>();
    const present = results.map(({ id, version }) => [`prepared_ticket ${id}`, version]);
    expect(stateAfter(events)).toEqual(Object.fromEntries(present));
    const { total } = await listPickedUp(this.api, partner, { limit: 0 });
    expect(events.filter(({ type }) => type === 'prepared_ticket.picked_up')).toHaveLength(total);
  }

  async ask({ partner, limit, offset, ...wanted }: Question): Promise<void> {
    const { created_after, created_before, ...others } = wanted;
    const filters = Object.fromEntries(
      Object.entries({
        created_after: created_after === undefined ? undefined : START + created_after,
        created_before: created_before === undefined ? undefined : START + created_before,
        ...others,
      }).filter(([, value]) => value !== undefined),
    );
    const parameters = Object.entries(filters).map(([name, value]) => [
      name,
      typeof value === 'number' ? new Date(value).toISOString() : (value ?? ''),
    ]);
    const who = this.partners[partner as 0 | 1];
    const query = { ...Object.fromEntries(parameters), limit, offset };
    const [answer, expected] = await Promise.all([
      listTickets(this.api, who, query),
      naiveList(who.partnerId, filters, { limit, offset }),
    ]);
    expect(
      { ids: answer.result.map(({ id }) => id), total: answer.total },
      JSON.stringify(query),
    ).toEqual(expected);
  }
}

test('counts, totals, pages and events agree with the rows after any changes, with clocks that disagree and merged buckets', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(action, { minLength: 1, maxLength: 8 }), {
        minLength: 100,
        maxLength: 160,
      }),
      fc.array(question, { minLength: 80, maxLength: 120 }),
      async (batches, questions) => {
        const world = new World([await makePartner(), await makePartner()]);
        for (const [i, batch] of batches.entries()) {
          await Promise.all(batch.map((step) => world.run(step)));
          if (i % 40 === 39) {
            await runCron({ ...stillWorld, ticketsPerPart: 1 });
          }
        }
        await expectExactCounts();
        expect(await disorder()).toEqual([]);
        const pickedUp = await pickedUpCounts();
        expect(pickedUp.kept).toEqual(pickedUp.actual);
        for (const partner of world.partners) {
          await world.expectEvents(partner);
        }
        for (const asked of questions) {
          await world.ask(asked);
        }
      },
    ),
    { numRuns: examples(3), endOnFailure: true },
  );
}, 120_000);

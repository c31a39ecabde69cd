import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { followEvents } from '../../../support/events.ts';
import { everywhere } from '../../../support/homes.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import {
  deletionOf,
  type Line,
  order,
  outcomesOf,
  sync,
  type TicketWithLines,
} from '../../../support/syncs.ts';
import { isThorough } from '../../../support/thorough.ts';
import { CUSTOMER, createTicket, NOBODY, PRODUCT, ticketPath } from '../../../support/tickets.ts';

const references = ['A', 'B', 'C', 'D', 'E', 'F'];
const customers = [CUSTOMER, NOBODY];
const products = [
  '11111111-1111-4111-8111-111111111111',
  '99999999-1111-4111-8111-111111111111',
  PRODUCT,
];
const VIN = 'JH4KA7630PC007649';

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const values = fc.record({
  customer_id: fc.oneof(
    { weight: 9, arbitrary: oneOf(CUSTOMER) },
    { weight: 1, arbitrary: oneOf(...customers) },
  ),
  vehicle_model_id: oneOf(0, 1),
  vin: oneOf(null, VIN, VIN.toLowerCase()),
  voucher_code: maybe(oneOf(null, 'WQ4MM3')),
  product_lines: maybe(
    fc.uniqueArray(fc.record({ product_id: oneOf(...products), quantity: oneOf(1, 2) }), {
      selector: ({ product_id }) => product_id,
    }),
  ),
});

const item = fc.oneof(
  { weight: 5, arbitrary: fc.record({ reference: oneOf(...references), values }) },
  {
    weight: 1,
    arbitrary: fc.record({
      reference: oneOf(...references),
      values: fc.constant('deleted' as const),
    }),
  },
);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.uniqueArray(item, {
      maxLength: 8,
      minLength: 1,
      selector: ({ reference }) => reference,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: oneOf('create', 'pick up', 'delete'),
      reference: oneOf(...references),
    }),
  },
);

type Item = typeof item extends fc.Arbitrary<infer I> ? I : never;
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Values = Exclude<Item['values'], 'deleted'>;

const byProduct = (lines: readonly Line[]) =>
  lines.toSorted((one, other) => (one.product_id < other.product_id ? -1 : 1));

/** What the contract says about syncs, in JavaScript. */
class Model {
  /** The prepared tickets by reference, and the references of picked-up tickets. */
  readonly tickets: TicketWithLines[] = [];
  readonly pickedUp = new Set<string>();
  readonly events: string[] = [];
  numbers = 0;

  having(reference: string): TicketWithLines[] {
    return this.tickets.filter((ticket) => ticket.preparer_external_reference === reference);
  }

  create(
    reference: string,
    { vin, voucher_code = null, product_lines = [], ...others }: Values,
  ): void {
    const ticket_number = ++this.numbers;
    this.tickets.push({
      id: '',
      created_at: '',
      ticket_number,
      preparer_external_reference: reference,
      ...others,
      vin: vin?.toUpperCase() ?? null,
      voucher_code,
      product_lines: byProduct(product_lines),
    });
  }

  remove(ticket: TicketWithLines): void {
    this.tickets.splice(this.tickets.indexOf(ticket), 1);
  }

  /** Applies a sync, and returns the outcome of each item. */
  sync(items: readonly Item[]): string[] {
    const events: string[][] = [[], [], []];
    const outcomes = items.map(({ reference, values: wanted }) => {
      const [ticket, ...others] = this.having(reference);
      if (others.length > 0) {
        return '409';
      }
      if (ticket === undefined) {
        if (this.pickedUp.has(reference) || wanted === 'deleted') {
          return this.pickedUp.has(reference) ? '410' : '204';
        }
        this.create(reference, wanted);
        events[0]?.push(`created ${this.numbers}`);
        return '201 changed';
      }
      if (wanted === 'deleted') {
        this.remove(ticket);
        events[2]?.push(`deleted ${ticket.ticket_number}`);
        return '204 changed';
      }
      if (wanted.customer_id !== ticket.customer_id) {
        return '400';
      }
      const { vehicle_model_id, vin, voucher_code = null, product_lines } = wanted;
      const before = JSON.stringify(ticket);
      Object.assign(ticket, {
        vehicle_model_id,
        vin: vin?.toUpperCase() ?? null,
        voucher_code,
        product_lines: byProduct(product_lines ?? ticket.product_lines),
      });
      if (JSON.stringify(ticket) === before) {
        return '200';
      }
      events[1]?.push(`updated ${ticket.ticket_number}`);
      return '200 changed';
    });
    this.events.push(...events.flat());
    return outcomes;
  }
}

/** The prepared tickets of a partner that are stored, with their lines. */
async function storedTickets({ partnerId }: TestPartner): Promise<TicketWithLines[]> {
  const rows = await everywhere<TicketWithLines & { lines: string }>(
    `SELECT ticket_number, customer_id, vehicle_model_id, vin, voucher_code, preparer_external_reference,
       (SELECT json_group_array(json_object('product_id', product_id, 'quantity', quantity)) FROM product_lines AS line
         WHERE line.partner_id = ticket.partner_id AND line.ticket_number = ticket.ticket_number) AS lines
     FROM prepared_tickets AS ticket WHERE partner_id = ? ORDER BY ticket_number`,
    partnerId,
  );
  return rows.map(({ lines, ...row }) => ({ ...row, product_lines: JSON.parse(lines) }));
}

async function run(steps: readonly Step[]): Promise<void> {
  const api = new TestApi({}, { ticketsPerPart: 2 });
  const partner: TestPartner = await makePartner();
  const model = new Model();
  for (const one of steps) {
    api.now += 1000;
    if (Array.isArray(one)) {
      const items = one.map(({ reference, values: wanted }) =>
        wanted === 'deleted' ? deletionOf(reference) : order(reference, wanted),
      );
      const results = await sync(api, partner, ...items);
      expect(outcomesOf(results)).toEqual(model.sync(one));
      for (const result of results) {
        if ('prepared_ticket' in result) {
          const { id: _id, created_at: _time, ...shown } = result.prepared_ticket;
          const [expected] = model.having(result.preparer_external_reference);
          expect(shown).toEqual({ ...expected, id: undefined, created_at: undefined });
        }
      }
    } else {
      await actOn(api, partner, model, one as Exclude<Step, readonly Item[]>);
    }
  }
  const expected = model.tickets.map(({ id: _id, created_at: _time, ...ticket }) => ticket);
  expect(await storedTickets(partner)).toEqual(expected);
  const events = (await followEvents(api, partner)).map(
    ({ type, subject }) => `${type.split('.')[1]} ${subject.ticket_number}`,
  );
  expect(events).toEqual(model.events);
  await expectExactCounts();
}

/** Creates, picks up or deletes a single ticket with a reference. */
async function actOn(
  api: TestApi,
  partner: TestPartner,
  model: Model,
  { act, reference }: Exclude<Step, readonly Item[]>,
): Promise<void> {
  if (act === 'create') {
    const values: Values = {
      customer_id: CUSTOMER,
      vehicle_model_id: 0,
      vin: VIN,
      voucher_code: null,
      product_lines: [],
    };
    const { product_lines: _lines, ...body } = values;
    await createTicket(api, partner, {
      ...body,
      voucher_code: null,
      preparer_external_reference: reference,
    });
    model.create(reference, values);
    model.events.push(`created ${model.numbers}`);
    return;
  }
  const ticket = model.having(reference)[0];
  if (ticket === undefined) {
    return;
  }
  const { result } = await (
    await api.get(`${TICKETS}?ticket_number=${ticket.ticket_number}`, partner)
  ).json<{ result: { id: string }[] }>();
  const path = ticketPath(result[0]?.id as string);
  if (act === 'delete') {
    expect((await api.delete(path, partner)).status).toBe(204);
    model.events.push(`deleted ${ticket.ticket_number}`);
    model.remove(ticket);
    return;
  }
  const { customer_id } = ticket;
  const isReady = ticket.vin !== null && ticket.product_lines.length > 0;
  const { status } = await api.post(`${path}/pick-up`, partner, { customer_id });
  expect(status).toBe(isReady ? 201 : 409);
  if (isReady) {
    model.events.push(`picked_up ${ticket.ticket_number}`);
    model.pickedUp.add(reference);
    model.remove(ticket);
  }
}

test('any sequence of syncs and single changes does what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: isThorough ? 30 : 14 }), run),
    { numRuns: isThorough ? 60 : 6 },
  );
});

import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { itemsOf, sendBatch, storedReferences, ticketsOf } from '../../../support/batches.ts';
import { runCron } from '../../../support/cron.ts';
import { allRows } from '../../../support/d1.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { makePartner } from '../../../support/partners.ts';
import {
  createTicket,
  linesPath,
  newTicket,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

const DAY = 24 * 60 * 60 * 1000;
const key = '"one key"';

beforeEach(makeApiAndPartner);

afterEach(() => expectExactCounts());

const items = [
  { ...newTicket, vin: null },
  { ...newTicket, product_lines: [{ product_id: PRODUCT, quantity: 2 }] },
  ...itemsOf(10),
];
/** Items of which two are wrong. */
const mixed = [{ ...newTicket, vin: 'short', colour: 'red' }, ...items, null];

const modes = [
  { mode: 'atomic', sent: items, isLenient: false },
  { mode: 'lenient', sent: mixed, isLenient: true },
  { mode: 'lenient, with nothing valid', sent: [{}, 1], isLenient: true },
];

/** All that a retry must return again. */
async function answerOf(response: Response) {
  return {
    status: response.status,
    body: await response.clone().text(),
    preference: response.headers.get('preference-applied'),
  };
}

describe.each(modes)('the same key with the same batch, $mode', ({ sent, isLenient }) => {
  const send = () => sendBatch(api, partner, sent, { key, isLenient });

  /** Sends twice, with something in between, and holds the second response against the first. */
  async function expectReplay(between: (tickets: Ticket[]) => Promise<unknown> = async () => {}) {
    const made = await send();
    expect(made.ok).toBe(true);
    expect(made.headers.has('idempotent-replayed')).toBe(false);
    const { result } = await made.clone().json<{
      result: (Ticket & { status?: number; prepared_ticket?: Ticket })[];
    }>();
    const tickets = result.flatMap((one) =>
      one.status === undefined ? [one] : (one.prepared_ticket ?? []),
    );
    await between(tickets);
    const before = await allRows();
    const again = await send();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await answerOf(again)).toEqual(await answerOf(made));
    expect(await allRows()).toEqual(before);
  }

  test('returns the first response byte for byte, and writes nothing', () => expectReplay());

  test('also 29 days later, in another isolate, after keys that expired were removed', () =>
    expectReplay(async () => {
      useApi(new TestApi());
      api.now = START + 29 * DAY;
      await runCron({ ...stillWorld, now: () => api.now });
      // A new day notes that the credentials are used.
      await api.get(TICKETS, partner);
    }));

  test('also after its tickets were changed and deleted and others were created', () =>
    expectReplay(async (tickets) => {
      const [first, second, third] = tickets;
      if (first && second && third) {
        await api.put(ticketPath(first.id), partner, { ...ticketUpdate, voucher_code: 'CHANGED1' });
        await api.delete(linesPath(second.id, PRODUCT), partner);
        await api.delete(ticketPath(third.id), partner);
      }
      await createTicket(api, partner);
    }));

  test('is a new batch after 30 days', async () => {
    await send();
    const count = (await storedReferences()).length;
    api.now = START + 30 * DAY;
    const again = await send();
    expect(again.ok).toBe(true);
    expect(again.headers.has('idempotent-replayed')).toBe(false);
    expect(await storedReferences()).toHaveLength(2 * count);
  });

  test('is refused for another batch, and writes nothing', async () => {
    await send();
    const before = await allRows();
    const others = [
      [...sent, newTicket],
      sent.toReversed(),
      [{ ...newTicket, vehicle_model_id: 99 }],
    ];
    for (const other of others) {
      const response = await sendBatch(api, partner, other, { key, isLenient: true });
      expect(response.status).toBe(422);
    }
    expect(await allRows()).toEqual(before);
  });
});

test('the mode is part of the request', async () => {
  await sendBatch(api, partner, items, { key });
  expect((await sendBatch(api, partner, items, { key, isLenient: true })).status).toBe(422);
});

test('the same request in other words is a replay', async () => {
  await sendBatch(api, partner, [{ ...newTicket, voucher_code: null }], { key });
  const { voucher_code: _voucher, vin, ...rest } = newTicket;
  const other = { vin: vin.toLowerCase(), ...rest, product_lines: [], id: 'ignored' };
  const again = await sendBatch(api, partner, [other], { key });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
});

test('other values of an invalid item are another request', async () => {
  await sendBatch(api, partner, [newTicket, { vin: 1 }], { key, isLenient: true });
  const other = await sendBatch(api, partner, [newTicket, { vin: 2 }], { key, isLenient: true });
  expect(other.status).toBe(422);
});

test('a refused batch does not use up its key', async () => {
  expect((await sendBatch(api, partner, [{}], { key })).status).toBe(400);
  const made = await sendBatch(api, partner, items, { key });
  expect([made.status, made.headers.has('idempotent-replayed')]).toEqual([201, false]);
});

test('a key of a ticket and that of another partner are other keys', async () => {
  const headers = { 'idempotency-key': key };
  await api.request('POST', TICKETS, { as: partner, body: newTicket, headers });
  for (const as of [partner, await makePartner()]) {
    const made = await sendBatch(api, as, [newTicket], { key });
    expect([made.status, made.headers.has('idempotent-replayed')]).toEqual([201, false]);
  }
});

test('the same batch without a key is created again, and its own key is gone after a minute', async () => {
  for (let i = 0; i < 2; i++) {
    const made = await sendBatch(api, partner, items);
    expect([made.status, made.headers.has('idempotent-replayed')]).toEqual([201, false]);
  }
  expect(await storedReferences()).toHaveLength(2 * items.length);
  await runCron({ ...stillWorld, now: () => START + 60_000 });
  const { results } = await env.DB.prepare('SELECT * FROM idempotency_keys').all();
  expect(results).toEqual([]);
});

describe('at the same time', () => {
  test('50 batches with one key write one batch, and all get its response', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => sendBatch(api, partner, items, { key })),
    );
    const made = answers.filter(({ headers }) => !headers.has('idempotent-replayed'));
    expect(made).toHaveLength(1);
    const expected = await answerOf(made[0] as Response);
    expect(expected.status).toBe(201);
    expect(await Promise.all(answers.map(answerOf))).toEqual(answers.map(() => expected));
    expect(await storedReferences()).toHaveLength(items.length);
  });

  test('50 batches with one key and five bodies: one is written, the others are refused', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => sendBatch(api, partner, itemsOf(1 + (i % 5)), { key })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 422)).toHaveLength(40);
    const [made] = answers.filter((answer) => answer.status === 201);
    expect(await storedReferences()).toHaveLength((await ticketsOf(made as Response)).length);
  });
});

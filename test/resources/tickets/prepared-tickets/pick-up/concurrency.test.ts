import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { followEvents, stateAfter } from '../../../../support/events.ts';
import { expectExactCounts, pickedUpCounts } from '../../../../support/naive-list.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../../support/tickets.ts';

const CROWD = 50;
/** How often each race is run: often in CI, and a few times in a default run. */
const RUNS = Math.max(1, Math.round(Number(env.RACE_RUNS) / 5));

let ticket: Ticket;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
  await api.put(linesPath(ticket.id, PRODUCT), partner, { quantity: 1 });
});

type Send = (i: number) => Promise<Response>;

const pickUp: Send = () =>
  api.post(`${ticketPath(ticket.id)}/pick-up`, partner, { customer_id: CUSTOMER });
const remove: Send = () => api.delete(ticketPath(ticket.id), partner);
const update: Send = (i) =>
  api.put(ticketPath(ticket.id), partner, { ...ticketUpdate, vehicle_model_id: i });
const unline: Send = () => api.delete(linesPath(ticket.id, PRODUCT), partner);

/** Sends requests at the same time, alternating between the kinds, and counts the statuses of each kind. */
async function race(kinds: Record<string, Send>): Promise<Record<string, Record<number, number>>> {
  const names = Object.keys(kinds);
  const calls = Array.from({ length: CROWD * names.length }, (_, i) => {
    const name = names[i % names.length] as string;
    return { name, sent: (kinds[name] as Send)(i) };
  });
  const statuses: Record<string, Record<number, number>> = {};
  for (const { name, sent } of calls) {
    const { status } = await sent;
    const known = statuses[name] ?? {};
    statuses[name] = { ...known, [status]: (known[status] ?? 0) + 1 };
  }
  return statuses;
}

/** Expects that the counts and the events agree with the rows, and returns the types of the ticket's events. */
async function expectAgreement(): Promise<string[]> {
  await expectExactCounts();
  const { kept, actual } = await pickedUpCounts();
  expect(kept).toEqual(actual);
  const events = await followEvents(api, partner);
  const state = stateAfter(events);
  const { results } = await env.DB.prepare('SELECT id, version FROM prepared_tickets').all<{
    id: string;
    version: number;
  }>();
  const present = Object.entries(state).filter(([name]) => name.startsWith('prepared_ticket'));
  expect(present).toEqual(results.map(({ id, version }) => [`prepared_ticket ${id}`, version]));
  return events.map(({ type }) => type.replace('prepared_ticket.', ''));
}

const count = (types: readonly string[], type: string) =>
  types.filter((each) => each === type).length;

describe.each(Array.from({ length: RUNS }, (_, i) => i))('run %d', () => {
  test('50 pick-ups: one succeeds, the others return the same ticket, one event', async () => {
    const { pickUps } = await race({ pickUps: pickUp });
    expect(pickUps).toEqual({ 201: 1, 200: CROWD - 1 });
    expect(count(await expectAgreement(), 'picked_up')).toBe(1);
  });

  test('50 pick-ups against 50 deletions: one of them happens', async () => {
    const { pickUps, deletions } = await race({ pickUps: pickUp, deletions: remove });
    const types = await expectAgreement();
    if (count(types, 'picked_up') === 1) {
      expect(pickUps).toEqual({ 201: 1, 200: CROWD - 1 });
      expect(deletions).toEqual({ 410: CROWD });
    } else {
      expect(pickUps).toEqual({ 404: CROWD });
      expect(deletions).toEqual({ 204: 1, 404: CROWD - 1 });
    }
    expect(count(types, 'picked_up') + count(types, 'deleted')).toBe(1);
  });

  test('50 pick-ups against 50 updates: each update happens before the pick-up or not at all', async () => {
    const { pickUps, updates } = await race({ pickUps: pickUp, updates: update });
    const types = await expectAgreement();
    expect(pickUps).toEqual({ 201: 1, 200: CROWD - 1 });
    expect(count(types, 'updated')).toBe(updates?.[200] ?? 0);
    expect((updates?.[200] ?? 0) + (updates?.[410] ?? 0)).toBe(CROWD);
    expect(types.at(-1)).toBe('picked_up');
  });

  test('50 pick-ups against 50 deletions of its only line: the ticket leaves with its line or stays', async () => {
    const { pickUps } = await race({ pickUps: pickUp, lines: unline });
    const types = await expectAgreement();
    const isPickedUp = count(types, 'picked_up') === 1;
    expect(count(types, 'product_line.deleted')).toBe(isPickedUp ? 0 : 1);
    expect(pickUps).toEqual(isPickedUp ? { 201: 1, 200: CROWD - 1 } : { 409: CROWD });
  });
});

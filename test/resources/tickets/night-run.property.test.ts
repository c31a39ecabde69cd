import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { followEvents } from '../../support/events.ts';
import { exportAll } from '../../support/exports.ts';
import { captureLog } from '../../support/faults.ts';
import { type FaultKind, FaultyD1 } from '../../support/faulty-d1.ts';
import { homes } from '../../support/homes.ts';
import { expectExactCounts } from '../../support/naive-list.ts';
import { Lane, makeClients } from '../../support/orders/lane.ts';
import type { Orders } from '../../support/orders/model.ts';
import { tagOf, withLines } from '../../support/orders/order.ts';
import { Replay } from '../../support/orders/replay.ts';
import {
  customers,
  Known,
  once,
  products,
  references,
  type Step,
  steps,
  vins,
} from '../../support/orders/steps.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { listTickets, referencePath } from '../../support/tickets.ts';

/**
 * Random runs of programs of one partner, some of whose answers from the database are lost. The feed must replay to the
 * state, and each answer must be the one that the model of the contract expects.
 */

/** A partner with its programs. The first two use an isolate whose answers from the database can be lost. */
interface World {
  readonly partner: TestPartner;
  readonly d1: FaultyD1;
  readonly calm: TestApi;
  readonly lanes: readonly Lane[];
}

/** @param writes the most writes of a program. */
async function makeWorld(lanes: number, writes: number): Promise<World> {
  const [home] = homes;
  const partner = await makePartner({ home });
  const d1 = new FaultyD1(home.database);
  const calm = new TestApi();
  const faulty = new TestApi({ DB: d1.db });
  const made = Array.from(
    { length: lanes },
    async (_, i) =>
      // Each write may be sent twice.
      new Lane(i === 2 ? calm : faulty, await makeClients(partner, 2 * writes)),
  );
  return { partner, d1, calm, lanes: await Promise.all(made) };
}

/** Expects that the API shows the state of the model, and that its totals are recounts of it. */
async function expectState({ calm, partner }: World, { prepared }: Orders): Promise<void> {
  const orders = [...prepared.values()];
  const exported = await exportAll(calm, partner, {});
  const byNumber = orders.toSorted((a, b) => a.ticket.ticket_number - b.ticket.ticket_number);
  expect(exported).toEqual(byNumber.map(withLines));
  for (const reference of references) {
    const [order, ...others] = orders.filter(
      ({ ticket }) => ticket.preparer_external_reference === reference,
    );
    const response = await calm.get(referencePath(reference), partner);
    if (order === undefined || others.length > 0) {
      expect([404, 409, 410]).toContain(response.status);
      continue;
    }
    expect(response.headers.get('etag')).toBe(tagOf(order));
    expect(await response.json()).toEqual(withLines(order));
  }
  const filters = [
    {},
    ...vins.map((vin) => ({ vin: vin?.toUpperCase() ?? '' })),
    ...customers.map((customer_id) => ({ customer_id })),
    ...products.map((product_id) => ({ product_id })),
  ];
  for (const filter of filters) {
    const { vin, customer_id, product_id }: Record<string, string> = filter;
    const matching = orders.filter(
      ({ ticket, lines }) =>
        [undefined, ticket.vin ?? ''].includes(vin) &&
        [undefined, ticket.customer_id].includes(customer_id) &&
        (product_id === undefined || lines.some((line) => line.product_id === product_id)),
    );
    const { total } = await listTickets(calm, partner, { ...filter, limit: 0 });
    expect(total, JSON.stringify(filter)).toBe(matching.length);
  }
  await expectExactCounts();
}

/** Replays the feed, and holds the result against what the API shows. */
async function expectReplay(world: World): Promise<void> {
  world.d1.plan();
  const replay = new Replay(world.lanes, once);
  const events = await followEvents(world.calm, world.partner, { limit: 1000 });
  replay.run(events);
  await expectState(world, replay.orders);
}

/**
 * Makes the repetitions of lost calls follow after a time.
 *
 * @param delayMs so long that another program can write in between, in milliseconds.
 */
function repeatAfter(delayMs: number): void {
  captureLog();
  const wait = scheduler.wait.bind(scheduler);
  vi.spyOn(scheduler, 'wait').mockImplementation(() => wait(delayMs));
}

const faults = fc.array(
  fc.constantFrom<(FaultKind | undefined)[]>(...Array(5), 'after', 'before'),
  {
    minLength: 30,
    maxLength: 60,
  },
);

/** The most steps of a program. */
const LENGTH = 20;

/** One run of each test by default, and three in CI. */
const options = { numRuns: Math.ceil(Number(env.RACE_RUNS) / 20), endOnFailure: true };

test('one write after the other answers and changes what the model expects, also if its first answer is lost', async () => {
  repeatAfter(0);
  await fc.assert(
    fc.asyncProperty(steps(2 * LENGTH), faults, async (taken, lost) => {
      const world = await makeWorld(1, taken.length);
      const known = new Known();
      for (const [i, step] of taken.entries()) {
        const fault = lost[i % lost.length];
        world.d1.plan((call) => (call === 1 ? fault : undefined));
        await known.send(world.lanes[0] as Lane, step);
      }
      await expectReplay(world);
    }),
    options,
  );
});

test('parallel programs leave a state to which the feed replays, with one event for each change and none without one', async () => {
  repeatAfter(10);
  const lane = steps(LENGTH);
  await fc.assert(
    fc.asyncProperty(fc.tuple(lane, lane, lane), faults, async (taken, lost) => {
      const world = await makeWorld(3, LENGTH);
      const known = new Known();
      world.d1.plan((call) => lost[call % lost.length]);
      await Promise.all(
        world.lanes.map(async (one, i) => {
          for (const step of taken[i] as Step[]) {
            await known.send(one, step);
          }
        }),
      );
      await expectReplay(world);
    }),
    options,
  );
});

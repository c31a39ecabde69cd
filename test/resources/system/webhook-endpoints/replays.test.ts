import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, START, TestApi } from '../../../support/api.ts';
import { runCron } from '../../../support/cron.ts';
import { allRows } from '../../../support/d1.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  endpointPath,
  makeEndpoint,
} from '../../../support/endpoints.ts';
import { readEvents } from '../../../support/events.ts';
import { feedCursor, makePartner } from '../../../support/partners.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';
import { endpointRow, Receiver } from '../../../support/webhooks.ts';

let made: CreatedEndpoint;
let receiver: Receiver;

/** The endpoint exists after event 1 and has received the events 3 and 4; event 2 is about itself. */
beforeEach(async () => {
  await makeApiAndPartner();
  await createTicket(api, partner);
  made = await makeEndpoint(api, partner);
  receiver = new Receiver(api, [made]);
  await createTicket(api, partner);
  await createTicket(api, partner);
  await receiver.deliver(made);
});

const replay = (after: unknown, from = api, as = partner) =>
  from.post(endpointPath(made, '/replays'), as, { after });

const cursor = (sequence: number, of = partner) => feedCursor(of.partnerId, sequence);

async function expectExpired(response: Response) {
  expect(response.status).toBe(410);
  expect(await response.json()).toMatchObject({ type: '/problems/cursor-expired' });
}

describe('a replay', () => {
  test('delivers the events after the cursor again, with the same ids', async () => {
    expect(receiver.sequences).toEqual([3, 4]);
    const { next } = await readEvents(api, partner, { limit: 3 });
    const response = await replay(next);
    expect(response.status).toBe(202);
    const { secret: _secret, ...shown } = made;
    expect(await response.json()).toEqual(shown);
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([3, 4, 4]);
    expect(receiver.received[2]?.id).toBe(receiver.received[1]?.id);
  });

  test('can begin with events from before the endpoint was created', async () => {
    expect((await replay(await cursor(0))).status).toBe(202);
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([3, 4, 1, 3, 4]);
  });

  test('at the place of the endpoint changes nothing', async () => {
    expect((await replay(await cursor(4))).status).toBe(202);
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([3, 4]);
  });

  test('starts the attempts of an event anew', async () => {
    await env.DB.prepare('UPDATE webhook_endpoints SET failed_attempts = 4, next_attempt_at = 9')
      .bind()
      .run();
    const body = await (await replay(await cursor(3))).json();
    expect(body).toMatchObject({ failed_attempts: 0, next_attempt_at: null });
    expect(await endpointRow(made)).toMatchObject({ position: 3, replays: 1, version: 1 });
  });

  test('of a disabled endpoint is delivered once it is enabled', async () => {
    await changeEndpoint(api, partner, made, { disabled: true });
    expect(await (await replay(await cursor(3))).json()).toMatchObject({ disabled: true });
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([3, 4]);
    await changeEndpoint(api, partner, made, { disabled: false });
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([3, 4, 4]);
  });
});

describe('a cursor is refused as a violation, and nothing changes', () => {
  const expectRefused = async (after: unknown, code: string) => {
    const before = await allRows();
    await expectViolations(await replay(after), [`body #/after ${code}` as never]);
    expect(await allRows()).toEqual(before);
  };

  test('if it was altered at any character', async () => {
    const valid = await cursor(3);
    for (let i = 0; i < valid.length; i++) {
      const other = valid[i] === 'A' ? 'B' : 'A';
      await expectRefused(valid.slice(0, i) + other + valid.slice(i + 1), 'invalid_format');
    }
  });

  test("if it is another partner's", async () => {
    await expectRefused(await cursor(3, await makePartner()), 'invalid_format');
  });

  test('if it is ahead of the endpoint, because it would skip events', async () => {
    await createTicket(api, partner);
    await expectRefused(await cursor(5), 'out_of_range');
  });

  test.each([
    ['latest', 'invalid_format'],
    ['', 'too_short'],
    ['a b', 'invalid_character'],
    ['A'.repeat(201), 'too_long'],
    [3, 'invalid_type'],
    [null, 'invalid_type'],
    [undefined, 'required'],
  ])('if it is %j', async (after, code) => {
    await expectRefused(after, code);
  });
});

describe('a cursor is expired', () => {
  test('if the events after it are no longer kept', async () => {
    const first = await cursor(0);
    api.now = START + 10 * DAY_MS;
    await createTicket(api, partner);
    await receiver.deliver(made);
    await runCron({ ...stillWorld, now: () => START + 30 * DAY_MS + 1 });
    await expectExpired(await replay(first));
    await expectExpired(await replay(await cursor(3)));
    expect((await replay(await cursor(4))).status).toBe(202);
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([3, 4, 5, 5]);
  });

  test('if it lies after the newest event, as after a restore', async () => {
    const before = await allRows();
    await expectExpired(await replay(await cursor(99)));
    expect(await allRows()).toEqual(before);
  });

  test('if it is of another epoch', async () => {
    const before = await allRows();
    await expectExpired(await replay(await cursor(3), new TestApi({ EVENTS_EPOCH: '2' })));
    expect(await allRows()).toEqual(before);
  });
});

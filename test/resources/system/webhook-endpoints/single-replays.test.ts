import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, START } from '../../../support/api.ts';
import { runCron } from '../../../support/cron.ts';
import { allRows } from '../../../support/d1.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  endpointPath,
  makeEndpoint,
  readEndpoint,
  rotateEndpoint,
} from '../../../support/endpoints.ts';
import { followEvents } from '../../../support/events.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';
import { attemptsOf, endpointRow, Receiver, writeEndpoint } from '../../../support/webhooks.ts';

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
  receiver.received.length = 0;
});

const replay = (sequence: unknown, of: { id: string } = made) =>
  api.post(endpointPath(of, '/replays'), partner, { sequence });

const setRow = (values: string) =>
  env.DB.prepare(`UPDATE webhook_endpoints SET ${values} WHERE id = ?`).bind(made.id).run();

describe('a replay of one event', () => {
  test('sends it once with its id, and returns the endpoint unchanged', async () => {
    const before = await readEndpoint(api, partner, made);
    const response = await replay(3);
    expect(response.status).toBe(202);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(await response.json()).toEqual(before);
    const [, , event] = await followEvents(api, partner);
    expect(receiver.received.map(({ id, message }) => [id, message.data])).toEqual([
      [event?.id, event],
    ]);
    await receiver.deliver(made);
    expect(receiver.received).toHaveLength(1);
  });

  test('is recorded as a delivery with the attempt 1, and logged without the URL', async () => {
    api.log.length = 0;
    await replay(3);
    expect((await attemptsOf(made)).at(-1)).toMatchObject({
      ...{ number: 3, event_type: 'prepared_ticket.created', sequence: 3, attempt: 1 },
      ...{ status: 204, error: null },
    });
    const lines = api.log.filter(({ event }) => event === 'webhook');
    expect(lines).toMatchObject([
      { endpoint: made.id, type: 'prepared_ticket.created', attempt: 1, status: 204 },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hooks.garage');
  });

  test.each([200, 500])(
    'with a status %i changes neither the place nor the failed attempts of a waiting endpoint, and is not repeated',
    async (status) => {
      await createTicket(api, partner);
      await setRow('failed_attempts = 4, attempted_sequence = 5, next_attempt_at = 4e12');
      const before = await endpointRow(made);
      receiver.reply = () => new Response('broken', { status });
      expect((await replay(3)).status).toBe(202);
      expect(await endpointRow(made)).toEqual({ ...before, newest_delivery: 3 });
      expect(receiver.sequences).toEqual([3]);
      await receiver.deliver(made);
      expect(receiver.sequences).toEqual([3]);
    },
  );

  test('is sent whatever the types of the endpoint are, and also if the partner has disabled it', async () => {
    await changeEndpoint(api, partner, made, { disabled: true, event_types: ['client.created'] });
    expect((await replay(4)).status).toBe(202);
    expect(receiver.sequences).toEqual([4]);
  });

  test('can be of an event that the endpoint has not received yet, which comes again in its turn', async () => {
    await createTicket(api, partner);
    await replay(5);
    await receiver.deliver(made);
    expect(receiver.sequences).toEqual([5, 5]);
  });

  test('with a status 410 disables the endpoint, ends the consent, and wakes the others of the partner', async () => {
    const other = await writeEndpoint(partner);
    receiver.reply = () => new Response(null, { status: 410 });
    await replay(3);
    expect(await readEndpoint(api, partner, made)).toMatchObject({
      ...{ disabled: true, disabled_reason: 'gone', failed_attempts: 0 },
    });
    expect(await endpointRow(made)).toMatchObject({ consented_url: null, version: 2, position: 4 });
    const [event] = (await followEvents(api, partner)).slice(-1);
    expect(event).toMatchObject({
      ...{ type: 'webhook_endpoint.disabled', actor: null },
      subject: { id: made.id, version: 2 },
    });
    expect(api.woken).toContain(other.id);
  });

  test('with a status 410 from a URL that the endpoint no longer has leaves it enabled', async () => {
    receiver.reply = async () => {
      await setRow("url = 'https://new.example.com/', consented_url = 'https://new.example.com/'");
      return new Response(null, { status: 410 });
    };
    await replay(3);
    expect(await endpointRow(made)).toMatchObject({
      ...{ disabled_at: null, consented_url: 'https://new.example.com/' },
    });
  });
});

describe('a sequence is out of range, and nothing is sent', () => {
  const expectOutOfRange = async (sequence: unknown, of: { id: string } = made) => {
    const before = await allRows();
    await expectViolations(await replay(sequence, of), ['body #/sequence out_of_range']);
    expect(await allRows()).toEqual(before);
    expect(receiver.received).toEqual([]);
  };

  test('if it is newer than the feed', async () => {
    await expectOutOfRange(5);
    await expectOutOfRange(Number.MAX_SAFE_INTEGER);
  });

  test('if the event is from before the endpoint, also in the same millisecond', async () => {
    await expectOutOfRange(1);
    api.now = START + 1;
    const later = await makeEndpoint(api, partner);
    for (const sequence of [1, 2, 3, 4]) {
      await expectOutOfRange(sequence, later);
    }
    await createTicket(api, partner);
    expect((await replay(6, later)).status).toBe(202);
  });

  test('if the event is from before an endpoint that was created by an instance with a late clock', async () => {
    api.now = START + 5_000;
    await createTicket(api, partner);
    api.now = START + 1_000;
    const late = await makeEndpoint(api, partner);
    await expectOutOfRange(5, late);
    await createTicket(api, partner);
    expect((await replay(7, late)).status).toBe(202);
  });

  test('if the event is about the endpoint itself', async () => {
    await changeEndpoint(api, partner, made, { description: 'Other' });
    await rotateEndpoint(api, partner, made, 0);
    for (const sequence of [2, 5, 6]) {
      await expectOutOfRange(sequence);
    }
  });
});

test('a sequence of an event that is no longer kept is expired', async () => {
  api.now = START + 10 * DAY_MS;
  await createTicket(api, partner);
  await runCron({ ...stillWorld, now: () => START + 30 * DAY_MS + 1 });
  for (const sequence of [1, 2, 3, 4]) {
    const response = await replay(sequence);
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ type: '/problems/cursor-expired' });
  }
  expect((await replay(5)).status).toBe(202);
  expect(receiver.sequences).toEqual([5]);
});

test.each([
  [{ sequence: 0 }, '#/sequence', 'out_of_range'],
  [{ sequence: -1 }, '#/sequence', 'out_of_range'],
  [{ sequence: 2 ** 53 }, '#/sequence', 'out_of_range'],
  [{ sequence: 1.5 }, '#/sequence', 'invalid_type'],
  [{ sequence: '3' }, '#/sequence', 'invalid_type'],
  [{ sequence: null }, '#/sequence', 'invalid_type'],
  [{}, '#/after', 'required'],
  [{ sequence: 3, after: 'x' }, '#/sequence', 'unknown_member'],
])('the body %j violates %s: %s', async (body, pointer, code) => {
  const response = await api.post(endpointPath(made, '/replays'), partner, body);
  await expectViolations(response, [`body ${pointer} ${code}` as never]);
});

test("an event of another partner's feed or endpoint is not found", async () => {
  const other = await makePartner();
  const response = await api.post(endpointPath(made, '/replays'), other, { sequence: 3 });
  expect(response.status).toBe(404);
  expect(receiver.received).toEqual([]);
});

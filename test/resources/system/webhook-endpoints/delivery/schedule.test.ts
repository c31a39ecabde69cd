import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { START } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { changeEndpoint, HOOK, makeEndpoint } from '../../../../support/endpoints.ts';
import { createTicket, ticketPath } from '../../../../support/tickets.ts';
import { attemptsOf, endpointRow, Receiver, writeEndpoint } from '../../../../support/webhooks.ts';

let receiver: Receiver;

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  await makeApiAndPartner();
});

describe('a partner cannot cause more attempts than the schedule has', () => {
  const failing = () => {
    receiver.reply = () => new Response(null, { status: 500 });
  };

  test('by disabling and enabling, or by other types, again and again', async () => {
    const made = await makeEndpoint(api, partner);
    receiver = new Receiver(api, [made]);
    await createTicket(api, partner);
    failing();
    let next = (await receiver.deliver(made)) as number;
    for (let attempts = 1; attempts < 4; attempts++) {
      for (let i = 0; i < 5; i++) {
        await changeEndpoint(api, partner, made, { disabled: true });
        await receiver.deliver(made);
        await changeEndpoint(api, partner, made, { disabled: false, event_types: null });
        expect(await receiver.deliver(made)).toBe(next);
        await changeEndpoint(api, partner, made, {
          event_types: ['prepared_ticket.created', 'client.created'],
        });
        expect(await receiver.deliver(made)).toBe(next);
      }
      expect(receiver.received).toHaveLength(attempts);
      api.now = next;
      next = (await receiver.deliver(made)) as number;
    }
    expect(receiver.asked).toEqual([]);
    expect((await endpointRow(made)).failed_attempts).toBe(4);
  });

  test.each([
    { description: 'Other' },
    { event_types: ['prepared_ticket.created'] },
    { disabled: true },
  ])('by %o during an attempt', async (change) => {
    const made = await makeEndpoint(api, partner);
    receiver = new Receiver(api, [made]);
    await createTicket(api, partner);
    receiver.reply = async () => {
      await changeEndpoint(api, partner, made, change);
      await changeEndpoint(api, partner, made, { ...change, disabled: false });
      return new Response(null, { status: 500 });
    };
    const next = await receiver.deliver(made);
    expect(next).toBe(START + 5000);
    expect(await receiver.deliver(made)).toBe(next);
    expect(receiver.received).toHaveLength(1);
    expect((await endpointRow(made)).failed_attempts).toBe(1);
  });

  test('by disabling it during the last attempt for an event', async () => {
    const made = await makeEndpoint(api, partner);
    receiver = new Receiver(api, [made]);
    await createTicket(api, partner);
    await env.DB.prepare(
      'UPDATE webhook_endpoints SET failed_attempts = 9, attempted_sequence = position + 2 WHERE id = ?',
    )
      .bind(made.id)
      .run();
    receiver.reply = async () => {
      await changeEndpoint(api, partner, made, { disabled: true });
      return new Response(null, { status: 500 });
    };
    expect(await receiver.deliver(made)).toBeNull();
    expect(await endpointRow(made)).toMatchObject({
      ...{ disabled_reason: 'exhausted', failed_attempts: 10 },
    });
  });

  test('but a new URL, which agrees, is tried at once', async () => {
    const made = await makeEndpoint(api, partner);
    receiver = new Receiver(api, [made]);
    await createTicket(api, partner);
    failing();
    await receiver.deliver(made);
    await changeEndpoint(api, partner, made, { url: `${HOOK}/2` });
    await receiver.deliver(made);
    expect(receiver.received.map(({ url }) => url)).toEqual([HOOK, `${HOOK}/2`]);
    expect(receiver.asked).toEqual([`${HOOK}/2`]);
  });
});

/**
 * Each event counts its own attempts. A partner that alternates between the types of two events must not thereby begin
 * the schedule anew each time, which would be an attempt each 5 seconds for ever.
 */
test('a partner cannot begin the schedule anew by choosing the types of two events in turn', async () => {
  const made = await makeEndpoint(api, partner);
  receiver = new Receiver(api, [made]);
  receiver.reply = () => new Response(null, { status: 500 });
  const { id } = await createTicket(api, partner);
  await api.delete(ticketPath(id), partner);
  for (let i = 0; i < 60; i++) {
    const type = i % 2 === 0 ? 'prepared_ticket.created' : 'prepared_ticket.deleted';
    await changeEndpoint(api, partner, made, { event_types: [type] });
    await receiver.deliver(made);
    api.now += 5000;
  }
  expect(receiver.sequences).toEqual([...receiver.sequences].sort());
  expect(receiver.received.length).toBeLessThanOrEqual(20);
});

/**
 * A refusal is about the URL and not about an event, so a partner must not end the wait after it by leaving the event
 * out. Otherwise each of its endpoints from before the question asks a stranger each 5 seconds.
 */
test('a receiver that does not agree is asked on the schedule, whichever events a partner leaves out', async () => {
  const endpoint = await writeEndpoint(partner, { consentedUrl: null });
  receiver = new Receiver(api, [endpoint]);
  receiver.consent = () => new Response();
  for (let i = 0; i < 24; i++) {
    const { id } = await createTicket(api, partner);
    await api.delete(ticketPath(id), partner);
    await changeEndpoint(api, partner, endpoint, {
      event_types: [i % 2 === 0 ? 'prepared_ticket.created' : 'prepared_ticket.deleted'],
    });
    await receiver.deliver(endpoint);
    // All that there is now is left out, so the endpoint passes it.
    await changeEndpoint(api, partner, endpoint, { event_types: ['client.created'] });
    api.now += 5000;
    await receiver.deliver(endpoint);
  }
  // At once, after 5 seconds, and then after 5 minutes.
  expect(receiver.asked).toHaveLength(2);
});

test('ten refusals disable an endpoint, whichever events they are about', async () => {
  const endpoint = await writeEndpoint(partner, { consentedUrl: null });
  receiver = new Receiver(api, [endpoint]);
  receiver.consent = () => new Response();
  for (let i = 0; i < 10; i++) {
    await createTicket(api, partner);
    await changeEndpoint(api, partner, endpoint, { event_types: ['prepared_ticket.created'] });
    await receiver.deliver(endpoint);
    await changeEndpoint(api, partner, endpoint, { event_types: ['client.created'] });
    api.now += 86_400_000;
    await receiver.deliver(endpoint);
  }
  expect((await attemptsOf(endpoint)).map(({ error }) => error)).toEqual(Array(10).fill('consent'));
  expect(await endpointRow(endpoint)).toMatchObject({ disabled_reason: 'exhausted' });
});

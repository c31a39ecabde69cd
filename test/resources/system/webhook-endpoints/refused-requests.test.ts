import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { CountingLimit } from '../../../support/counting-limit.ts';
import { allRows } from '../../../support/d1.ts';
import { endpoint, makeReceiver, receiver } from '../../../support/each-receiver.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { endpointPath } from '../../../support/endpoints.ts';
import { feedCursor } from '../../../support/partners.ts';
import { expectExceeded, policyHeader } from '../../../support/rate-limits.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';
import { endpointRow } from '../../../support/webhooks.ts';

/** What a test event, a replay or an attempt asks of the receiver of an endpoint, and when it is refused. */

let ofReceiver: CountingLimit;

/** The endpoint has received the event 1, and waits to send the event 2 again. */
beforeEach(async () => {
  ofReceiver = new CountingLimit(6);
  const others = { PARTNER_LIMIT: new CountingLimit(), ADDRESS_LIMIT: new CountingLimit() };
  await makePartnerOf(new TestApi({ RATE_LIMITS: 'on', RECEIVER_LIMIT: ofReceiver, ...others }));
  await makeReceiver();
  await createTicket(api, partner);
  await createTicket(api, partner);
  await setRow('position = 1, failed_attempts = 1, attempted_sequence = 2, next_attempt_at = 4e12');
});

const setRow = (values: string) => env.DB.prepare(`UPDATE webhook_endpoints SET ${values}`).run();

const send = (name: string, body?: object) =>
  api.request('POST', endpointPath(endpoint, `/${name}`), { as: partner, body });

const requests: [what: string, () => Promise<Response>][] = [
  ['a test event', () => send('test-deliveries')],
  [
    'a replay after a cursor',
    async () => send('replays', { after: await feedCursor(partner.partnerId, 0) }),
  ],
  ['a replay of one event', () => send('replays', { sequence: 1 })],
  ['an attempt', () => send('attempts')],
];

describe.each(requests)('%s', (what, request) => {
  test.each([
    ['gone', 'did not agree'],
    ['operator', 'We have disabled this endpoint'],
  ])('is refused and changes nothing if the endpoint is disabled as %s', async (reason, detail) => {
    await setRow(`disabled_at = 1, disabled_reason = '${reason}', consented_url = NULL`);
    const before = await allRows();
    const response = await request();
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      type: '/problems/receiver-refused',
      ...{ reason: 'not-agreed', detail: expect.stringContaining(detail) },
    });
    expect(await allRows()).toEqual(before);
    expect([receiver.asked, receiver.received]).toEqual([[], []]);
    expect([...ofReceiver.counts.keys()]).toEqual([`replays ${partner.partnerId}`]);
  });

  test.each(['requested', 'exhausted'])('is accepted if it is disabled as %s', async (reason) => {
    await setRow(`disabled_at = 1, disabled_reason = '${reason}'`);
    expect((await request()).status).toBe(202);
  });

  test('counts no question if the receiver has agreed', async () => {
    const { headers } = await request();
    expect(headers.get('ratelimit-policy')).toBe(policyHeader(['partner', 'replays']));
    expect([...ofReceiver.counts]).toEqual([[`replays ${partner.partnerId}`, 1]]);
    expect(receiver.asked).toEqual([]);
  });

  test('counts a question if the receiver has not agreed, which is asked before anything is sent', async () => {
    await setRow('consented_url = NULL');
    const response = await request();
    expect(response.status).toBe(202);
    const counted = ['partner', 'replays', 'consents'] as const;
    expect(response.headers.get('ratelimit-policy')).toBe(policyHeader(counted));
    expect(ofReceiver.counts.get(`consents ${partner.partnerId}`)).toBe(1);
    await receiver.deliver(endpoint);
    expect(receiver.asked).toEqual([endpoint.url]);
    expect(receiver.received.length).toBeGreaterThan(0);
    expect((await endpointRow(endpoint)).consented_url).toBe(endpoint.url);
  });

  test('sends nothing to a receiver that does not agree', async () => {
    await setRow('consented_url = NULL');
    receiver.consent = () => new Response();
    expect((await request()).status).toBe(202);
    await receiver.deliver(endpoint);
    expect([receiver.asked, receiver.received]).toEqual([[endpoint.url], []]);
  });

  test('asks and changes nothing beyond the questions that a partner may cause', async () => {
    await setRow('consented_url = NULL');
    for (let i = 0; i < 6; i++) {
      await ofReceiver.limit({ key: `consents ${partner.partnerId}` });
    }
    const before = await allRows();
    await expectExceeded(await request(), 'consents', ['partner', 'replays', 'consents']);
    await receiver.deliver(endpoint);
    expect(await allRows(), what).toEqual(before);
    expect([receiver.asked, receiver.received]).toEqual([[], []]);
  });
});

describe('no question is counted', () => {
  const expectNoQuestion = () =>
    expect([...ofReceiver.counts.keys()]).toEqual([`replays ${partner.partnerId}`]);

  test('for an attempt of an endpoint that does not wait', async () => {
    await setRow('consented_url = NULL, next_attempt_at = NULL');
    expect((await send('attempts')).status).toBe(202);
    expectNoQuestion();
  });

  test('for a replay that is refused', async () => {
    await setRow('consented_url = NULL');
    await expectViolations(await send('replays', { sequence: 99 }), [
      'body #/sequence out_of_range',
    ]);
    const ahead = await feedCursor(partner.partnerId, 2);
    await expectViolations(await send('replays', { after: ahead }), ['body #/after out_of_range']);
    expectNoQuestion();
  });
});

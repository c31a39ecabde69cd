import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { STANDARD_DELAYS_S } from '../../../../src/webhook-delays.ts';
import { allRows } from '../../../support/d1.ts';
import { endpoint, makeReceiver, receiver } from '../../../support/each-receiver.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { changeEndpoint, type Endpoint, endpointPath } from '../../../support/endpoints.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket } from '../../../support/tickets.ts';
import { attemptsOf, endpointRow, writeEndpoint } from '../../../support/webhooks.ts';

/** The first attempt of an event has failed, so the endpoint waits. */
beforeEach(async () => {
  await makeApiAndPartner();
  await makeReceiver();
  receiver.reply = () => new Response(null, { status: 500 });
  await createTicket(api, partner);
  await receiver.deliver(endpoint);
});

const attempt = async (of = endpoint) => {
  const response = await api.request('POST', endpointPath(of, '/attempts'), { as: partner });
  expect(response.status, await response.clone().text()).toBe(202);
  return response;
};

describe('an attempt on request', () => {
  test('ends the wait of the endpoint, keeps its failed attempts, and wakes it', async () => {
    expect((await endpointRow(endpoint)).next_attempt_at).toBeGreaterThan(api.now);
    api.woken.length = 0;
    const response = await attempt();
    expect(response.headers.get('etag')).toBe('"1"');
    expect(await response.json<Endpoint>()).toMatchObject({
      ...{ id: endpoint.id, failed_attempts: 1, next_attempt_at: null },
    });
    expect(api.woken).toEqual([endpoint.id]);
  });

  test('counts among the attempts of the event, and the wait goes on as the schedule has it', async () => {
    await attempt();
    const next = (await receiver.deliver(endpoint)) as number;
    expect(next - api.now).toBeGreaterThanOrEqual((STANDARD_DELAYS_S[1] as number) * 1000);
    expect((await attemptsOf(endpoint)).map(({ attempt }) => attempt)).toEqual([1, 2]);
    receiver.reply = () => new Response();
    await attempt();
    await receiver.deliver(endpoint);
    expect(await endpointRow(endpoint)).toMatchObject({ position: 1, failed_attempts: 0 });
  });

  test('of each step of the schedule disables an endpoint like attempts at their time', async () => {
    for (let i = 1; i <= STANDARD_DELAYS_S.length; i++) {
      await attempt();
      await receiver.deliver(endpoint);
    }
    expect(await endpointRow(endpoint)).toMatchObject({ disabled_reason: 'exhausted' });
    expect(receiver.received).toHaveLength(STANDARD_DELAYS_S.length + 1);
  });

  test('leaves the wait of the other endpoints of the partner', async () => {
    const other = await writeEndpoint(partner);
    await env.DB.prepare('UPDATE webhook_endpoints SET next_attempt_at = 4e12').run();
    await attempt();
    expect((await endpointRow(other)).next_attempt_at).toBe(4e12);
  });
});

describe('an attempt on request changes nothing', () => {
  test('if the endpoint does not wait', async () => {
    const idle = await writeEndpoint(partner);
    const before = await allRows();
    await attempt(idle);
    expect(await allRows()).toEqual(before);
  });

  test('if the partner has disabled the endpoint', async () => {
    await changeEndpoint(api, partner, endpoint, { disabled: true });
    const before = await allRows();
    expect(await (await attempt()).json()).toMatchObject({
      ...{ disabled: true, disabled_reason: 'requested', next_attempt_at: null },
    });
    expect(await allRows()).toEqual(before);
  });

  test("for another partner's endpoint", async () => {
    const before = await allRows();
    const path = endpointPath(await writeEndpoint(await makePartner()), '/attempts');
    const rows = { ...(await allRows()) };
    expect(rows).not.toEqual(before);
    expect((await api.request('POST', path, { as: partner })).status).toBe(404);
    expect(await allRows()).toEqual(rows);
  });
});

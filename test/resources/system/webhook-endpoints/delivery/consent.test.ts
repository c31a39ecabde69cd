import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { askForConsent } from '../../../../../src/resources/system/webhook-endpoints/delivery/consent.ts';
import { ORIGIN, START } from '../../../../support/api.ts';
import { agreement } from '../../../../support/consent.ts';
import { endpoint, makeReceiver, receiver } from '../../../../support/each-receiver.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { denyHost, HOOK } from '../../../../support/endpoints.ts';
import { hostileUrls } from '../../../../support/hostile-urls.ts';
import { makePartner } from '../../../../support/partners.ts';
import { createTicket } from '../../../../support/tickets.ts';
import {
  attemptsOf,
  endpointRow,
  Receiver,
  textOfLast,
  writeEndpoint,
} from '../../../../support/webhooks.ts';

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  await makeApiAndPartner();
  await makeReceiver({ consentedUrl: null });
  await createTicket(api, partner);
});

const setRow = (values: string, ...bound: string[]) =>
  env.DB.prepare(`UPDATE webhook_endpoints SET ${values} WHERE id = ?`)
    .bind(...bound, endpoint.id)
    .run();

describe('an endpoint whose URL has not agreed', () => {
  test('is asked at its next attempt, once, and then receives its events', async () => {
    await createTicket(api, partner);
    expect(await receiver.deliver(endpoint)).toBeNull();
    await createTicket(api, partner);
    await receiver.deliver(endpoint);
    expect(receiver.asked).toEqual([endpoint.url]);
    expect(receiver.sequences).toEqual([1, 2, 3]);
    expect(await endpointRow(endpoint)).toMatchObject({
      ...{ consented_url: endpoint.url, version: 1 },
    });
  });

  test('is asked on the schedule, gets no POST, and is exhausted after ten refusals', async () => {
    receiver.consent = () => new Response('please leave', { status: 403 });
    let next: number | null | 'deleted' = api.now;
    while (typeof next === 'number') {
      api.now = next;
      next = await receiver.deliver(endpoint);
    }
    expect(receiver.received).toEqual([]);
    expect(receiver.asked).toHaveLength(10);
    expect(api.now - START).toBeGreaterThan(75 * 3_600_000);
    const attempts = await attemptsOf(endpoint);
    expect(attempts.map(({ attempt, status, error }) => [attempt, status, error])).toEqual(
      Array.from({ length: 10 }, (_, i) => [i + 1, null, 'consent']),
    );
    expect(await textOfLast()).toBeNull();
    expect(await endpointRow(endpoint)).toMatchObject({
      ...{ disabled_reason: 'exhausted', consented_url: null, position: 0 },
    });
  });

  test('keeps no consent if its URL changes during the question', async () => {
    await createTicket(api, partner);
    const moved = 'https://new.example.com/hook';
    receiver.consent = async () => {
      await setRow('url = ?, version = version + 1', moved);
      receiver.consent = () => new Response();
      return agreement();
    };
    await receiver.deliver(endpoint);
    expect(receiver.asked).toEqual([endpoint.url, moved]);
    expect(receiver.received.map(({ url }) => url)).toEqual([endpoint.url]);
    expect((await endpointRow(endpoint)).consented_url).toBeNull();
  });

  test('keeps the consent that it gave although the event then failed', async () => {
    receiver.reply = () => new Response(null, { status: 500 });
    api.now = (await receiver.deliver(endpoint)) as number;
    await receiver.deliver(endpoint);
    expect([receiver.asked.length, receiver.received.length]).toEqual([1, 2]);
  });

  test('that is none of a public host is neither asked nor sent anything', async () => {
    const sent: string[] = [];
    receiver.consent = (url) => {
      sent.push(url);
      return agreement();
    };
    for (const url of hostileUrls) {
      await setRow('url = ?, next_attempt_at = NULL, failed_attempts = 0', url);
      await receiver.deliver(endpoint);
      expect((await attemptsOf(endpoint)).at(-1), url).toMatchObject({ error: 'url' });
    }
    expect([sent, receiver.received]).toEqual([[], []]);
  });
});

test('the question itself is sent to no URL that this API does not deliver to', async () => {
  const sent: string[] = [];
  const context = {
    config: { issuer: ORIGIN },
    dependencies: {
      now: () => START,
      fetch: async (url: string) => {
        sent.push(url);
        return agreement();
      },
    },
  };
  for (const url of hostileUrls) {
    expect(await askForConsent(url, context), url).toBe('not-agreed');
  }
  expect(sent).toEqual([]);
  expect(await askForConsent(HOOK, context)).toBe('agreed');
});

test('an attempt signs at the time at which it posts, after the question', async () => {
  receiver.consent = () => {
    api.now += 10_000;
    return agreement();
  };
  await receiver.deliver(endpoint);
  expect(receiver.received).toMatchObject([{ at: START + 10_000 }]);
  expect(await attemptsOf(endpoint)).toMatchObject([{ attempted_at: START + 10_000 }]);
});

test('both requests of an attempt name their sender, and follow no redirect', async () => {
  const requests: RequestInit[] = [];
  const { fetch } = api;
  api.fetch = (url, init) => {
    requests.push(init);
    return fetch(url, init);
  };
  await receiver.deliver(endpoint);
  expect(requests.map(({ method }) => method)).toEqual(['OPTIONS', 'POST']);
  for (const { headers, redirect } of requests) {
    expect(redirect).toBe('manual');
    expect(headers).toMatchObject({
      'user-agent': `prepared-tickets-webhooks/1 (+${ORIGIN}/docs)`,
    });
  }
});

describe('a 410', () => {
  beforeEach(async () => {
    await setRow('consented_url = url');
    receiver.reply = () => new Response(null, { status: 410 });
  });

  test('ends the consent', async () => {
    expect(await receiver.deliver(endpoint)).toBeNull();
    expect(await endpointRow(endpoint)).toMatchObject({
      ...{ disabled_reason: 'gone', consented_url: null },
    });
  });

  test('ends it, and disables, also if another member changes meanwhile', async () => {
    receiver.reply = async () => {
      await setRow("description = 'x', version = version + 1");
      return new Response(null, { status: 410 });
    };
    expect(await receiver.deliver(endpoint)).toBeNull();
    expect(receiver.received).toHaveLength(1);
    expect(await endpointRow(endpoint)).toMatchObject({
      ...{ disabled_reason: 'gone', consented_url: null },
    });
  });

  test('ends the consent of the URL that answered, and of no other one', async () => {
    const moved = 'https://new.example.com/hook';
    receiver.reply = async () => {
      await setRow('url = ?, consented_url = ?, version = version + 1', moved, moved);
      receiver.reply = () => new Response();
      return new Response(null, { status: 410 });
    };
    await receiver.deliver(endpoint);
    expect(receiver.received.map(({ url }) => url)).toEqual([endpoint.url, moved]);
    expect(await endpointRow(endpoint)).toMatchObject({ disabled_at: null, consented_url: moved });
  });

  test('ends it for all endpoints of the partner with this URL, also in the middle of a delivery', async () => {
    const twin = await writeEndpoint(partner, { url: endpoint.url });
    const others = await writeEndpoint(await makePartner(), { url: endpoint.url });
    const both = new Receiver(api, []);
    both.consent = () => new Response();
    await createTicket(api, partner);
    let posts = 0;
    both.reply = async () => {
      posts += 1;
      if (posts > 1) {
        return new Response(null, { status: 410 });
      }
      await both.deliver(endpoint);
      return new Response();
    };
    await both.deliver(twin);
    // The twin delivered its first event, and asks before its second one.
    expect([posts, both.asked]).toEqual([2, [endpoint.url]]);
    expect((await endpointRow(twin)).consented_url).toBeNull();
    expect((await endpointRow(others)).consented_url).toBe(others.url);
  });
});

describe('a denied host', () => {
  test.each(['erp.example.com', 'example.com'])(
    'such as %s is neither asked nor sent anything, and fails on the schedule',
    async (host) => {
      await denyHost(host);
      const next = await receiver.deliver(endpoint);
      expect(next).toBe(START + 5000);
      expect([receiver.asked, receiver.received]).toEqual([[], []]);
      expect(await attemptsOf(endpoint)).toMatchObject([{ status: null, error: 'url' }]);
      await env.DB.prepare('DELETE FROM denied_hosts').run();
      api.now = next as number;
      await receiver.deliver(endpoint);
      expect(receiver.sequences).toEqual([1]);
    },
  );

  test('that is denied in the middle of a delivery receives no further event', async () => {
    await createTicket(api, partner);
    receiver.reply = async () => {
      await denyHost('example.com');
      return new Response();
    };
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1]);
    expect((await attemptsOf(endpoint)).at(-1)).toMatchObject({ sequence: 2, error: 'url' });
  });

  test('denies no host beside it', async () => {
    for (const host of ['hook.erp.example.com', 'rp.example.com', 'xerp.example.com']) {
      await denyHost(host);
    }
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1]);
  });
});

import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ORIGIN, START, TestApi } from '../../../../support/api.ts';
import { agreement } from '../../../../support/consent.ts';
import { changeEndpoint, HOOK, makeEndpoint } from '../../../../support/endpoints.ts';
import { hostileUrls } from '../../../../support/hostile-urls.ts';
import { makePartner, type TestPartner } from '../../../../support/partners.ts';
import { createTicket } from '../../../../support/tickets.ts';
import {
  attemptsOf,
  endpointRow,
  Receiver,
  type TestEndpoint,
  writeEndpoint,
} from '../../../../support/webhooks.ts';

let api: TestApi;
let partner: TestPartner;
let endpoint: TestEndpoint;
let receiver: Receiver;

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  api = new TestApi();
  partner = await makePartner();
  endpoint = await writeEndpoint(partner, { consentedUrl: null });
  receiver = new Receiver(api, [endpoint]);
  await createTicket(api, partner);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const setRow = (values: string, ...bound: string[]) =>
  env.DB.prepare(`UPDATE webhook_endpoints SET ${values} WHERE id = ?`)
    .bind(...bound, endpoint.id)
    .run();

const textOfLast = async () =>
  (await env.DB.prepare('SELECT response_text FROM webhook_deliveries ORDER BY number DESC').first(
    'response_text',
  )) as string | null;

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
  const deny = (host: string) =>
    env.DB.prepare('INSERT INTO denied_hosts (host, created_at) VALUES (?, 1)').bind(host).run();

  test.each(['erp.example.com', 'example.com'])(
    'such as %s is neither asked nor sent anything, and fails on the schedule',
    async (host) => {
      await deny(host);
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
      await deny('example.com');
      return new Response();
    };
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1]);
    expect((await attemptsOf(endpoint)).at(-1)).toMatchObject({ sequence: 2, error: 'url' });
  });

  test('denies no host beside it', async () => {
    for (const host of ['hook.erp.example.com', 'rp.example.com', 'xerp.example.com']) {
      await deny(host);
    }
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1]);
  });
});

describe('the response to a failed attempt', () => {
  const fail = async (body: BodyInit | null, status = 500) => {
    receiver.reply = () => new Response(body, { status });
    await receiver.deliver(endpoint);
    return textOfLast();
  };
  const bytes = (...values: number[]) => new Uint8Array(values);

  test.each<[string, BodyInit | null, string | null]>([
    ['a text', 'Bücher 🚗', 'Bücher 🚗'],
    ['no text', '', null],
    ['no body', null, null],
    ['invalid UTF-8', bytes(0x61, 0xff, 0xc3, 0x28, 0x62, 0xe2, 0x82), 'a\ufffd\ufffd(b\ufffd'],
    ['NUL', bytes(0x61, 0, 0x62), 'a\0b'],
    ['1,024 bytes', 'x'.repeat(1024), 'x'.repeat(1024)],
    ['1,025 bytes', 'x'.repeat(1025), 'x'.repeat(1024)],
    ['a character across the limit', `${'x'.repeat(1022)}€uro`, 'x'.repeat(1022)],
    ['10 MB', 'x'.repeat(10_000_000), 'x'.repeat(1024)],
  ])('is kept: %s', async (_what, body, text) => {
    expect(await fail(body)).toBe(text);
  });

  test.each([301, 404, 410, 429, 599])('is kept for status %i', async (status) => {
    expect(await fail('no', status)).toBe('no');
  });

  test.each([
    [200, [{ status: 200, error: null }]],
    [520, [{ status: null, error: 'connection' }]],
    [527, [{ status: null, error: 'connection' }]],
    [530, [{ status: null, error: 'connection' }]],
  ])('is not kept for status %i, whose body nobody reads', async (status, attempts) => {
    let pulls = 0;
    const pull = () => {
      pulls += 1;
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    expect(await fail(body, status)).toBeNull();
    expect(await attemptsOf(endpoint)).toMatchObject(attempts);
    expect(pulls).toBe(0);
  });

  test.each([519, 528, 529, 531])('of %i is that of a receiver', async (status) => {
    expect(await fail('no', status)).toBe('no');
    expect(await attemptsOf(endpoint)).toMatchObject([{ status, error: null }]);
  });

  test('is not read beyond the limit', async () => {
    let chunks = 0;
    let isCancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => {
        chunks += 1;
        controller.enqueue(new TextEncoder().encode('y'.repeat(100)));
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    expect(await fail(endless)).toBe('y'.repeat(1024));
    expect(chunks).toBeLessThanOrEqual(12);
    expect(isCancelled).toBe(true);
  });

  test('is kept as far as it came before the connection broke', async () => {
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('half')),
      pull: (controller) => controller.error(new Error('reset')),
    });
    expect(await fail(broken, 503)).toBe('half');
    expect(await attemptsOf(endpoint)).toMatchObject([{ status: 503, error: null }]);
  });

  test('is kept as far as it came within the 15 seconds of the attempt', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let reads = 0;
    const stalled = new ReadableStream({
      pull: (controller) => {
        reads += 1;
        if (reads === 1) {
          controller.enqueue(new TextEncoder().encode('slow'));
          return undefined;
        }
        queueMicrotask(() => vi.advanceTimersByTime(15_000));
        return new Promise(() => undefined);
      },
    });
    const text = await fail(stalled).finally(() => vi.useRealTimers());
    expect(text).toBe('slow');
    expect(await attemptsOf(endpoint)).toMatchObject([{ status: 500, error: null }]);
  });
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

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { endpoint, makeReceiver, receiver } from '../../../../support/each-receiver.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { createTicket } from '../../../../support/tickets.ts';
import { attemptsOf, textOfLast } from '../../../../support/webhooks.ts';

beforeEach(async () => {
  await makeApiAndPartner();
  await makeReceiver();
  await createTicket(api, partner);
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
    expect(await fail(stalled)).toBe('slow');
    vi.useRealTimers();
    expect(await attemptsOf(endpoint)).toMatchObject([{ status: 500, error: null }]);
  });
});

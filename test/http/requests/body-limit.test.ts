import { describe, expect, test, vi } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { ORIGIN, TICKETS } from '../../support/api.ts';
import { stillWorld } from '../../support/dependencies.ts';
import { workerEnv } from '../../support/homes.ts';

const MIB = 1024 * 1024;

/** A chunked body that records how many of its bytes were read. */
class Body {
  /** The number of bytes that were read. */
  read = 0;
  readonly stream: ReadableStream<Uint8Array>;

  /**
   * @param size the bytes after which the body ends or sends nothing more, as `atEnd` says.
   * @param chunkBytes the size of each chunk.
   */
  constructor(size: number, atEnd: 'ends' | 'goes silent', chunkBytes = 64 * 1024) {
    // The runtime makes the bodies of requests streams of bytes too.
    this.stream = new ReadableStream({
      type: 'bytes',
      pull: (controller) => {
        if (this.read < size) {
          this.read += chunkBytes;
          controller.enqueue(new Uint8Array(chunkBytes));
          return undefined;
        }
        if (atEnd === 'goes silent') {
          return new Promise(() => {});
        }
        controller.close();
        // This answers the read that waits for bytes.
        controller.byobRequest?.respond(0);
        return undefined;
      },
    });
  }
}

async function post(body: Body, headers: Record<string, string> = {}): Promise<number> {
  const request = new Request(ORIGIN + TICKETS, { method: 'POST', body: body.stream, headers });
  return (await createApp(stillWorld).fetch(request, workerEnv())).status;
}

describe('a request body of more than 64 KiB', () => {
  test.each([
    ['if it is chunked', {}],
    ['if it declares its length', { 'content-length': String(5 * MIB) }],
  ])('is read to its end before the 413 response %s', async (_what, headers) => {
    const body = new Body(5 * MIB, 'ends');
    expect(await post(body, headers)).toBe(413);
    expect(body.read).toBe(5 * MIB);
  });

  test('is read for at most 16 MiB beyond the limit', async () => {
    const body = new Body(Number.POSITIVE_INFINITY, 'ends');
    expect(await post(body)).toBe(413);
    expect(body.read).toBeLessThan(17 * MIB);
  });

  test('returns 413 two seconds after it stops sending', async () => {
    const twoSeconds = Promise.withResolvers<void>();
    const wait = vi.spyOn(scheduler, 'wait').mockReturnValue(twoSeconds.promise);
    const body = new Body(MIB, 'goes silent');
    const status = post(body);
    await vi.waitUntil(() => body.read === MIB);
    expect(wait.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([2_000]);
    twoSeconds.resolve();
    expect(await status).toBe(413);
  });
});

describe('a request body in chunks of one byte', () => {
  test.each([
    ['within the limit', 64 * 1024, 401],
    ['beyond the limit', 128 * 1024, 413],
  ])('is collected by the runtime, and not byte by byte: %s', async (_what, size, status) => {
    const reads = vi.spyOn(ReadableStreamDefaultReader.prototype, 'read');
    const collections = vi.spyOn(ReadableStreamBYOBReader.prototype, 'readAtLeast');
    expect(await post(new Body(size, 'ends', 1))).toBe(status);
    expect(reads.mock.calls.length + collections.mock.calls.length).toBeLessThan(20);
  });
});

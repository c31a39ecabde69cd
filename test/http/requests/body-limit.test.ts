import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { ORIGIN, TICKETS } from '../../support/api.ts';
import { stillWorld } from '../../support/dependencies.ts';

const MIB = 1024 * 1024;
const CHUNK = new Uint8Array(64 * 1024);

/** A body in chunks that tells how much of it was read. */
class Body {
  /** Bytes that were asked for. */
  read = 0;
  readonly stream: ReadableStream<Uint8Array>;

  /** @param size in bytes, after which `atEnd` says whether the body ends or goes silent. */
  constructor(size: number, atEnd: 'ends' | 'goes silent') {
    this.stream = new ReadableStream(
      {
        pull: (controller) => {
          if (this.read < size) {
            this.read += CHUNK.byteLength;
            controller.enqueue(CHUNK);
            return undefined;
          }
          return atEnd === 'ends' ? controller.close() : new Promise(() => {});
        },
      },
      { highWaterMark: 0 },
    );
  }
}

async function post(body: Body, headers: Record<string, string> = {}): Promise<number> {
  const request = new Request(ORIGIN + TICKETS, { method: 'POST', body: body.stream, headers });
  return (await createApp(stillWorld).fetch(request, env)).status;
}

describe('a body over 64 KiB', () => {
  test.each([
    ['in chunks', {}],
    ['of a length that it announces', { 'content-length': String(5 * MIB) }],
  ])('%s is read to its end before 413', async (_what, headers) => {
    const body = new Body(5 * MIB, 'ends');
    expect(await post(body, headers)).toBe(413);
    expect(body.read).toBe(5 * MIB);
  });

  test('that does not end is read within bounds: 16 MiB beyond the limit', async () => {
    const body = new Body(Number.POSITIVE_INFINITY, 'ends');
    expect(await post(body)).toBe(413);
    expect(body.read).toBeLessThan(17 * MIB);
  });

  test('that goes silent gets 413 after two seconds', async () => {
    const started = performance.now();
    expect(await post(new Body(MIB, 'goes silent'))).toBe(413);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

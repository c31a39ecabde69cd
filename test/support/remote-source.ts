import type { RemoteIo } from '../../src/auth/remote-document.ts';
import { START } from './api.ts';

/** The behaviour of a source: it returns its document or has a fault. */
export type Answer =
  | 'document'
  /** The source never responds, but the fetch can be aborted. */
  | 'hangs'
  /** The source never responds, and the fetch ignores its abort signal. */
  | 'is deaf'
  /** The source sends the status and headers, then a body that never ends. */
  | 'hangs in the body'
  | 'is out of reach'
  | 'has a fault'
  | 'redirects'
  | 'is no JSON'
  | 'is no UTF-8'
  | 'is empty'
  | 'is huge';

const CHUNK = new Uint8Array(16 * 1024).fill(0x20);
/** The number of chunks of the huge response, which has 10 MB. */
export const HUGE_CHUNKS = 640;

/** A clock that only the test moves, and sources at URLs, which replace other servers. */
export class TestWorld implements RemoteIo {
  time = START;
  readonly sources = new Map<string, TestSource>();
  /** The background work that ends after the request. */
  readonly pending: Promise<unknown>[] = [];

  now(): number {
    return this.time;
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const source = this.sources.get(url);
    if (source === undefined) {
      throw new TypeError(`There is no source at ${url}.`);
    }
    return source.answerTo(init);
  };

  background(work: Promise<unknown>): void {
    this.pending.push(work);
  }

  /** Creates a source at a URL that returns a document. */
  source(url: string, document: unknown): TestSource {
    const source = new TestSource(document);
    this.sources.set(url, source);
    return source;
  }
}

/** A document at a URL. It records the requests. */
export class TestSource {
  document: unknown;
  answer: Answer = 'document';
  readonly asked: RequestInit[] = [];
  /** The number of chunks of the huge response that were read. */
  chunks = 0;
  cancelled = false;
  #held: Promise<void> | undefined;

  constructor(document: unknown) {
    this.document = document;
  }

  get fetches(): number {
    return this.asked.length;
  }

  /** Delays the following responses. Returns the function that releases them. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  async answerTo(init: RequestInit): Promise<Response> {
    this.asked.push(init);
    // Waits for another turn of the event loop, so that several requests can arrive in the meantime.
    await (this.#held ?? scheduler.wait(1));
    switch (this.answer) {
      case 'hangs':
        return calledOff(init);
      case 'is deaf':
        return new Promise(() => {});
      case 'hangs in the body':
        return new Response(this.#stream(() => new Promise(() => {})));
      case 'is out of reach':
        throw new TypeError('connect to 10.0.0.1 refused');
      case 'has a fault':
        return new Response('secret words', { status: 500 });
      case 'redirects':
        return new Response(null, { status: 302, headers: { location: 'https://elsewhere.test' } });
      case 'is no JSON':
        return new Response('<html>secret words</html>');
      case 'is no UTF-8':
        return new Response(new Uint8Array([0x22, 0xff, 0x22]));
      case 'is empty':
        return new Response(null);
      case 'is huge':
        return new Response(
          this.#stream((controller) => {
            controller.enqueue(CHUNK);
            this.chunks += 1;
            if (this.chunks === HUGE_CHUNKS) {
              controller.close();
            }
          }),
        );
      case 'document':
        return Response.json(this.document);
    }
  }

  #stream(
    pull: (controller: ReadableStreamDefaultController<Uint8Array>) => unknown,
  ): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await pull(controller);
      },
      cancel: () => {
        this.cancelled = true;
      },
    });
  }
}

function calledOff({ signal }: RequestInit): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

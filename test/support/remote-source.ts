import type { RemoteIo } from '../../src/auth/remote-document.ts';
import { START } from './api.ts';

/** How a source answers: with a document, or with one of the faults that sources have. */
export type Answer =
  | 'document'
  /** Nothing ever, but it heeds the signal that calls the fetch off. */
  | 'hangs'
  /** Nothing ever, not even when it is called off. */
  | 'is deaf'
  /** Status and headers at once, then a body that never ends. */
  | 'hangs in the body'
  | 'is out of reach'
  | 'has a fault'
  | 'redirects'
  | 'is no JSON'
  | 'is no UTF-8'
  | 'is empty'
  | 'is huge';

const CHUNK = new Uint8Array(16 * 1024).fill(0x20);
/** Chunks of the huge answer: 10 MB in all. */
export const HUGE_CHUNKS = 640;

/** A clock that only the test moves, and sources at URLs; in place of the world outside. */
export class TestWorld implements RemoteIo {
  time = START;
  readonly sources = new Map<string, TestSource>();
  /** What is to end after the request. */
  readonly pending: Promise<unknown>[] = [];

  now(): number {
    return this.time;
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const source = this.sources.get(url);
    if (source === undefined) {
      throw new TypeError(`nothing is at ${url}`);
    }
    return source.answerTo(init);
  };

  background(work: Promise<unknown>): void {
    this.pending.push(work);
  }

  /** A source at a URL, with the document that it answers. */
  source(url: string, document: unknown): TestSource {
    const source = new TestSource(document);
    this.sources.set(url, source);
    return source;
  }
}

/** A document at a URL; counts how often it was asked. */
export class TestSource {
  document: unknown;
  answer: Answer = 'document';
  readonly asked: RequestInit[] = [];
  /** Chunks of the huge answer that were read. */
  chunks = 0;
  cancelled = false;
  #held: Promise<void> | undefined;

  constructor(document: unknown) {
    this.document = document;
  }

  get fetches(): number {
    return this.asked.length;
  }

  /** Holds answers back from now on, until what is returned is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  async answerTo(init: RequestInit): Promise<Response> {
    this.asked.push(init);
    // At least another turn of the event loop away, so that several requests can come in between.
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

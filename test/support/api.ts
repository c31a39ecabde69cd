import { createApp } from '../../src/app.ts';
import type { Dependencies, LogLine } from '../../src/context.ts';
import { writeLine } from '../../src/http/log.ts';
import { agreeingReceiver } from './consent.ts';
import { expectDocumented } from './document.ts';
import { workerEnv } from './homes.ts';
import type { TestPartner } from './partners.ts';
import { START } from './start.ts';

export { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from './start.ts';
export { START };

export const ORIGIN = 'https://api.test';
export const TICKETS = '/v2/tickets/prepared-tickets';
export const BATCHES = '/v2/tickets/prepared-ticket-batches';
export const SYNCS = '/v2/tickets/prepared-ticket-syncs';

interface RequestOptions {
  /** The partner whose credentials authenticate the request. */
  as?: TestPartner;
  /** The body, sent as JSON. A string or bytes are sent unchanged. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A separate instance of the app, like one isolate, with a clock that only the test moves. */
export class TestApi {
  /** The time of the clock in milliseconds since 1970. */
  now = START;
  /** The real bindings, and the ones that replace them. A test can change them between requests. */
  bindings: Env;
  /** The lines that the app logged. */
  readonly log: LogLine[] = [];
  /** The webhook endpoints that the app woke, in order. */
  readonly woken: string[] = [];
  /** The home of each of them. */
  readonly wokenHomes: string[] = [];
  /**
   * Replaces `fetch` of the app. By default every receiver agrees to receive webhooks, and the app must send no other
   * request to another server.
   */
  fetch: (url: string, init: RequestInit) => Promise<Response> = agreeingReceiver(async (url) => {
    throw new Error(`The API sent an unexpected request to ${url}.`);
  });
  readonly #background: Promise<unknown>[] = [];
  readonly #app: ReturnType<typeof createApp>;

  /**
   * @param bindings that replace the real ones.
   * @param changes of the dependencies that a test needs to differ.
   */
  constructor(
    bindings: Partial<Record<keyof Env, unknown>> = {},
    changes: Pick<Dependencies, 'ticketsPerPart'> = {},
  ) {
    this.bindings = workerEnv(bindings);
    this.#app = createApp({
      ...changes,
      now: () => this.now,
      newId: () => crypto.randomUUID(),
      fetch: (url, init) => this.fetch(url, init),
      background: (work) => this.#background.push(work),
      wakeEndpoint: async (_env, home, endpointId) => {
        this.woken.push(endpointId);
        this.wokenHomes.push(home.name);
      },
      log: (line) => {
        this.log.push(line);
        if (line.event === 'fault') {
          writeLine(line);
        }
      },
    });
  }

  /** Sends a request and compares the response with the OpenAPI document. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    return this.send(await this.prepare(method, path, options));
  }

  /** Returns a request that is ready to be sent. */
  async prepare(method: string, path: string, options: RequestOptions = {}): Promise<Request> {
    const { as, body, headers } = options;
    const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
    return new Request(new URL(path, ORIGIN), {
      method,
      headers: {
        ...(as && (await as.headers(this))),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: raw ? (body as BodyInit | undefined) : JSON.stringify(body),
    });
  }

  /** Sends a request unchanged and compares the response with the OpenAPI document. */
  async send(request: Request): Promise<Response> {
    const response = await this.respond(request.clone() as Request);
    await expectDocumented(request, response);
    return response;
  }

  /** Sends a request unchanged and does not compare the response with the OpenAPI document. */
  async respond(request: Request): Promise<Response> {
    const response = await this.#app.fetch(request, this.bindings);
    await Promise.all(this.#background.splice(0));
    return response;
  }

  /** Sends a GET and leaves the body of the answer unread, for what is streamed. */
  async open(path: string, as: TestPartner, headers: Record<string, string> = {}) {
    const credentials = await as.headers(this);
    const request = new Request(new URL(path, ORIGIN), { headers: { ...credentials, ...headers } });
    return this.#app.fetch(request, this.bindings);
  }

  get(path: string, as?: TestPartner) {
    return this.request('GET', path, { as });
  }

  post(path: string, as: TestPartner, body: unknown) {
    return this.request('POST', path, { as, body });
  }

  put(path: string, as: TestPartner, body: unknown) {
    return this.request('PUT', path, { as, body });
  }

  delete(path: string, as: TestPartner) {
    return this.request('DELETE', path, { as });
  }
}

/** Returns the `violations` of a problem as texts of the form `place code`. */
export async function violationsOf(response: Response): Promise<string[]> {
  const { violations = [] } = await response.clone().json<{
    violations?: { pointer?: string; name?: string; code: string }[];
  }>();
  return violations.map(({ pointer, name, code }) => `${pointer ?? name} ${code}`);
}

/**
 * Returns the headers that equal responses share. How long the database took and the bookmark differ, so of the bookmark
 * only the presence counts.
 */
export function comparableHeaders({ headers }: Response): Record<string, unknown> {
  const {
    'server-timing': _time,
    'x-d1-bookmark': bookmark,
    ...others
  } = Object.fromEntries(headers);
  return { ...others, hasBookmark: bookmark !== undefined };
}

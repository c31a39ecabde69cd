import { API, type PartnerName, type World } from '../scripts/runtime/world.ts';

/** What a request may cost, or did. */
export interface Cost {
  readonly trips: number;
  readonly read: number;
  readonly written: number;
}

/** One request of an operation, and the status that it is answered with. */
export interface Sample {
  readonly request: Request;
  readonly status: number;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With the query; from the collection of tickets on. */
  readonly path: string;
  readonly body?: unknown;
  /** Beside the credentials, or instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request did. */
export interface Measured extends Sample {
  readonly cost: Cost;
  readonly milliseconds: number;
}

/** A request that the caller sends before others, so that both credentials are known. */
const WARM: Request = { method: 'GET', path: '?ticket_number=0&limit=0' };
/** Milliseconds after which credentials are shown again; the API forgets them after a minute. */
const STAYS_WARM = 20_000;

/** Speaks to the API with a partner's credentials and reads from each answer what it cost. */
export class Caller {
  readonly #collection: string;
  readonly #credentials: Readonly<Record<string, string>>;
  #warmUntil = 0;

  private constructor(origin: string, credentials: Readonly<Record<string, string>>) {
    this.#collection = `${origin}/v2/tickets/prepared-tickets`;
    this.#credentials = credentials;
  }

  static async of(world: World, partner: PartnerName): Promise<Caller> {
    return new Caller(await world.origin(API), await world.headers(partner));
  }

  /** Sends a request whose credentials have been seen before. @throws Error for another status. */
  async measure(sample: Sample): Promise<Measured> {
    if (Date.now() > this.#warmUntil) {
      await this.#send(WARM);
      this.#warmUntil = Date.now() + STAYS_WARM;
    }
    const { response, milliseconds } = await this.#send(sample.request);
    const text = await response.text();
    if (response.status !== sample.status) {
      const { method, path } = sample.request;
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    }
    return { ...sample, cost: costOf(response.headers.get('server-timing') ?? ''), milliseconds };
  }

  /** Sends a request that succeeds, and gives its body. */
  async ask<T>(request: Request): Promise<T> {
    const { response } = await this.#send(request);
    if (!response.ok) {
      throw new Error(`${request.path} answered ${response.status}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  }

  async #send({ method, path, body, headers }: Request) {
    const start = performance.now();
    const response = await fetch(this.#collection + path, {
      method,
      headers: {
        ...this.#credentials,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { response, milliseconds: performance.now() - start };
  }
}

/** Reads from the header Server-Timing what a response cost. @throws Error when it does not say. */
export function costOf(timing: string): Cost {
  const [, ...numbers] = /trips=(\d+) read=(\d+) written=(\d+)/.exec(timing) ?? [];
  const [trips, read, written] = numbers.map(Number);
  if (trips === undefined || read === undefined || written === undefined) {
    throw new Error(`No cost in Server-Timing: "${timing}"`);
  }
  return { trips, read, written };
}

import { API, type PartnerName, type World } from '../scripts/runtime/world.ts';
import { newApiKey, sha256 } from '../src/auth/secrets.ts';

/** The cost of a request, or its budget. */
export interface Cost {
  /** D1 round trips. */
  readonly trips: number;
  /** Rows read. */
  readonly read: number;
  /** Rows written. */
  readonly written: number;
}

/** A request of an operation and its expected status. */
export interface Sample {
  readonly request: Request;
  readonly status: number;
}

/** The path of a collection that is measured. */
export type Collection = `/v2/${string}`;

/** The path of the prepared tickets. */
export const PREPARED_TICKETS: Collection = '/v2/tickets/prepared-tickets';

/** A request to a collection or below it. */
export interface Request {
  /** The collection, if it is not that of the prepared tickets. */
  readonly collection?: Collection;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the collection, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Headers in addition to the credentials. They can replace the credentials. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request with its measured cost and duration. */
export interface Measured extends Sample {
  readonly cost: Cost;
  readonly milliseconds: number;
}

/** A request that makes the API cache both credentials. */
const WARM_UP: Request = { method: 'GET', path: '?ticket_number=0&limit=0' };
/** The time after which the credentials are sent again. The API trusts cached credentials for 60 seconds. */
const WARM_MS = 20_000;

/** Sends requests with a partner's credentials and reads their cost from the responses. */
export class Caller {
  readonly #origin: string;
  readonly #credentials: Readonly<Record<string, string>>;
  readonly #newApiKey: () => Promise<string>;
  #warmUntil = 0;

  private constructor(
    origin: string,
    credentials: Readonly<Record<string, string>>,
    newKey: () => Promise<string>,
  ) {
    this.#origin = origin;
    this.#credentials = credentials;
    this.#newApiKey = newKey;
  }

  /** Creates a caller with the credentials of a partner. */
  static async of(world: World, partner: PartnerName, worker = API): Promise<Caller> {
    return new Caller(await world.origin(worker), await world.headers(partner), () =>
      addApiKey(world, partner),
    );
  }

  /**
   * Measures a request of a caller whom the isolate trusts for reads, or with an API key that it has never seen.
   *
   * @throws Error if the status is not the expected one.
   */
  async measure(sample: Sample, isSeen = true): Promise<Measured> {
    if (Date.now() > this.#warmUntil) {
      await this.#send(WARM_UP);
      this.#warmUntil = Date.now() + WARM_MS;
    }
    const unseen: Record<string, string> = isSeen ? {} : { 'x-api-key': await this.#newApiKey() };
    const { headers } = sample.request;
    const request = { ...sample.request, headers: { ...unseen, ...headers } };
    const { response, milliseconds } = await this.#send(request);
    const text = await response.text();
    if (response.status !== sample.status) {
      const { method, path } = sample.request;
      throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
    }
    return { ...sample, cost: costOf(response.headers.get('server-timing') ?? ''), milliseconds };
  }

  /** Sends a request and returns the body of the response. @throws Error if it does not succeed. */
  async ask<T>(request: Request): Promise<T> {
    const { response } = await this.#send(request);
    if (!response.ok) {
      throw new Error(`${request.path} returned ${response.status}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  }

  async #send({ method, collection = PREPARED_TICKETS, path, body, headers }: Request) {
    const start = performance.now();
    const response = await fetch(`${this.#origin}${collection}${path}`, {
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

/** Creates another API key of a partner, whose last use needs no record. */
async function addApiKey({ database, partners }: World, partner: PartnerName): Promise<string> {
  const apiKey = newApiKey('test');
  await database
    .prepare(
      `INSERT INTO api_keys (sha256, partner_id, created_at, last_used_at)
       SELECT ?, partner_id, 0, ? FROM clients WHERE id = ?`,
    )
    .bind(await sha256(apiKey), Date.now(), partners[partner].client_id)
    .run();
  return apiKey;
}

/** Reads from the header Server-Timing what a response cost. @throws Error when it does not say. */
export function costOf(timing: string): Cost {
  const [, ...numbers] = /trips=(\d+) read=(\d+) written=(\d+)/.exec(timing) ?? [];
  const [trips, read, written] = numbers.map(Number);
  if (trips === undefined || read === undefined || written === undefined) {
    throw new Error(`Server-Timing contains no cost: "${timing}"`);
  }
  return { trips, read, written };
}

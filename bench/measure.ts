import { setTimeout as sleep } from 'node:timers/promises';
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
  /** Whether the body is read from the database while it is sent, so that only the log has the whole cost. */
  readonly isStreamed?: boolean;
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

/** The time within which the line of a response that has ended is in the log. */
const LOG_TIMEOUT_MS = 10_000;

/** Finds the costs of streamed responses in the log. */
export class CostLog {
  readonly #costs = new Map<string, Cost>();

  /** Receives a line of the log. */
  readonly add = (line: string): void => {
    if (line.includes('"event":"export"')) {
      const { request_id, trips, rows_read: read, rows_written: written } = JSON.parse(line);
      this.#costs.set(request_id, { trips, read, written });
    }
  };

  /** Returns the cost of a response whose body was read. @throws Error if the log does not get it. */
  async costOf(requestId: string): Promise<Cost> {
    for (const deadline = Date.now() + LOG_TIMEOUT_MS; Date.now() < deadline; await sleep(10)) {
      const cost = this.#costs.get(requestId);
      if (cost !== undefined) {
        return cost;
      }
    }
    throw new Error(`The log has no line of the end of ${requestId}.`);
  }
}

/** Sends requests with a partner's credentials and reads their cost from the responses. */
export class Caller {
  readonly #origin: string;
  readonly #credentials: Readonly<Record<string, string>>;
  readonly #newApiKey: () => Promise<string>;
  readonly #log: CostLog;
  #warmUntil = 0;

  private constructor(
    origin: string,
    credentials: Readonly<Record<string, string>>,
    newKey: () => Promise<string>,
    log: CostLog,
  ) {
    this.#origin = origin;
    this.#credentials = credentials;
    this.#newApiKey = newKey;
    this.#log = log;
  }

  /**
   * Creates a caller with the credentials of a partner.
   *
   * @param log receives the lines of the API. Without it, no streamed response can be measured.
   */
  static async of(
    world: World,
    partner: PartnerName,
    { worker = API, log = new CostLog() } = {},
  ): Promise<Caller> {
    const addKey = () => addApiKey(world, partner);
    return new Caller(await world.origin(worker), await world.headers(partner), addKey, log);
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
    const cost = sample.isStreamed
      ? await this.#log.costOf(response.headers.get('x-request-id') as string)
      : costOf(response.headers.get('server-timing') ?? '');
    return { ...sample, cost, milliseconds };
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

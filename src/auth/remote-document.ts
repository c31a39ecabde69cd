import { type Fetch, fetchJson, RemoteFault } from './remote-json.ts';

/** What a request lends to the document that it asks for. */
export interface RemoteIo {
  /** Milliseconds since 1970. */
  now(): number;
  readonly fetch: Fetch;
  /** Lets work end after its request has been answered (`waitUntil`); it never rejects. */
  background(work: Promise<unknown>): void;
}

/** A document cannot be had and none is kept. The message names the host and the kind of fault only. */
export class RemoteUnavailable extends Error {
  override readonly name = 'RemoteUnavailable';
}

export interface RemoteSource<T> {
  readonly url: string;
  /** Checks the document. @throws for a wrong one. */
  readonly parse: (json: unknown) => T;
  /** The header `accept`. */
  readonly accept?: string;
  /** Milliseconds that a fetch, and each who waits for it, may take. */
  readonly timeout?: number;
  /** Milliseconds before a document that is there, but does not suffice, is asked again. */
  readonly coolDown?: number;
}

const MINUTE = 60_000;
const TIMEOUT = 5000;
/** How long a document is used without asking again. */
const FRESH = 10 * MINUTE;
/** How much longer it is used while its source is down. */
const STALE = 60 * MINUTE;
/** Between two fetches, whatever came of the first: unknown key ids are free to make up. */
const COOL_DOWN = MINUTE / 2;
const LATE = 'no answer in time';

/** Waits for work that never rejects, and not beyond the time. */
async function settled(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function faultOf(error: unknown): string {
  if (error instanceof RemoteFault) {
    return error.message;
  }
  return (error as Error | undefined)?.name === 'TimeoutError' ? LATE : 'out of reach';
}

/**
 * A JSON document at a URL, kept by this isolate: fetched by one request for all that wait, at most
 * once in 30 seconds, fresh for 10 minutes, and good for an hour more while its source is down.
 *
 * jose's createRemoteJWKSet is not used: on Workers it fetches for each waiting request, and it has
 * no limit of size and a clock of its own.
 */
export class RemoteDocument<T> {
  readonly #source: RemoteSource<T>;
  readonly #timeout: number;
  #known: { readonly value: T; readonly askedAt: number } | undefined;
  #flight: { readonly startedAt: number; readonly landed: Promise<void> } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #fault = LATE;

  constructor(source: RemoteSource<T>) {
    this.#source = source;
    this.#timeout = source.timeout ?? TIMEOUT;
  }

  /**
   * @param suffices whether the document holds what is looked for, such as a new key. If it does not,
   * it is asked again; what came last is given even if it does not suffice either.
   * @throws RemoteUnavailable when there is none, or only one that is too old.
   */
  async get(io: RemoteIo, suffices: (value: T) => boolean): Promise<T> {
    const known = this.#youngerThan(FRESH, io.now());
    if (known !== undefined && suffices(known.value)) {
      return known.value;
    }
    const flight = this.#join(io, known && this.#source.coolDown);
    if (flight !== undefined) {
      await settled(flight, this.#timeout);
    }
    const last = this.#youngerThan(FRESH + STALE, io.now());
    if (last === undefined) {
      throw new RemoteUnavailable(`${new URL(this.#source.url).host}: ${this.#fault}`);
    }
    return last.value;
  }

  #youngerThan(age: number, now: number) {
    return this.#known !== undefined && now - this.#known.askedAt < age ? this.#known : undefined;
  }

  /** The fetch to wait for: the one under way or a new one; none in the cool-down. */
  #join(io: RemoteIo, coolDown: number = COOL_DOWN): Promise<void> | undefined {
    const now = io.now();
    // One that is older has lost the request that began it, and will never land.
    if (this.#flight !== undefined && now - this.#flight.startedAt <= this.#timeout) {
      return this.#flight.landed;
    }
    if (this.#flight === undefined && now - this.#askedAt < coolDown) {
      return undefined;
    }
    this.#askedAt = now;
    this.#fault = LATE;
    const landed = this.#fetch(io, now);
    this.#flight = { startedAt: now, landed };
    io.background(landed);
    return landed;
  }

  /** Never rejects: what comes of it stands in the fields, for all that wait. */
  async #fetch(io: RemoteIo, askedAt: number): Promise<void> {
    const { url, parse, accept = 'application/json' } = this.#source;
    const answer = fetchJson(io, url, accept, this.#timeout).then(
      (json) => this.#keep(() => parse(json), askedAt),
      (error: unknown) => {
        this.#fault = faultOf(error);
      },
    );
    // A fetch that does not heed its signal ends here too.
    await settled(answer, this.#timeout);
    if (this.#flight?.startedAt === askedAt) {
      this.#flight = undefined;
    }
  }

  #keep(parse: () => T, askedAt: number): void {
    try {
      const value = parse();
      if (this.#known === undefined || this.#known.askedAt <= askedAt) {
        this.#known = { value, askedAt };
      }
    } catch {
      this.#fault = 'a wrong document';
    }
  }
}

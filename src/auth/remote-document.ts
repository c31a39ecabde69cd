import { type Fetch, fetchJson, RemoteFault } from './remote-json.ts';

/** The clock, fetch and background work that a request provides to a remote document. */
export interface RemoteIo {
  /** Milliseconds since 1970. */
  now(): number;
  readonly fetch: Fetch;
  /** Keeps work running after the response is sent (`waitUntil`). The work never rejects. */
  background(work: Promise<unknown>): void;
}

/**
 * Signals that a document cannot be fetched and no usable copy exists. The message names only the host
 * and the fault.
 */
export class RemoteUnavailable extends Error {
  override readonly name = 'RemoteUnavailable';
}

/** The source of a remote document. */
export interface RemoteSource<T> {
  readonly url: string;
  /** Validates the document. Throws if it is invalid. */
  readonly parse: (json: unknown) => T;
  /** The value of the `accept` header; `application/json` by default. */
  readonly accept?: string;
  /**
   * The time limit of a fetch, and of each request that waits for it, in milliseconds; 5000 by default.
   */
  readonly timeoutMs?: number;
  /**
   * The minimum time between fetches while a fresh but insufficient copy exists, in milliseconds;
   * 30,000 by default.
   */
  readonly coolDownMs?: number;
  /**
   * How old a copy may be that is used while the source is unavailable, in milliseconds; 70 minutes by default.
   */
  readonly maxAgeMs?: number;
  /** A token that authenticates each fetch. */
  readonly token?: string;
}

/** A good copy of a document. */
export interface RemoteCopy<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly fetchedAt: number;
}

/** Reads the copy of a document that outlives the isolate, as JSON; undefined if there is none. */
export type ReadKept = () => Promise<RemoteCopy<unknown> | undefined>;

const MINUTE_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 5000;
/** How long a document is used without another fetch. */
const FRESH_MS = 10 * MINUTE_MS;
/** How old a document may be that is used while its source is unavailable: an hour more. */
const DEFAULT_MAX_AGE_MS = FRESH_MS + 60 * MINUTE_MS;
/**
 * The minimum time between two fetches, successful or not. It limits the fetches that callers can cause
 * with invented key ids.
 */
const DEFAULT_COOL_DOWN_MS = MINUTE_MS / 2;
const TIMED_OUT = 'no response in time';

/** Waits until work settles or the time is up. The work never rejects. */
async function waitAtMost(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeIsUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, timeIsUp]);
  clearTimeout(timer);
}

/** Returns the kind of fault, for the message of `RemoteUnavailable`. */
function describeFault(error: unknown): string {
  if (error instanceof RemoteFault) {
    return error.message;
  }
  return (error as Error | undefined)?.name === 'TimeoutError' ? TIMED_OUT : 'out of reach';
}

/**
 * A JSON document at a URL that this isolate caches. Concurrent requests share one fetch, and fetches
 * are at least 30 seconds apart. A copy is fresh for 10 minutes, and is used for 60 minutes more while
 * its source is unavailable. An isolate without a fresh copy can fall back on one that is kept elsewhere.
 *
 * It replaces jose's `createRemoteJWKSet`, which on Workers fetches once for each waiting request, has
 * no size limit, and reads the clock itself.
 */
export class RemoteDocument<T> {
  readonly #source: RemoteSource<T>;
  readonly #timeoutMs: number;
  #copy: RemoteCopy<T> | undefined;
  #pending: { readonly startedAt: number; readonly done: Promise<void> } | undefined;
  /** The last attempt to restore a copy, and the fetch that it follows. */
  #restored: { readonly after: Promise<void>; readonly done: Promise<void> } | undefined;
  /** When the last fetch started, milliseconds since 1970. */
  #lastFetchAt = Number.NEGATIVE_INFINITY;
  #fault = TIMED_OUT;

  constructor(source: RemoteSource<T>) {
    this.#source = source;
    this.#timeoutMs = source.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * Returns the document, and fetches it if there is no fresh copy.
   *
   * @param isSufficient returns whether a document contains what the caller needs, such as a new key. If
   * a fresh copy does not, the document is fetched again; the result is returned even if it is
   * insufficient too.
   * @param readKept is called once when a fetch has brought no fresh copy.
   * @throws RemoteUnavailable if there is no copy, or only one that is older than `maxAgeMs`.
   */
  async get(io: RemoteIo, isSufficient: (value: T) => boolean, readKept?: ReadKept): Promise<T> {
    const fresh = this.#copyYoungerThan(FRESH_MS, io.now());
    if (fresh !== undefined && isSufficient(fresh.value)) {
      return fresh.value;
    }
    const fetching = this.#join(io, fresh && this.#source.coolDownMs);
    if (fetching !== undefined) {
      await waitAtMost(fetching, this.#timeoutMs);
      if (readKept !== undefined && this.#copyYoungerThan(FRESH_MS, io.now()) === undefined) {
        await this.#restoreAfter(fetching, readKept, io);
      }
    }
    const last = this.#copyYoungerThan(this.#source.maxAgeMs ?? DEFAULT_MAX_AGE_MS, io.now());
    if (last === undefined) {
      throw new RemoteUnavailable(`${new URL(this.#source.url).host}: ${this.#fault}`);
    }
    return last.value;
  }

  /** The last good copy, however old it is. */
  get copy(): RemoteCopy<T> | undefined {
    return this.#copy;
  }

  #copyYoungerThan(ageMs: number, now: number) {
    return this.#copy !== undefined && now - this.#copy.fetchedAt < ageMs ? this.#copy : undefined;
  }

  /** Returns the pending fetch or starts one; undefined during the cool-down. */
  #join(io: RemoteIo, coolDownMs: number = DEFAULT_COOL_DOWN_MS): Promise<void> | undefined {
    const now = io.now();
    // The runtime can end a request while its fetch is pending. Such a fetch never settles, so one that
    // exceeds the time limit is replaced.
    if (this.#pending !== undefined && now - this.#pending.startedAt <= this.#timeoutMs) {
      return this.#pending.done;
    }
    if (this.#pending === undefined && now - this.#lastFetchAt < coolDownMs) {
      return undefined;
    }
    this.#lastFetchAt = now;
    this.#fault = TIMED_OUT;
    const done = this.#fetch(io, now);
    this.#pending = { startedAt: now, done };
    io.background(done);
    return done;
  }

  /** Fetches the document and stores it or the fault in the fields of this object. Never rejects. */
  async #fetch(io: RemoteIo, startedAt: number): Promise<void> {
    const { url, accept = 'application/json', token } = this.#source;
    const stored = fetchJson(io, url, accept, this.#timeoutMs, token).then(
      (json) => {
        if (!this.#store(json, startedAt)) {
          this.#fault = 'invalid document';
        }
      },
      (error: unknown) => {
        this.#fault = describeFault(error);
      },
    );
    // A fetch can ignore its abort signal, so the wait has a time limit of its own.
    await waitAtMost(stored, this.#timeoutMs);
    if (this.#pending?.startedAt === startedAt) {
      this.#pending = undefined;
    }
  }

  /** Restores the copy that is kept elsewhere once after a fetch, however many requests wait for that fetch. */
  #restoreAfter(fetching: Promise<void>, readKept: ReadKept, io: RemoteIo): Promise<void> {
    if (this.#restored?.after !== fetching) {
      this.#restored = { after: fetching, done: this.#restore(readKept) };
      io.background(this.#restored.done);
    }
    // The runtime can end the request that reads the copy, and then the reading never ends.
    return waitAtMost(this.#restored.done, this.#timeoutMs);
  }

  /** Uses the copy that is kept elsewhere, if it is valid and newer than that of this isolate. Never rejects. */
  async #restore(readKept: ReadKept): Promise<void> {
    const kept = await readKept().catch(() => undefined);
    if (kept !== undefined) {
      this.#store(kept.value, kept.fetchedAt);
    }
  }

  /**
   * Stores the document unless a fetch that started later has already stored one.
   *
   * @returns whether the document is valid.
   */
  #store(json: unknown, fetchedAt: number): boolean {
    try {
      const value = this.#source.parse(json);
      if (this.#copy === undefined || this.#copy.fetchedAt <= fetchedAt) {
        this.#copy = { value, fetchedAt };
      }
      return true;
    } catch {
      return false;
    }
  }
}

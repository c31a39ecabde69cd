import type { Config } from './config.ts';
import type { Database } from './db/client.ts';
import type { PartnerId } from './db/partner-id.ts';
import type { Home } from './homes.ts';
import type { Policy } from './policy.ts';

/** The dependencies on the outside world, which tests replace. */
export interface Dependencies {
  /** Returns the current time, milliseconds since 1970, UTC. */
  now(): number;
  /** Returns a new random UUID in lower case. */
  newId(): string;
  /** The number of tickets that fill a part of a bucket of counts. Tests choose a small one. */
  readonly ticketsPerPart?: number;
  /** Sends a request to another server. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Keeps work running after the response is sent. The work must handle its own errors. */
  background(work: Promise<unknown>): void;
  /**
   * Makes the scheduler of a webhook endpoint look for events. What is to be delivered stands in the database,
   * so a wake that is lost only delays.
   */
  wakeEndpoint(env: Env, home: Home, endpointId: string): Promise<void>;
  /** Writes one structured log line. If it is missing, no line is even assembled. */
  log?(line: LogLine): void;
}

/** A log line. Lines with the event `fault` are logged as errors, and those with `warning` as warnings. */
export interface LogLine {
  readonly event:
    | 'request'
    | 'export'
    | 'fault'
    | 'warning'
    | 'scheduled'
    | 'quota'
    | 'leak'
    | 'webhook';
  readonly [member: string]: unknown;
}

/** The client of a partner that a request authenticates as, by an access token and an API key. */
export interface Principal {
  readonly partnerId: PartnerId;
  readonly clientId: string;
  /** SHA-256 of the API key that was sent, in hex. */
  readonly apiKeySha256: string;
}

/** The bindings and context variables of every request. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    config: Config;
    dependencies: Dependencies;
    /** The home of the partner that the request authenticated as; `main` before that. */
    home: Home;
    /** The database of `home`. */
    db: Database;
    /** The policy of the route; undefined if no operation matches, which leads to a 404 or 405. */
    policy: Policy | undefined;
    /** The partner and client of the verified access token. Set before the gate decides about the rest. */
    caller: Pick<Principal, 'partnerId' | 'clientId'> | undefined;
    /**
     * The caller of an operation that requires credentials. The token is verified; the gate of `db` decides about the
     * rest, before anything else is read or written.
     */
    principal: Principal;
    /** Whether the response is a problem for which the request asked. */
    isForced: boolean | undefined;
    /** Whether the request failed because it waited too long for others of its partner. */
    isQueued: boolean | undefined;
    /** Headers that are added to the response regardless of its status. */
    responseHeaders: Readonly<Record<string, string>> | undefined;
  };
}

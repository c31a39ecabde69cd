import type { Config } from './config.ts';
import type { Database } from './db/client.ts';
import type { Policy, Scope } from './policy.ts';

/** What the outside world gives, so that tests can fix it. */
export interface Dependencies {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** A new random UUID, lower case. */
  newId(): string;
  /** How many tickets fill a part of a bucket of counts; tests have small ones, to see many. */
  readonly ticketsPerPart?: number;
  /** Asks another server. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Lets work go on after the response is sent; the work handles its own faults. */
  background(work: Promise<unknown>): void;
  /** Writes one structured line. Without it nothing is logged, nor put together for it. */
  log?(line: LogLine): void;
}

/** A line of the log; a fault is an error, everything else is not. */
export interface LogLine {
  readonly event: 'request' | 'export' | 'fault' | 'scheduled' | 'leak';
  readonly [member: string]: unknown;
}

/** Who calls: a client of a partner, proven by an access token and an API key. */
export interface Principal {
  readonly partnerId: number;
  readonly clientId: string;
  readonly apiKeyId: string;
  /** SHA-256 of the API key that was sent, in hex. */
  readonly apiKeySha256: string;
  /** When the token was issued, milliseconds since 1970, to the second; null if another issuer issued it. */
  readonly tokenIssuedAt: number | null;
  /** What both the token and, now, the client allow. */
  readonly scopes: ReadonlySet<Scope>;
}

/** The types that every request carries. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    config: Config;
    dependencies: Dependencies;
    db: Database;
    /** What the route declares; undefined where no operation is, on the way to a 404 or 405. */
    policy: Policy | undefined;
    /** Whom the verified access token names; set before the API key is looked up. */
    caller: Pick<Principal, 'partnerId' | 'clientId'> | undefined;
    /** Set on every operation that declares a scope. */
    principal: Principal;
    /** Headers that the response to come shall have, whatever it is. */
    announced: Readonly<Record<string, string>> | undefined;
  };
}

import { expect } from 'vitest';
import type { TestApi } from '../api.ts';
import { databaseOf } from '../homes.ts';
import { TestPartner } from '../partners.ts';
import { START } from '../start.ts';
import { requestOf, type Write } from './writes.ts';

/** What the API answered to a write. */
export interface Answer {
  readonly status: number;
  /** Undefined for a problem and for an empty body. */
  readonly body?: unknown;
  /** The `ETag`. */
  readonly tag?: string | undefined;
}

/** A write with its answer. */
export interface Sent {
  /** The client that sent it. */
  readonly clientId: string;
  readonly write: Write;
  readonly answer: Answer;
}

/** Returns the body of a response without what of its problems the model does not say. */
async function bodyOf(response: Response): Promise<unknown> {
  if (!response.ok || response.status === 204) {
    return undefined;
  }
  const body = await response.json<{ result?: { violations?: unknown; problem?: unknown }[] }>();
  const result = body.result?.map(({ violations: _v, problem: _p, ...item }) => item);
  return result === undefined ? body : { ...body, result };
}

/** Makes further clients of a partner, which have used their secrets just now. */
export async function makeClients(partner: TestPartner, count: number): Promise<TestPartner[]> {
  const { partnerId, apiKey, apiKeyId } = partner;
  const made = Array.from(
    { length: count },
    () => new TestPartner(partnerId, { apiKey, apiKeyId }),
  );
  await databaseOf(partner)
    .prepare(
      `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at, last_used_at)
       SELECT value, ?1, 'Program', value, ?2, 0, ?3 FROM json_each(?4)`,
    )
    .bind(
      partnerId,
      partner.scopes.join(' '),
      START,
      JSON.stringify(made.map((one) => one.clientId)),
    )
    .run();
  return made;
}

/** A program of the partner, which sends one write after the other. */
export class Lane {
  readonly #api: TestApi;
  readonly #clients: TestPartner[];
  /** What was sent, oldest first. */
  readonly sent: Sent[] = [];

  /**
   * @param api the isolate that serves the program.
   * @param clients a client for each write, so that the actor of an event tells which write made the change.
   */
  constructor(api: TestApi, clients: readonly TestPartner[]) {
    this.#api = api;
    this.#clients = [...clients];
  }

  /** Sends a write, and once more if its outcome is unknown. */
  async send(write: Write): Promise<Answer> {
    const first = await this.#once(write);
    return first.status === 503 ? this.#once(write) : first;
  }

  async #once(write: Write): Promise<Answer> {
    const { method, path, body, ifMatch } = requestOf(write);
    const headers = { ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
    const as = this.#clients.pop() as TestPartner;
    const response = await this.#api.request(method, path, { as, body, headers });
    expect(response.status, `${method} ${path}`).not.toBe(500);
    const tag = response.headers.get('etag') ?? undefined;
    const answer = { status: response.status, body: await bodyOf(response), tag };
    this.sent.push({ clientId: as.clientId, write, answer });
    return answer;
  }
}

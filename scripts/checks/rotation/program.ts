import type { Credentials } from '../../partner/partners.ts';
import type { Rotated } from './operator.ts';
import { type Traffic, tokenCall } from './traffic.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
/** One of this many tickets is kept, the others are deleted. */
const KEEP_ONE_OF = 5;
/** Returns the milliseconds until a program renews its token: a random, much shortened lifetime. */
const renewalDelayMs = () => 200 + Math.random() * 600;

/** One program of a partner, which follows the guides of the API. */
export class Program {
  /** The reference of all its tickets, which no other ticket has. */
  readonly reference = `ROTATION_${crypto.randomUUID()}`;
  /** The ids of the tickets that it created and did not delete. */
  readonly tickets = new Set<string>();
  /** When it sent the last token request that received a response. */
  renewedAt = Number.NEGATIVE_INFINITY;
  renewals = 0;
  readonly #traffic: Traffic;
  #credentials: Credentials;
  #token = '';
  #renewAt = 0;
  #created = 0;

  constructor(traffic: Traffic, credentials: Credentials) {
    this.#traffic = traffic;
    this.#credentials = credentials;
  }

  /** Replaces one of its credentials with the new one. */
  learn(what: Rotated, credentials: Credentials): void {
    this.#credentials = { ...this.#credentials, [what]: credentials[what] };
  }

  /** Sends requests one after the other until `isOver` returns true. */
  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      if (performance.now() >= this.#renewAt) {
        await this.#renew();
      }
      await this.#useTickets();
    }
  }

  /** Lists its tickets through the API. Returns their number and the ids of the first 1000. */
  async listed(): Promise<{ total: number; ids: string[] }> {
    await this.#renew();
    const text = await this.#call(
      'GET',
      `?preparer_external_reference=${this.reference}&limit=1000`,
    );
    const { total, result } = JSON.parse(text ?? '{"total":-1,"result":[]}');
    return { total, ids: result.map(({ id }: { id: string }) => id) };
  }

  async #renew(): Promise<void> {
    const requestedAt = performance.now();
    const { client_id, client_secret } = this.#credentials;
    const body = await this.#traffic.send(tokenCall(client_id, client_secret));
    this.renewals += 1;
    this.renewedAt = requestedAt;
    if (body !== undefined) {
      this.#token = (JSON.parse(body) as { access_token: string }).access_token;
      this.#renewAt = requestedAt + renewalDelayMs();
    }
  }

  async #useTickets(): Promise<void> {
    const created = await this.#call('POST', '', {
      customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
      vehicle_model_id: 1,
      vin: null,
      preparer_external_reference: this.reference,
    });
    await this.#call('GET', '?limit=5');
    if (created === undefined) {
      return;
    }
    const { id } = JSON.parse(created) as { id: string };
    this.tickets.add(id);
    this.#created += 1;
    await this.#call('GET', `/${id}`);
    if (this.#created % KEEP_ONE_OF !== 0 && (await this.#call('DELETE', `/${id}`)) !== undefined) {
      this.tickets.delete(id);
    }
  }

  #call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
    return this.#traffic.send({
      method,
      path: TICKETS + path,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'x-api-key': this.#credentials.api_key,
        ...(body && {
          'content-type': 'application/json',
          'idempotency-key': `"${crypto.randomUUID()}"`,
        }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

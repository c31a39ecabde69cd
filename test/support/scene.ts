import { MAX_CREDENTIALS } from '../../src/resources/system/credentials.repository.ts';
import { MAX_LINES } from '../../src/resources/tickets/product-line.ts';
import { TestApi, TICKETS } from './api.ts';
import { callOf, namesReference, subjectOf } from './calls.ts';
import { together, WatchedD1 } from './d1.ts';
import { type DocumentedOperation, operations } from './document.ts';
import { breakApi } from './faults.ts';
import { databaseOf, homeOf } from './homes.ts';
import {
  fill,
  fillLines,
  makePartner,
  makeSpare,
  nextPartner,
  type TestPartner,
} from './partners.ts';
import { type PickedUpTicket, writePickedUp } from './picked-up-tickets.ts';
import { newTicket, PRODUCT, type Ticket, writeLine, writeTicket } from './tickets.ts';

/** The operation that issues tokens. Its callers authenticate differently from all others. */
export const TOKEN = 'createToken';

/** The credentials of an unknown client for `TOKEN`. */
export const strangersAuthorization = { authorization: 'Basic eDp5' };

/** An invalid access token for every other operation. */
export const wrongToken = { authorization: 'Bearer no.such.token' };

/** A query that makes a list a search. */
const SEARCH = `?customer_id=${newTicket.customer_id}&preparer_external_reference=x`;

/** The app of all scenes. Creating one takes longer than most requests, and its caches hold no data of a new partner. */
const shared = new TestApi();

/** Returns a rate limiter that rejects the keys for which `isRefused` returns true. */
const exhausted = (isRefused: (key: string) => boolean): RateLimit => ({
  limit: async ({ key }) => ({ success: !isRefused(key) }),
});

/** The bindings that make each policy reject requests. Two policies share a binding and differ in their keys. */
const exceeded = {
  partner: { PARTNER_LIMIT: exhausted((key) => !key.startsWith('address ')) },
  'token-requests': { PARTNER_LIMIT: exhausted((key) => key.startsWith('address ')) },
  'refused-credentials': { ADDRESS_LIMIT: exhausted(() => true) },
  batches: { HEAVY_LIMIT: exhausted((key) => key.startsWith('batches ')) },
  exports: { HEAVY_LIMIT: exhausted((key) => key.startsWith('exports ')) },
  searches: { HEAVY_LIMIT: exhausted((key) => key.startsWith('searches ')) },
  consents: { RECEIVER_LIMIT: exhausted((key) => key.startsWith('consents ')) },
  replays: { RECEIVER_LIMIT: exhausted((key) => key.startsWith('replays ')) },
};

/** Returns whether the path of an operation is below that of a webhook endpoint. */
const isBelowEndpoint = ({ path }: DocumentedOperation) => path.includes('{endpoint-id}/');

/** The differences between a request and a valid one. */
export interface Changes {
  /** What the path names the resource by. */
  readonly id?: string;
  readonly productId?: string;
  readonly query?: string;
  readonly method?: string;
  readonly body?: unknown;
  /** Replace the headers of the valid request. `null` removes a header. */
  readonly headers?: Record<string, string | null>;
}

/** A partner with a ticket, a picked-up ticket and spare credentials, on which every operation can be called. */
export class Scene {
  api: TestApi;
  readonly partner: TestPartner;
  readonly ticket: Ticket;
  readonly pickedUp: PickedUpTicket;
  /** The id of a client, an API key and a webhook endpoint that a test can change. */
  readonly spare: string;

  private constructor(
    api: TestApi,
    partner: TestPartner,
    { ticket, pickedUp, spare }: Pick<Scene, 'ticket' | 'pickedUp' | 'spare'>,
  ) {
    this.api = api;
    this.partner = partner;
    this.ticket = ticket;
    this.pickedUp = pickedUp;
    this.spare = spare;
  }

  /**
   * Creates a scene.
   *
   * @param values the values of both tickets that replace those of `newTicket`.
   */
  static async set(
    values: Partial<Ticket> = {},
    client: Parameters<typeof makePartner>[0] = {},
  ): Promise<Scene> {
    const partner = nextPartner(client);
    const batch = together(4);
    const [ticket, pickedUp, spare] = await Promise.all([
      writeTicket(partner, values, batch),
      writePickedUp(partner, values, batch),
      makeSpare(partner, undefined, batch),
      makePartner(client, batch, partner),
    ]);
    return new Scene(shared, partner, { ticket, pickedUp, spare });
  }

  /** Returns the same scene with the usual API, after a test sent a request to another one. */
  again(): Scene {
    return new Scene(shared, this.partner, this);
  }

  /** Sends a valid request of an operation with the partner's credentials, changed by `changes`. */
  async send(operation: DocumentedOperation, changes: Changes = {}): Promise<Response> {
    return this.api.send(await this.prepare(operation, changes));
  }

  /** Returns a valid request of an operation with the partner's credentials, changed by `changes`. */
  async prepare(operation: DocumentedOperation, changes: Changes = {}): Promise<Request> {
    const { partner, api } = this;
    const isToken = operation.operationId === TOKEN;
    const id = changes.id ?? subjectOf(operation, this);
    const call = callOf(operation, id, changes.productId, partner);
    const credentials = isToken
      ? { authorization: `Basic ${btoa(`${partner.clientId}:${partner.clientSecret}`)}` }
      : await partner.headers(api);
    const headers = Object.entries({ ...credentials, ...call.headers, ...changes.headers });
    const body = isToken ? 'grant_type=client_credentials' : call.body;
    return api.prepare(changes.method ?? call.method, call.path + (changes.query ?? ''), {
      body: 'body' in changes ? changes.body : body,
      headers: Object.fromEntries(headers.filter((header) => header[1] !== null)) as never,
    });
  }

  /** Sends a valid request about resources that exist, so that it succeeds. */
  async succeed(operation: DocumentedOperation, changes: Changes = {}): Promise<Response> {
    await writeLine(this.ticket.id, PRODUCT);
    return this.send(operation, changes);
  }

  /** Sends a request with an idempotency key that was used for another request. */
  async sendReused(operation: DocumentedOperation): Promise<Response> {
    const headers = { 'idempotency-key': '"one key"' };
    await this.send(operation, { headers });
    const { body } = callOf(operation);
    const changes: Record<string, object> = {
      createPreparedTicket: { vin: null },
      createPreparedTickets: { prepared_tickets: [newTicket] },
      createWebhookEndpoint: { description: 'x' },
    };
    const changed =
      changes[operation.operationId] ??
      (operation.path.startsWith(TICKETS) ? { vin: null } : { name: 'x' });
    return this.send(operation, { headers, body: { ...(body as object), ...changed } });
  }

  /** Creates clients, API keys or webhook endpoints until the maximum is exceeded, which is that of clients. */
  async sendTooMany(operation: DocumentedOperation): Promise<Response> {
    let response = await this.send(operation);
    for (let i = 0; i < MAX_CREDENTIALS && response.ok; i++) {
      response = await this.send(operation);
    }
    return response;
  }

  /** Sends a request for a URL whose receiver does not agree to receive webhooks, or answered 410 to one. */
  async sendUnwanted(operation: DocumentedOperation): Promise<Response> {
    if (isBelowEndpoint(operation)) {
      await this.#setSpare("disabled_at = 1, disabled_reason = 'gone'");
      return this.send(operation);
    }
    this.api = new TestApi();
    this.api.fetch = async () => new Response();
    return this.send(operation, { body: this.#withNewUrl(operation) });
  }

  /** Sets columns of the spare webhook endpoint, as a delivery does. */
  #setSpare(values: string): Promise<unknown> {
    const statement = `UPDATE webhook_endpoints SET ${values} WHERE id = ?`;
    return databaseOf(this.partner).prepare(statement).bind(this.spare).run();
  }

  /** Returns the body of an operation with a URL whose receiver must be asked. */
  #withNewUrl(operation: DocumentedOperation): object {
    return { ...(callOf(operation).body as object), url: 'https://new.garage.example/' };
  }

  /** Sends a request that would create tickets beyond the quota of the partner. */
  async sendFull(operation: DocumentedOperation): Promise<Response> {
    await fill(this.partner);
    return this.send(operation, namesReference(operation) ? { id: crypto.randomUUID() } : {});
  }

  /** Sends a request that would add product lines beyond the quota of the partner. */
  async sendFullOfLines(operation: DocumentedOperation): Promise<Response> {
    await fillLines(this.partner);
    const others = { productId: crypto.randomUUID() };
    return this.send(operation, {
      ...others,
      ...(namesReference(operation) && { id: crypto.randomUUID() }),
    });
  }

  /** Sends a request that would add a line to a ticket with as many lines as it may have. */
  async sendTooManyLines(operation: DocumentedOperation): Promise<Response> {
    await databaseOf(this.partner)
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
       INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, format('22222222-2222-4222-8222-%012d', i), partner_id, created_at, 1
       FROM n CROSS JOIN prepared_tickets WHERE id = ?2`,
      )
      .bind(MAX_LINES, this.ticket.id)
      .run();
    return this.send(operation, { productId: crypto.randomUUID() });
  }

  /** Sends a request that would disable or delete the credentials that authenticate it. */
  sendOnItself(operation: DocumentedOperation): Promise<Response> {
    const { clientId, apiKeyId } = this.partner;
    const { body } = callOf(operation);
    return this.send(operation, {
      id: operation.path.includes('{client-id}') ? clientId : apiKeyId,
      ...(body !== undefined && { body: { ...(body as object), disabled: true } }),
    });
  }

  /** Sends a request twice. The second one finds what the first one did. */
  async sendAgain(operation: DocumentedOperation): Promise<Response> {
    await this.succeed(operation);
    return this.send(operation);
  }

  /** Sends a request for a ticket that lacks everything that a pick-up needs. */
  async sendNotReady(operation: DocumentedOperation): Promise<Response> {
    const database = databaseOf(this.partner);
    const { partnerId } = this.partner;
    await database.batch([
      database.prepare('DELETE FROM product_lines WHERE partner_id = ?').bind(partnerId),
      database
        .prepare('UPDATE prepared_tickets SET vin = NULL WHERE partner_id = ?')
        .bind(partnerId),
    ]);
    return this.send(operation);
  }

  /** Sends a request for what is gone: a ticket that was picked up, or the events after an expired cursor. */
  async sendGone(operation: DocumentedOperation): Promise<Response> {
    if (operation.operationId === 'replayWebhooks') {
      this.api = new TestApi({ EVENTS_EPOCH: '2' });
      return this.send(operation);
    }
    if (operation.operationId === 'listEvents') {
      const { next } = await (await this.send(operation)).json<{ next: string }>();
      this.api = new TestApi({ EVENTS_EPOCH: '2' });
      return this.send(operation, { query: `?after=${next}` });
    }
    await this.succeed(operationNamed('pickUpPreparedTicket'));
    return this.send(operation);
  }

  /** Sends a request with a reference that two tickets have. */
  async sendAmbiguous(operation: DocumentedOperation): Promise<Response> {
    await writeTicket(this.partner, this.ticket);
    return this.send(operation);
  }

  /** Sends a request that exceeds the limit of a policy. */
  async sendTooOften(
    operation: DocumentedOperation,
    policy: keyof typeof exceeded,
  ): Promise<Response> {
    const asks = policy === 'consents';
    if (asks && isBelowEndpoint(operation)) {
      await this.#setSpare('consented_url = NULL, next_attempt_at = 4e12');
    }
    this.api = new TestApi({ RATE_LIMITS: 'on', ...exceeded[policy] });
    const wrong = operation.operationId === TOKEN ? strangersAuthorization : wrongToken;
    return this.send(operation, {
      ...(policy === 'refused-credentials' && { headers: wrong }),
      ...(policy === 'searches' && { query: SEARCH }),
      ...(asks && !isBelowEndpoint(operation) && { body: this.#withNewUrl(operation) }),
    });
  }

  /** Sends a request with cached credentials, so that the database fault occurs in the operation itself. */
  async failWith(operation: DocumentedOperation, fault: Error): Promise<Response> {
    const { binding, database } = homeOf(this.partner);
    const d1 = new WatchedD1(database);
    this.api = new TestApi({ [binding]: d1.db });
    await this.api.get(TICKETS, this.partner);
    d1.fault = fault;
    return this.send(operation);
  }

  /** Sends a request that fails because of a bug of the API. */
  async sendToBroken(operation: DocumentedOperation): Promise<Response> {
    if (needsDatabase(operation)) {
      return this.failWith(operation, new Error('D1_ERROR: no such table: x: SQLITE_ERROR'));
    }
    this.api = new TestApi();
    breakApi(this.api);
    return this.send(operation);
  }

  /** Sends a request that fails with a 503: because of a database fault, or of a missing setting. */
  async sendToUnavailable(operation: DocumentedOperation, fault: Error): Promise<Response> {
    if (needsDatabase(operation)) {
      return this.failWith(operation, fault);
    }
    this.api = new TestApi({ ISSUER: '' });
    return this.send(operation);
  }
}

function needsDatabase({ security, operationId }: DocumentedOperation): boolean {
  return security.length > 0 || operationId === TOKEN;
}

/** Returns the operation with an `operationId`. */
export function operationNamed(operationId: string): DocumentedOperation {
  return operations.find((operation) => operation.operationId === operationId) as never;
}

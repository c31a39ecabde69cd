import { MAX_CREDENTIALS } from '../../src/resources/system/credential-creation.repository.ts';
import { TestApi, TICKETS } from './api.ts';
import { callOf, namesCredential, namesReference } from './calls.ts';
import { WatchedD1 } from './d1.ts';
import { type DocumentedOperation, operations } from './document.ts';
import { breakApi } from './faults.ts';
import { makePartner, makeSpare, type TestPartner } from './partners.ts';
import { PRODUCT, putLine, type Ticket, writeTicket } from './tickets.ts';

/** The operation that gives tokens, whose callers authenticate in their own way. */
export const TOKEN = 'createToken';

/** What a client of `TOKEN` sends when nothing is known of it. */
export const strangersAuthorization = { authorization: 'Basic eDp5' };

/** What a caller of any other operation sends whose token is none. */
export const wrongToken = { authorization: 'Bearer no.such.token' };

/** An app costs more than most calls, and what one remembers is of partners that are new with each scene. */
const shared = new TestApi();

/** A limit that every request is beyond whose key is refused. */
const exhausted = (isRefused: (key: string) => boolean): RateLimit => ({
  limit: async ({ key }) => ({ success: !isRefused(key) }),
});

/** Limits that are exceeded, by the policy; two share a binding and differ in their keys. */
const exceeded = {
  partner: { PARTNER_LIMIT: exhausted((key) => !key.startsWith('address ')) },
  'token-requests': { PARTNER_LIMIT: exhausted((key) => key.startsWith('address ')) },
  'refused-credentials': { ADDRESS_LIMIT: exhausted(() => true) },
};

interface Changes {
  /** Of the ticket, the client or the API key that the path names, or the reference of the ticket. */
  readonly id?: string;
  readonly productId?: string;
  readonly query?: string;
  readonly method?: string;
  readonly body?: unknown;
  /** Replaces those of the valid call; `null` leaves one out. */
  readonly headers?: Record<string, string | null>;
}

/** One partner with one ticket and spare credentials, and every operation ready to be called on them. */
export class Scene {
  api: TestApi;
  readonly partner: TestPartner;
  readonly ticket: Ticket;
  /** Of a client and an API key that may be changed. */
  readonly spare: string;

  private constructor(api: TestApi, partner: TestPartner, ticket: Ticket, spare: string) {
    this.api = api;
    this.partner = partner;
    this.ticket = ticket;
    this.spare = spare;
  }

  /** @param values of the ticket, in place of those of `newTicket`. */
  static async set(
    values: Partial<Ticket> = {},
    client: Parameters<typeof makePartner>[0] = {},
  ): Promise<Scene> {
    const partner = await makePartner(client);
    const [ticket, spare] = await Promise.all([writeTicket(partner, values), makeSpare(partner)]);
    return new Scene(shared, partner, ticket, spare);
  }

  #subjectOf(operation: DocumentedOperation): string {
    if (namesReference(operation)) {
      return this.ticket.preparer_external_reference;
    }
    return namesCredential(operation) ? this.spare : this.ticket.id;
  }

  /** A valid call with the partner's credentials, but for `changes`. */
  async send(operation: DocumentedOperation, changes: Changes = {}): Promise<Response> {
    const { partner, api } = this;
    const isToken = operation.operationId === TOKEN;
    const id = changes.id ?? this.#subjectOf(operation);
    const call = callOf(operation, id, changes.productId);
    const credentials = isToken
      ? { authorization: `Basic ${btoa(`${partner.clientId}:${partner.clientSecret}`)}` }
      : await partner.headers(api);
    const headers = Object.entries({ ...credentials, ...call.headers, ...changes.headers });
    const body = isToken ? 'grant_type=client_credentials' : call.body;
    return api.request(changes.method ?? call.method, call.path + (changes.query ?? ''), {
      body: 'body' in changes ? changes.body : body,
      headers: Object.fromEntries(headers.filter((header) => header[1] !== null)) as never,
    });
  }

  /** A valid call, of something that is there. */
  async succeed(operation: DocumentedOperation, changes: Changes = {}): Promise<Response> {
    await putLine(this.api, this.partner, this.ticket.id, PRODUCT);
    return this.send(operation, changes);
  }

  /** A call under an idempotency key that came with another request before. */
  async sendReused(operation: DocumentedOperation): Promise<Response> {
    const headers = { 'idempotency-key': '"one key"' };
    await this.send(operation, { headers });
    const { body } = callOf(operation);
    const changed = operation.path.startsWith(TICKETS) ? { vin: null } : { name: 'x' };
    return this.send(operation, { headers, body: { ...(body as object), ...changed } });
  }

  /** Creates until there may be no more. */
  async sendTooMany(operation: DocumentedOperation): Promise<Response> {
    let response = await this.send(operation);
    for (let i = 0; i < MAX_CREDENTIALS && response.ok; i++) {
      response = await this.send(operation);
    }
    return response;
  }

  /** A call that would end the very credentials that it is sent with. */
  sendOnItself(operation: DocumentedOperation): Promise<Response> {
    const { clientId, apiKeyId } = this.partner;
    const { body } = callOf(operation);
    return this.send(operation, {
      id: operation.path.includes('{client-id}') ? clientId : apiKeyId,
      ...(body !== undefined && { body: { ...(body as object), disabled: true } }),
    });
  }

  /** A call by a reference that two tickets have. */
  async sendAmbiguous(operation: DocumentedOperation): Promise<Response> {
    await writeTicket(this.partner, this.ticket);
    return this.send(operation);
  }

  /** A call that is one too many for a policy. */
  sendTooOften(operation: DocumentedOperation, policy: keyof typeof exceeded): Promise<Response> {
    this.api = new TestApi({ RATE_LIMITS: 'on', ...exceeded[policy] });
    const wrong = operation.operationId === TOKEN ? strangersAuthorization : wrongToken;
    return this.send(operation, policy === 'refused-credentials' ? { headers: wrong } : {});
  }

  /** A call whose credentials are known, so that the fault of the database meets the operation itself. */
  async failWith(operation: DocumentedOperation, fault: Error): Promise<Response> {
    const d1 = new WatchedD1();
    this.api = new TestApi({ DB: d1.db });
    await this.api.get(TICKETS, this.partner);
    d1.fault = fault;
    return this.send(operation);
  }

  /** A call that meets a bug of ours. */
  async sendToBroken(operation: DocumentedOperation): Promise<Response> {
    if (needsDatabase(operation)) {
      return this.failWith(operation, new Error('D1_ERROR: no such table: x: SQLITE_ERROR'));
    }
    this.api = new TestApi();
    breakApi(this.api);
    return this.send(operation);
  }

  /** A call that meets a fault which should pass: of the database, or a deployment that lacks a setting. */
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

/** The operation of this id. */
export function operationNamed(operationId: string): DocumentedOperation {
  return operations.find((operation) => operation.operationId === operationId) as never;
}

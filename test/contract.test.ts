import { beforeEach, describe, expect, test } from 'vitest';
import { catalogue, type ViolationCode, violationCodes } from '../src/problems/catalogue.ts';
import { TestApi, TICKETS, violationsOf } from './support/api.ts';
import { callOf } from './support/calls.ts';
import { overloaded, WatchedD1 } from './support/d1.ts';
import { type DocumentedOperation, document, operations, seen } from './support/document.ts';
import { breakApi, captureLog } from './support/faults.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { seenCodes, seenProblems } from './support/problems.ts';
import { createTicket, newTicket, PRODUCT, putLine, type Ticket } from './support/tickets.ts';

const TOKEN = 'createToken';
/** A limit that every request is beyond. */
const exhausted: RateLimit = { limit: async () => ({ success: false }) };
const tooLarge = 'x'.repeat(64 * 1024 + 1);

let api: TestApi;
let partner: TestPartner;
let ticket: Ticket;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
  ticket = await createTicket(api, partner);
});

interface Changes {
  readonly ticketId?: string;
  readonly query?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A valid call with the partner's credentials, but for `changes`. */
async function send(operation: DocumentedOperation, changes: Changes = {}): Promise<Response> {
  const call = callOf(operation, changes.ticketId ?? ticket.id);
  const headers =
    operation.operationId === TOKEN
      ? { authorization: `Basic ${btoa(`${partner.clientId}:${partner.clientSecret}`)}` }
      : await partner.headers(api);
  const form = 'grant_type=client_credentials';
  const body = operation.operationId === TOKEN ? form : call.body;
  return api.request(changes.method ?? call.method, call.path + (changes.query ?? ''), {
    body: 'body' in changes ? changes.body : body,
    headers: { ...headers, ...call.headers, ...changes.headers },
  });
}

async function succeed(operation: DocumentedOperation): Promise<Response> {
  await putLine(api, partner, ticket.id, PRODUCT);
  return send(operation);
}

async function violate(operation: DocumentedOperation): Promise<Response> {
  if (operation.requestBody) {
    return send(operation, { body: operation.operationId === TOKEN ? 'scope=x' : '{}' });
  }
  const inPath = operation.path.includes('{');
  return send(operation, inPath ? { ticketId: 'nonsense' } : { query: '?limit=-1' });
}

/** A database that fails, known credentials: the fault meets the operation itself. */
async function failWith(operation: DocumentedOperation, fault: Error): Promise<Response> {
  const d1 = new WatchedD1();
  api = new TestApi({ DB: d1.db });
  await api.get(TICKETS, partner);
  d1.fault = fault;
  return send(operation);
}

/** How each status comes about. */
const provocations: Record<string, (operation: DocumentedOperation) => Promise<Response>> = {
  200: succeed,
  201: send,
  204: succeed,
  304: async (operation) => {
    const etag = (await succeed(operation)).headers.get('etag') as string;
    return send(operation, { headers: { 'if-none-match': etag } });
  },
  400: violate,
  401: (operation) => send(operation, { headers: { authorization: 'Basic eDp5' } }),
  403: async (operation) => {
    const headers = await partner.headers(api, []);
    return send(operation, { headers });
  },
  404: (operation) => send(operation, { ticketId: crypto.randomUUID() }),
  405: (operation) => send(operation, { method: 'PATCH' }),
  412: async (operation) => {
    await putLine(api, partner, ticket.id, PRODUCT);
    return send(operation, { headers: { 'if-match': '"99"' } });
  },
  413: (operation) => send(operation, { body: tooLarge }),
  415: (operation) => send(operation, { headers: { 'content-type': 'text/plain' } }),
  422: async (operation) => {
    const headers = { 'idempotency-key': '"one key"' };
    await send(operation, { headers });
    return send(operation, { headers, body: { ...newTicket, vin: null } });
  },
  429: (operation) => {
    const limits = { PARTNER_LIMIT: exhausted, ADDRESS_LIMIT: exhausted };
    api = new TestApi({ RATE_LIMITS: 'on', ...limits });
    const isToken = operation.operationId === TOKEN;
    return send(operation, isToken ? { headers: { authorization: 'Basic eDp5' } } : {});
  },
  500: async (operation) => {
    if (operation.security.length > 0 || operation.operationId === TOKEN) {
      return failWith(operation, new Error('D1_ERROR: no such table: x: SQLITE_ERROR'));
    }
    api = new TestApi();
    breakApi(api);
    return send(operation);
  },
  503: async (operation) => {
    if (operation.security.length > 0 || operation.operationId === TOKEN) {
      return failWith(operation, overloaded());
    }
    api = new TestApi({ ISSUER: '' });
    return send(operation);
  },
};

const answers = operations.flatMap((operation) =>
  Object.keys(operation.responses)
    .filter((status) => status !== 'default')
    .map((status) => ({ operation, what: `${operation.operationId} ${status}`, status })),
);

describe('every documented answer is given, as documented', () => {
  test.each(answers)('$what', async ({ operation, status, what }) => {
    captureLog();
    const response = await provocations[status]?.(operation);
    expect(response?.status).toBe(Number(status));
    expect(seen).toContain(what);
  });

  test('the headers that depend on the answer are there', async () => {
    const { headers } = await api.get(TICKETS, partner);
    expect(headers.get('link')).toContain('rel="first"');
    const credentials = await partner.headers(api, ['prepared-tickets:read']);
    const refused = await api.request('POST', TICKETS, { body: newTicket, headers: credentials });
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
    const retry = { as: partner, body: newTicket, headers: { 'idempotency-key': '"k"' } };
    expect((await api.request('POST', TICKETS, retry)).headers.has('idempotent-replayed')).toBe(
      false,
    );
    expect((await api.request('POST', TICKETS, retry)).headers.get('idempotent-replayed')).toBe(
      'true',
    );
    const limited = new TestApi({ RATE_LIMITS: 'on' });
    expect((await limited.get(TICKETS, partner)).headers.get('ratelimit-policy')).toMatch(
      /^"partner"/,
    );
  });

  test.each(operations.filter(({ method }) => method !== 'GET'))(
    '$operationId says what becomes of a body that is too large',
    async (operation) => {
      const response = await send(operation, { body: tooLarge });
      expect(Object.keys(operation.responses)).toContain(String(response.status));
    },
  );
});

const violations: Record<ViolationCode, () => Promise<Response>> = {
  required: () => api.post(TICKETS, partner, {}),
  invalid_type: () => api.post(TICKETS, partner, { ...newTicket, vin: 1 }),
  invalid_format: () => api.get(`${TICKETS}/nonsense`, partner),
  too_short: () => api.post(TICKETS, partner, { ...newTicket, voucher_code: 'ABC' }),
  too_long: () => api.post(TICKETS, partner, { ...newTicket, voucher_code: 'ABCDEFGHI' }),
  out_of_range: () => api.get(`${TICKETS}?limit=1001`, partner),
  invalid_character: () => api.post(TICKETS, partner, { ...newTicket, voucher_code: 'abcd' }),
  immutable: () =>
    api.put(`${TICKETS}/${ticket.id}`, partner, {
      ...newTicket,
      customer_id: crypto.randomUUID(),
    }),
  unknown_member: () => api.post(TICKETS, partner, { ...newTicket, colour: 'red' }),
  unknown_parameter: () => api.get(`${TICKETS}?colour=red`, partner),
  repeated_parameter: () => api.get(`${TICKETS}?limit=1&limit=2`, partner),
  empty_parameter: () => api.get(`${TICKETS}?limit=`, partner),
};

describe('every documented violation is found', () => {
  test.each(Object.entries(violations))('%s', async (code, provoke) => {
    const response = await provoke();
    expect(response.status).toBe(400);
    expect((await violationsOf(response)).map((text) => text.split(' ')[1])).toContain(code);
  });
});

test('a body that is not JSON is malformed, not a violation', async () => {
  const response = await api.post(TICKETS, partner, '{');
  expect(await response.json()).toMatchObject({ type: '/problems/malformed-body' });
});

describe('taken together', () => {
  test('every operation and every status of the document was seen', () => {
    expect(answers.map(({ what }) => what).filter((what) => !seen.has(what))).toEqual([]);
  });

  test('every problem and every code of the catalogue was answered, and no other', () => {
    expect([...seenProblems].sort()).toEqual(Object.keys(catalogue).sort());
    expect([...seenCodes].sort()).toEqual(Object.keys(violationCodes).sort());
    const { code } = document.components.schemas.Violation.anyOf[0].properties;
    const named = document.components.schemas[code.$ref?.split('/').at(-1)] ?? code;
    expect(named.enum.toSorted()).toEqual(Object.keys(violationCodes).sort());
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey } from '../src/auth/secrets.ts';
import { type EventType, eventTypes } from '../src/db/events.ts';
import { catalogue, type ProblemName } from '../src/problems/catalogue.ts';
import { type ViolationCode, violationCodes } from '../src/problems/violation-codes.ts';
import { TestApi, TICKETS, violationsOf } from './support/api.ts';
import {
  canBeLenient,
  lenient,
  namesReference,
  picksUp,
  scopeOf,
  tooLargeFor,
} from './support/calls.ts';
import { overloaded } from './support/d1.ts';
import { type DocumentedOperation, document, operations, seen } from './support/document.ts';
import { followEvents } from './support/events.ts';
import { captureLog } from './support/faults.ts';
import { homeOf } from './support/homes.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { seenCodes, seenProblems } from './support/problems.ts';
import {
  operationNamed,
  Scene,
  strangersAuthorization,
  TOKEN,
  wrongToken,
} from './support/scene.ts';
import {
  createTicket,
  NOBODY,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
} from './support/tickets.ts';
import { Receiver, writeEndpoint } from './support/webhooks.ts';

let scene: Scene;
let api: TestApi;
let partner: TestPartner;
let ticket: Ticket;

beforeEach(async () => {
  scene = await Scene.set();
  ({ api, partner, ticket } = scene);
});

function violate(operation: DocumentedOperation): Promise<Response> {
  if (operation.requestBody) {
    return scene.send(operation, { body: operation.operationId === TOKEN ? 'scope=x' : '{}' });
  }
  if (namesReference(operation)) {
    return scene.send(operation, { id: 'R'.repeat(256) });
  }
  if (operation.path.includes('{')) {
    return scene.send(operation, { id: 'nonsense' });
  }
  const isConditional = operation.parameters?.some(({ name }) => name === 'If-Match');
  const headers = { 'if-match': 'nonsense' };
  return scene.send(operation, isConditional ? { headers } : { query: '?limit=-1' });
}

/** Functions that provoke each status. */
const provocations: Record<string, (operation: DocumentedOperation) => Promise<Response>> = {
  200: (operation) =>
    picksUp(operation)
      ? scene.sendAgain(operation)
      : scene.succeed(operation, canBeLenient(operation) ? { headers: lenient } : {}),
  201: (operation) =>
    picksUp(operation)
      ? scene.succeed(operation)
      : scene.send(operation, namesReference(operation) ? { id: crypto.randomUUID() } : {}),
  202: (operation) => scene.send(operation),
  204: (operation) => scene.succeed(operation),
  304: async (operation) => {
    const etag = (await scene.succeed(operation)).headers.get('etag');
    return scene.send(operation, { headers: { 'if-none-match': etag } });
  },
  400: violate,
  401: (operation) => scene.send(operation, { headers: strangersAuthorization }),
  403: async (operation) => {
    const headers =
      scopeOf(operation) === undefined
        ? { 'x-api-key': (await makePartner({ home: homeOf(partner) })).apiKey }
        : await partner.headers(api, []);
    return scene.send(operation, { headers });
  },
  404: (operation) => scene.send(operation, { id: crypto.randomUUID() }),
  405: (operation) => scene.send(operation, { method: 'PATCH' }),
  406: (operation) => scene.send(operation, { headers: { accept: 'image/png' } }),
  412: (operation) => scene.succeed(operation, { headers: { 'if-match': '"99"' } }),
  413: (operation) => scene.send(operation, { body: tooLargeFor(operation) }),
  415: (operation) => scene.send(operation, { headers: { 'content-type': 'text/plain' } }),
  409: (operation) => {
    if (picksUp(operation)) {
      return scene.sendNotReady(operation);
    }
    if (operation.operationId === 'putProductLine') {
      return scene.sendTooManyLines(operation);
    }
    if (namesReference(operation)) {
      return scene.sendAmbiguous(operation);
    }
    if (operation.operationId.startsWith('createPreparedTicket')) {
      return scene.sendFull(operation);
    }
    if (operation.path.includes('{endpoint-id}')) {
      return scene.sendUnwanted(operation);
    }
    return operation.method === 'POST'
      ? scene.sendTooMany(operation)
      : scene.sendOnItself(operation);
  },
  410: (operation) => scene.sendGone(operation),
  422: (operation) => scene.sendReused(operation),
  429: (operation) => {
    const isToken = operation.operationId === TOKEN;
    return scene.sendTooOften(operation, isToken ? 'refused-credentials' : 'partner');
  },
  500: (operation) => scene.sendToBroken(operation),
  503: (operation) => scene.sendToUnavailable(operation, overloaded()),
};

const documentedResponses = operations.flatMap((operation) =>
  Object.keys(operation.responses)
    .filter((status) => status !== 'default')
    .map((status) => ({ operation, what: `${operation.operationId} ${status}`, status })),
);

describe('each documented response can be provoked and matches the document', () => {
  test.each(documentedResponses)('$what', async ({ operation, status, what }) => {
    captureLog();
    const response = await provocations[status]?.(operation);
    expect(response?.status).toBe(Number(status));
    expect(seen).toContain(what);
  });

  test('optional headers are present where they apply', async () => {
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
    '$operationId documents its response to a body that is too large',
    async (operation) => {
      const response = await scene.send(operation, { body: tooLargeFor(operation) });
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
  repeated_item: () => {
    const line = { product_id: PRODUCT, quantity: 1 };
    const body = { ...newTicket, product_lines: [line, line] };
    return api.put(referencePath(newTicket.preparer_external_reference), partner, body);
  },
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

describe('each documented violation can be provoked', () => {
  test.each(Object.entries(violations))('%s', async (code, provoke) => {
    const response = await provoke();
    expect(response.status).toBe(400);
    expect((await violationsOf(response)).map((text) => text.split(' ')[1])).toContain(code);
  });
});

/** The operation that makes each change of which an event tells, or else a function. */
const changes: Record<EventType, string | (() => Promise<void>)> = {
  'prepared_ticket.created': 'createPreparedTicket',
  'prepared_ticket.updated': 'updatePreparedTicket',
  'prepared_ticket.deleted': 'deletePreparedTicket',
  'prepared_ticket.picked_up': 'pickUpPreparedTicket',
  // The line of the scene has the quantity of the document's example.
  'product_line.put': async () => void (await putLine(api, partner, scene.ticket.id, NOBODY)),
  'product_line.deleted': 'deleteProductLine',
  'client.created': 'createOAuthClient',
  'client.updated': 'updateOAuthClient',
  'client.rotated': 'rotateOAuthClientSecret',
  'client.deleted': 'deleteOAuthClient',
  'api_key.created': 'createApiKey',
  'api_key.updated': 'updateApiKey',
  'api_key.rotated': 'rotateApiKey',
  'api_key.deleted': 'deleteApiKey',
  'webhook_endpoint.created': 'createWebhookEndpoint',
  'webhook_endpoint.updated': 'updateWebhookEndpoint',
  'webhook_endpoint.rotated': 'rotateWebhookSecret',
  'webhook_endpoint.deleted': 'deleteWebhookEndpoint',
  'webhook_endpoint.disabled': refuseWebhooks,
};

/** Makes an endpoint answer that it wants no more webhooks. */
async function refuseWebhooks(): Promise<void> {
  const isolate = new TestApi();
  const endpoint = await writeEndpoint(partner);
  const receiver = new Receiver(isolate, [endpoint]);
  receiver.reply = () => new Response(null, { status: 410 });
  await createTicket(isolate, partner);
  await receiver.deliver(endpoint);
}

describe('each documented type of events can be received from the feed', () => {
  test.each(eventTypes)('%s', async (type) => {
    const change = changes[type];
    if (typeof change === 'string') {
      expect((await scene.succeed(operationNamed(change))).ok).toBe(true);
    } else {
      await change();
    }
    expect((await followEvents(api, partner)).map((event) => event.type)).toContain(type);
  });
});

test('a body that is not JSON is malformed-body, not a violation', async () => {
  const response = await api.post(TICKETS, partner, '{');
  expect(await response.json()).toMatchObject({ type: '/problems/malformed-body' });
});

describe('each cause of rejected credentials has its own problem type', () => {
  const operation = operationNamed('listPreparedTickets');
  const send = (headers: Record<string, string | null>) => scene.send(operation, { headers });

  test.each<[ProblemName, () => Promise<Response>]>([
    ['credentialsMissing', () => send({ authorization: null })],
    [
      'tokenExpired',
      async () => send({ authorization: `Bearer ${await partner.token(api.now - 3_600_000)}` }),
    ],
    ['tokenInvalid', () => send(wrongToken)],
    ['apiKeyInvalid', () => send({ 'x-api-key': newApiKey('test') })],
    ['scopeMissing', async () => send(await partner.headers(api, []))],
    [
      'partnerMismatch',
      async () => send({ 'x-api-key': (await makePartner({ home: homeOf(partner) })).apiKey }),
    ],
    ['quotaExceeded', () => scene.sendTooOften(operation, 'partner')],
    ['tooManyFailedAttempts', () => scene.sendTooOften(operation, 'refused-credentials')],
  ])('%s', async (name, provoke) => {
    const { type, title, status } = catalogue[name];
    expect(await (await provoke()).json()).toMatchObject({ type, title, status });
  });
});

test('an unsigned report of leaked secrets is rejected', async () => {
  const response = await api.request('POST', '/leaked-secrets', { body: [] });
  expect(await response.json()).toMatchObject({ type: '/problems/wrong-signature' });
});

describe('all tests together', () => {
  test('cover every operation and status of the document', () => {
    expect(documentedResponses.map(({ what }) => what).filter((what) => !seen.has(what))).toEqual(
      [],
    );
  });

  test('cover exactly the problems and violation codes of the catalogue', () => {
    expect([...seenProblems].sort()).toEqual(Object.keys(catalogue).sort());
    expect([...seenCodes].sort()).toEqual(Object.keys(violationCodes).sort());
    const { code } = document.components.schemas.Violation.anyOf[0].properties;
    const named = document.components.schemas[code.$ref?.split('/').at(-1)] ?? code;
    expect(named.enum.toSorted()).toEqual(Object.keys(violationCodes).sort());
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { type EventType, eventTypes } from '../src/db/events.ts';
import { catalogue } from '../src/problems/catalogue.ts';
import { listedProblems } from '../src/problems/responses.ts';
import { type ViolationCode, violationCodes } from '../src/problems/violation-codes.ts';
import { TestApi, TICKETS, violationsOf } from './support/api.ts';
import { canBeLenient, lenient, namesReference, picksUp, tooLargeFor } from './support/calls.ts';
import { type DocumentedOperation, document, operations, seen } from './support/document.ts';
import { followEvents } from './support/events.ts';
import { captureLog, retryAtOnce } from './support/faults.ts';
import { expectForcedTwin } from './support/forced-twin.ts';
import type { TestPartner } from './support/partners.ts';
import { seenCodes, seenProblems } from './support/problems.ts';
import { provocations, violate } from './support/provocations.ts';
import { operationNamed, Scene, strangersAuthorization } from './support/scene.ts';
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

/** Functions that provoke each status below 400, and the OAuth errors of the token endpoint. */
const successes: Record<string, (operation: DocumentedOperation) => Promise<Response>> = {
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
  400: (operation) => violate(scene, operation),
  401: (operation) => scene.send(operation, { headers: strangersAuthorization }),
};

const documentedResponses = operations.flatMap((operation) =>
  Object.entries(operation.responses)
    .filter(([status]) => status !== 'default')
    .map(([status, { content }]) => ({
      ...{ operation, status, what: `${operation.operationId} ${status}` },
      isProblem: content !== undefined && 'application/problem+json' in content,
    })),
);

describe('each documented response that is no problem can be provoked and matches the document', () => {
  test.each(documentedResponses.filter(({ isProblem }) => !isProblem))(
    '$what',
    async ({ operation, status, what }) => {
      const response = await successes[status]?.(operation);
      expect(response?.status).toBe(Number(status));
      expect(seen).toContain(what);
    },
  );
});

/** The statuses of problems whose provocation changes what the scene contains. */
const CHANGING = [409, 410, 422];

describe('each documented problem can be provoked, and forced with the same members and headers', () => {
  test.each(operations)('$operationId', async (operation) => {
    captureLog();
    retryAtOnce();
    const unchanged = scene;
    for (const listed of listedProblems(operation.responses)) {
      const { name, definition } = listed;
      const each = CHANGING.includes(definition.status) ? await Scene.set() : unchanged.again();
      const real = await provocations[name as keyof typeof provocations]?.(each, operation);
      expect(real?.status, `${operation.operationId} ${name}`).toBe(definition.status);
      expect(await real?.clone().json()).toMatchObject({ type: definition.type });
      if (operation.security.length > 0) {
        await expectForcedTwin(unchanged.again(), operation, listed, real as Response);
      }
    }
  });
});

describe('beside the documented statuses', () => {
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
    expect(named.examples.toSorted()).toEqual(Object.keys(violationCodes).sort());
  });
});

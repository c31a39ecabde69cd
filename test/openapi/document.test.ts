import { describe, expect, test } from 'vitest';
import { scopes } from '../../src/auth/scopes.ts';
import { ORIGIN, TestApi } from '../support/api.ts';
import { document, operations, webhooks } from '../support/document.ts';

const api = new TestApi();
const TICKETS = '/v2/tickets/prepared-tickets';
const BATCHES = '/v2/tickets/prepared-ticket-batches';
const SYNCS = '/v2/tickets/prepared-ticket-syncs';
const TICKET = `${TICKETS}/{prepared-ticket-id}`;
const LINES = `${TICKET}/product-lines`;
const LINE = `${LINES}/{product-id}`;
const BY_REFERENCE = `${TICKETS}/by-reference/{preparer_external_reference}`;
const PICKED_UP = '/v2/tickets/tickets';
const ENDPOINTS = '/v2/system/webhook-endpoints';
const ENDPOINT = `${ENDPOINTS}/{endpoint-id}`;
const read = 'prepared-tickets:read';
const write = 'prepared-tickets:write';
const manage = 'credentials:manage';
const receive = 'webhooks:manage';
/** Stands for both credentials without a particular scope. */
const anyScope = 'any scope';

/** Header parameters, with the status that each can lead to. */
type Conditions = Record<string, string>;
const reading: Conditions = { 'If-None-Match': '304', 'If-Match': '412' };
const writing: Conditions = { 'If-Match': '412', 'If-None-Match': '412' };
const keyed: Conditions = { 'Idempotency-Key': '422' };

/** An operation: method and path, success statuses, scope, and header parameters except the bookmark. */
type Row = [operation: string, successes: string[], scope: string | null, conditions?: Conditions];

/** The operations of the contract. */
const table: Row[] = [
  [`GET ${TICKETS}`, ['200'], read],
  [`POST ${TICKETS}`, ['201'], write, keyed],
  [`POST ${BATCHES}`, ['200', '201'], write, { ...keyed, Prefer: '200' }],
  [`POST ${SYNCS}`, ['200'], write],
  ['GET /v2/tickets/prepared-ticket-export', ['200'], read],
  [`GET ${TICKET}`, ['200'], read, reading],
  [`PUT ${TICKET}`, ['200'], write, writing],
  [`DELETE ${TICKET}`, ['204'], write, writing],
  [`GET ${BY_REFERENCE}`, ['200'], read, reading],
  [`PUT ${BY_REFERENCE}`, ['200', '201'], write, { ...writing, ...keyed }],
  [`DELETE ${BY_REFERENCE}`, ['204'], write, writing],
  [`GET ${LINES}`, ['200'], read],
  [`GET ${TICKET}/readiness`, ['200'], read],
  [`POST ${TICKET}/pick-up`, ['200', '201'], 'prepared-tickets:pick-up', writing],
  [`GET ${PICKED_UP}`, ['200'], read],
  ['GET /v2/tickets/ticket-export', ['200'], read],
  [`GET ${PICKED_UP}/{ticket-id}`, ['200'], read, reading],
  [`GET ${PICKED_UP}/{ticket-id}/product-lines`, ['200'], read],
  [`GET ${LINE}`, ['200'], read, reading],
  [`PUT ${LINE}`, ['200', '201'], write, writing],
  [`DELETE ${LINE}`, ['204'], write, writing],
  ...['clients/{client-id}', 'api-keys/{key-id}'].flatMap((path): Row[] => {
    const one = `/v2/system/${path}`;
    const all = one.replace(/\/\{.+/, '');
    return [
      [`GET ${all}`, ['200'], manage],
      [`POST ${all}`, ['201'], manage, keyed],
      [`GET ${one}`, ['200'], manage, reading],
      [`PUT ${one}`, ['200'], manage, writing],
      [`DELETE ${one}`, ['204'], manage, writing],
      [`POST ${one}/secrets`, ['201'], manage, writing],
    ];
  }),
  ['GET /v2/system/events', ['200'], 'events:read'],
  [`GET ${ENDPOINTS}`, ['200'], receive],
  [`POST ${ENDPOINTS}`, ['201'], receive, keyed],
  [`GET ${ENDPOINT}`, ['200'], receive, reading],
  [`PUT ${ENDPOINT}`, ['200'], receive, writing],
  [`DELETE ${ENDPOINT}`, ['204'], receive, writing],
  [`POST ${ENDPOINT}/secrets`, ['201'], receive, writing],
  [`POST ${ENDPOINT}/test-deliveries`, ['202'], receive],
  [`GET ${ENDPOINT}/deliveries`, ['200'], receive],
  [`POST ${ENDPOINT}/replays`, ['202'], receive],
  [`POST ${ENDPOINT}/attempts`, ['202'], receive],
  ['GET /v2/system/partner', ['200'], anyScope],
  ['POST /oauth2/token', ['200'], null],
  ['GET /.well-known/jwks.json', ['200'], null],
  ['GET /.well-known/oauth-authorization-server', ['200'], null],
  ['GET /health', ['200'], null],
  ['GET /health/ready', ['200'], null],
];

const named = Object.fromEntries(operations.map((o) => [`${o.method} ${o.path}`, o]));

test('the document has exactly the operations of the contract', () => {
  expect(Object.keys(named).sort()).toEqual(table.map(([name]) => name).sort());
});

describe.each(table)('%s', (name, successes, scope, conditions = {}) => {
  const {
    security,
    responses,
    operationId,
    parameters = [],
    ...operation
  } = named[name] as never as (typeof operations)[number] & {
    summary: string;
    description: string;
    tags: string[];
  };

  test('requires its scope and an API key together, or no credentials', () => {
    const required = scope === anyScope ? [] : [scope];
    expect(security).toEqual(scope === null ? [] : [{ OAuth2: required, ApiKey: [] }]);
  });

  test('lists the statuses that it can return', () => {
    const statuses = Object.keys(responses);
    expect(statuses.filter((status) => status < '300').sort()).toEqual(successes);
    const errors = new Set(['500', '503', 'default']);
    if (scope !== null) {
      for (const status of ['401', '403', '429']) {
        errors.add(status);
      }
    }
    // A PUT by reference creates what is not there.
    if (operation.path.includes('{') && name !== `PUT ${BY_REFERENCE}`) {
      errors.add('404');
    }
    if (parameters.some((p) => p.in !== 'header') || 'If-Match' in conditions) {
      errors.add('400');
    }
    if (operation.requestBody) {
      errors.add('400').add('413');
    }
    if (operation.requestBody?.content['application/json']) {
      errors.add('415');
    }
    expect(statuses).toEqual(expect.arrayContaining([...errors]));
    const conditional = [...new Set(Object.values(conditions))];
    expect(statuses).toEqual(expect.arrayContaining(conditional));
    expect(statuses.filter((status) => ['304', '412', '422'].includes(status))).toEqual(
      conditional.filter((status) => status >= '300'),
    );
    for (const [status, { description, headers }] of Object.entries(responses)) {
      expect(description, status).toMatch(/\S/);
      expect(Object.keys(headers ?? {}), status).toContain('X-Request-Id');
    }
  });

  test('declares its parameters, summary, description and tag', () => {
    const inPath = [...operation.path.matchAll(/\{(.+?)\}/g)].map(([, variable]) => variable);
    expect(parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(inPath);
    expect(parameters.filter((p) => p.in === 'path').every((p) => p.required)).toBe(true);
    const inHeader = parameters.filter((p) => p.in === 'header');
    expect(inHeader.map((p) => p.name).sort()).toEqual(
      [...Object.keys(conditions), ...(scope === null ? [] : ['x-d1-bookmark'])].sort(),
    );
    expect(inHeader.some((p) => p.required)).toBe(false);
    expect(operation.summary).toMatch(/\S/);
    expect(operation.description).toMatch(/\.$/);
    expect(operation.tags).toHaveLength(1);
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
  });
});

describe('OpenAPI 3.1', () => {
  test('the document has the required members, and every reference resolves', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(document.servers).toHaveLength(1);
    const text = JSON.stringify(document);
    for (const [, path = ''] of text.matchAll(/"\$ref":"#\/(.*?)"/g)) {
      const target = path.split('/').reduce((node, step) => node?.[step], document);
      expect(target, path).toBeDefined();
    }
    expect(text, 'the keyword nullable of OpenAPI 3.0').not.toContain('"nullable":');
  });

  test('operation ids are unique, and every tag is declared', () => {
    const all = [...operations, ...webhooks];
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
    const used = operations.flatMap((operation) => (operation as never as { tags: string[] }).tags);
    const declared = document.tags.map(({ name }: { name: string }) => name);
    expect([...new Set(used)].sort()).toEqual(declared.sort());
  });

  test('the security schemes declare OAuth 2 with every scope, and the API key', () => {
    expect(document.components.securitySchemes).toMatchObject({
      OAuth2: {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: `${ORIGIN}/oauth2/token`, scopes } },
      },
      ApiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    });
  });

  test('request bodies are required and reject unknown members', () => {
    for (const { requestBody, operationId } of operations) {
      if (requestBody) {
        expect(requestBody.required, operationId).toBe(true);
      }
    }
    for (const name of ['NewPreparedTicket', 'PreparedTicketUpdate', 'ProductLineUpdate']) {
      expect(document.components.schemas[name].additionalProperties, name).toBe(false);
    }
  });

  test('a prepared ticket has exactly eight members, all required', () => {
    const members = [
      'id',
      'created_at',
      'customer_id',
      'ticket_number',
      'vehicle_model_id',
      'vin',
      'voucher_code',
      'preparer_external_reference',
    ];
    const { properties, required } = document.components.schemas.PreparedTicket;
    expect(Object.keys(properties)).toEqual(members);
    expect(required.toSorted()).toEqual(members.toSorted());
  });
});

test('the document with its webhooks takes at most 10 KiB for each operation', () => {
  const bytes = new TextEncoder().encode(JSON.stringify(document)).byteLength;
  expect(bytes / operations.length).toBeLessThanOrEqual(10 * 1024);
});

test('responses that several operations share are components', () => {
  const seen = new Set<string>();
  for (const item of Object.values<Record<string, { responses: object }>>(document.paths)) {
    for (const { responses } of Object.values(item)) {
      for (const response of Object.values(responses).filter((each) => !('$ref' in each))) {
        expect(seen.has(JSON.stringify(response))).toBe(false);
        seen.add(JSON.stringify(response));
      }
    }
  }
  expect(Object.keys(document.components.responses)).toContain('Unauthorized');
});

test('/openapi.json always returns the same document', async () => {
  const response = await api.get('/openapi.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  const text = await response.text();
  expect(JSON.parse(text)).toEqual(document);
  expect(await (await api.get('/openapi.json')).text()).toBe(text);
});

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../src/context.ts';
import { writeLine } from '../../src/http/log.ts';
import wranglerToml from '../../wrangler.toml?raw';
import { START, TestApi, TICKETS } from '../support/api.ts';
import { callOf, namesSpare } from '../support/calls.ts';
import { overloaded, WatchedD1 } from '../support/d1.ts';
import { operations } from '../support/document.ts';
import { api, makeApiAndPartner, partner, useApi } from '../support/each-test.ts';
import { breakApi, captureLog, retryAtOnce } from '../support/faults.ts';
import { homeOf } from '../support/homes.ts';
import { makeSpare } from '../support/partners.ts';
import {
  createTicket,
  linesPath,
  newTicket,
  PRODUCT,
  putLine,
  ticketPath,
  ticketUpdate,
} from '../support/tickets.ts';
import { basic, requestToken } from '../support/token-requests.ts';

beforeEach(makeApiAndPartner);

/** Returns the log line and the response of the one request that `send` makes. */
async function lineOf(send: () => Promise<Response>): Promise<[LogLine, Response]> {
  api.log.length = 0;
  const response = await send();
  const lines = api.log.filter(({ event }) => event === 'request');
  expect(lines).toHaveLength(1);
  return [lines[0] as LogLine, response];
}

describe('the request log', () => {
  test('has one line for a request, with its caller, operation, status, duration and cost in D1', async () => {
    const clock = vi.spyOn(api, 'now', 'get');
    let now = START;
    clock.mockImplementation(() => now++);
    const [line, response] = await lineOf(() => api.get(TICKETS, partner));
    expect(line).toEqual({
      event: 'request',
      request_id: response.headers.get('x-request-id'),
      operation: 'listPreparedTickets',
      method: 'GET',
      status: 200,
      duration: expect.any(Number),
      partner: partner.partnerId,
      client: partner.clientId,
      trips: 1,
      rows_read: expect.any(Number),
      rows_written: 0,
    });
    expect(line.duration).toBeGreaterThan(0);
  });

  test.each(operations)('names the operation $operationId', async (operation) => {
    const ticket = await createTicket(api, partner);
    const spare = await makeSpare(partner);
    const call = callOf(operation, namesSpare(operation) ? spare : ticket.id);
    const [line, response] = await lineOf(() =>
      api.request(call.method, call.path, { ...call, as: partner }),
    );
    expect(line).toMatchObject({
      operation: operation.operationId,
      method: operation.method,
      status: response.status,
    });
    const timing = response.headers.get('server-timing');
    expect(timing).toContain(
      `trips=${line.trips} read=${line.rows_read} written=${line.rows_written}`,
    );
    expect('partner' in line).toBe(operation.security.length > 0);
  });

  test.each([
    ['a request for an unknown path', 'GET', '/nothing', 404, null],
    ['a request with a method that is not allowed', 'PATCH', TICKETS, 405, null],
    ['a preflight', 'OPTIONS', TICKETS, 204, null],
    ['a HEAD request', 'HEAD', '/health', 200, 'getHealth'],
    ['a request without credentials', 'GET', TICKETS, 401, 'listPreparedTickets'],
    ['a request for a page', 'GET', '/docs.md', 200, null],
  ])('has a line for %s', async (_what, method, path, status, operation) => {
    const [line] = await lineOf(() => api.request(method, path));
    expect(line).toMatchObject({ method, status });
    if (operation !== null) {
      expect(line.operation).toBe(operation);
    }
    expect('partner' in line).toBe(false);
  });

  test('has a line for a request that fails with 500, after the line of the fault', async () => {
    captureLog();
    breakApi(api);
    const [line] = await lineOf(() => api.get('/health'));
    expect(line.status).toBe(500);
    expect(api.log.map(({ event }) => event)).toEqual(['fault', 'request']);
  });

  test('names the partner of a request that exceeds a rate limit', async () => {
    const limit = { limit: async () => ({ success: false }) };
    useApi(new TestApi({ RATE_LIMITS: 'on', PARTNER_LIMIT: limit }));
    const [line] = await lineOf(() => api.get(TICKETS, partner));
    expect(line).toMatchObject({ status: 429, partner: partner.partnerId });
  });
});

describe('an internal fault', () => {
  test.each([
    ['a temporary fault', overloaded(), 'DatabaseUnavailable', 503],
    ['a bug', new Error('D1_ERROR: no such table: x: SQLITE_ERROR'), 'DatabaseFault', 500],
  ])('is logged in a line of its own: %s', async (_what, fault, error, status) => {
    captureLog();
    const d1 = new WatchedD1();
    useApi(new TestApi({ DB: d1.db }));
    d1.fault = fault;
    const [request, response] = await lineOf(() => api.get(TICKETS, partner));
    expect(request.status).toBe(status);
    expect(api.log.filter(({ event }) => event === 'fault')).toEqual([
      {
        event: 'fault',
        request_id: response.headers.get('x-request-id'),
        method: 'GET',
        home: homeOf(partner).name,
        error,
        message: fault.message,
        stack: expect.stringContaining('.ts:'),
      },
    ]);
  });

  test('is not logged for a response with a 4xx status', async () => {
    await api.post(TICKETS, partner, {});
    await api.get(ticketPath(crypto.randomUUID()), partner);
    await api.get(TICKETS);
    expect(api.log.filter(({ event }) => event === 'fault')).toEqual([]);
  });
});

describe('traceparent', () => {
  const GOOD = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const kept = async (traceparent: string) => {
    const [line] = await lineOf(() => api.request('GET', '/health', { headers: { traceparent } }));
    return line.traceparent;
  };

  test('is logged with the request and with a fault if it is valid', async () => {
    expect(await kept(GOOD)).toBe(GOOD);
    captureLog();
    useApi(new TestApi());
    breakApi(api);
    await api.request('GET', '/health', { headers: { traceparent: GOOD } });
    expect(api.log[0]).toMatchObject({ event: 'fault', traceparent: GOOD });
  });

  test.each([
    '',
    'x',
    GOOD.slice(1),
    `${GOOD}0`,
    `${GOOD}-secret`,
    GOOD.toUpperCase(),
    GOOD.replace('4bf9', '4bg9'),
    GOOD.replace(/^00/, 'ff'),
    GOOD.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
    GOOD.replace('00f067aa0ba902b7', '0'.repeat(16)),
    `${GOOD}, ${GOOD}`,
  ])('is not logged if it is invalid: %s', async (traceparent) => {
    expect(await kept(traceparent)).toBeUndefined();
  });
});

/** Returns a random value that a log line cannot contain by chance. */
const marker = (length: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) =>
    String.fromCharCode(65 + (byte % 26)),
  ).join('');

test('no log line contains a secret, a token, a key, a VIN, a reference or a query', async () => {
  const written = captureLog();
  const d1 = new WatchedD1();
  useApi(new TestApi({ DB: d1.db }));
  const values = {
    vin: marker(17),
    voucher_code: marker(8),
    preparer_external_reference: marker(24),
  };
  const key = marker(20);
  const customer = crypto.randomUUID();
  const headers: Record<string, string> = {
    ...(await partner.headers(api)),
    'idempotency-key': key,
    'if-match': '"1-1"',
  };
  const path = `${TICKETS}?${new URLSearchParams({ vin: values.vin, customer_id: customer, preparer_external_reference: values.preparer_external_reference })}`;
  const body = { ...newTicket, ...values, customer_id: customer };
  const calls: [string, string, unknown?][] = [
    ['POST', TICKETS, body],
    ['POST', TICKETS, { ...body, vin: `${values.vin}X` }],
    ['POST', TICKETS, { ...body, [marker(12)]: 1 }],
    ['POST', TICKETS, `{"vin":"${values.vin}"`],
    ['GET', path],
    ['GET', `${path}&vin=${values.vin}`],
    ['GET', `${TICKETS}/${values.vin}`],
    ['GET', `/${values.vin}`],
    ['PATCH', `${TICKETS}?vin=${values.vin}`],
  ];
  const run = async () => {
    const ticket = await createTicket(new TestApi(), partner, values);
    await putLine(new TestApi(), partner, ticket.id, PRODUCT);
    const onTicket: [string, string, unknown?][] = [
      ['GET', ticketPath(ticket.id)],
      ['PUT', ticketPath(ticket.id), { ...ticketUpdate, ...values }],
      ['GET', `${linesPath(ticket.id)}?limit=1`],
      ['PUT', linesPath(ticket.id, PRODUCT), { quantity: 2 }],
      ['DELETE', linesPath(ticket.id, PRODUCT)],
      ['DELETE', ticketPath(ticket.id)],
    ];
    for (const [method, target, sent] of [...calls, ...onTicket]) {
      await api.request(method, target, { headers, body: sent });
      await api.request(method, target, {
        body: sent,
        headers: { ...headers, 'x-api-key': marker(9) },
      });
    }
    await requestToken(api, basic(partner));
    await requestToken(api, basic({ ...partner, clientSecret: `${partner.clientSecret}x` }));
  };
  await run();
  retryAtOnce();
  for (const message of [
    'D1_ERROR: Network connection lost.',
    `Failed query: select "vin" from t where vin = ?\nparams: ${values.vin},${customer}`,
  ]) {
    d1.fault = new Error(message);
    await run();
  }
  const lines = [...api.log.map((line) => JSON.stringify(line)), ...written.lines].join('\n');
  expect(api.log.some(({ event }) => event === 'fault')).toBe(true);
  const token = (headers.authorization as string).split(' ')[1] as string;
  const confidential = [
    ...Object.values(values),
    customer,
    key,
    ...token.split('.'),
    partner.apiKey,
    partner.clientSecret,
    ...[env.SIGNING_KEY_A, env.SIGNING_KEY_B].map((key) => JSON.parse(key).d as string),
    'customer_id=',
    'limit=',
  ];
  expect(confidential.filter((value) => lines.includes(value))).toEqual([]);
});

test('writeLine writes JSON to the console, and a fault as an error', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  writeLine({ event: 'request', status: 200 });
  writeLine({ event: 'fault', message: 'a\nb' });
  expect(log.mock.calls).toEqual([['{"event":"request","status":200}']]);
  expect(error.mock.calls).toEqual([['{"event":"fault","message":"a\\nb"}']]);
});

test('the invocation logs of the platform, which contain URLs, are disabled', () => {
  expect(wranglerToml).toMatch(/^invocation_logs = false$/m);
});

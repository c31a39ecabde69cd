import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../support/api.ts';
import { overloaded, WatchedD1 } from '../support/d1.ts';
import { api, makePartnerOf, partner } from '../support/each-test.ts';
import { breakApi, captureLog } from '../support/faults.ts';
import { main } from '../support/homes.ts';
import { newTicket } from '../support/tickets.ts';

let log: ReturnType<typeof captureLog>;
let d1: WatchedD1;

beforeEach(async () => {
  log = captureLog();
  d1 = new WatchedD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
});

const body = {
  ...newTicket,
  vin: 'WVWZZZ1JZXW000001',
  voucher_code: 'SECRET77',
  preparer_external_reference: 'REFERENCE-OF-THE-CALLER',
};

/** Returns the values that neither a response nor the log may contain. */
async function confidential(headers: Record<string, string>): Promise<string[]> {
  const token = (headers.authorization as string).split(' ')[1] as string;
  return [
    token,
    ...token.split('.'),
    partner.apiKey,
    partner.clientSecret,
    ...[env.SIGNING_KEY_A, env.SIGNING_KEY_B].map((key) => JSON.parse(key).d as string),
    body.vin,
    body.voucher_code,
    body.preparer_external_reference,
    body.customer_id,
  ];
}

function expectNoneIn(text: string, secrets: readonly string[]) {
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
}

describe('the error of a failed statement', () => {
  const sql = 'insert into "prepared_tickets" ("vin") values (?) returning "id"';
  const causes: [string, number, () => Error][] = [
    ['overload', 503, overloaded],
    [
      'overload as the cause of a query error',
      503,
      () => new Error(`Failed query: ${sql}\nparams: ${body.vin}`, { cause: overloaded() }),
    ],
    ['lost connection', 503, () => new Error('D1_ERROR: Network connection lost.')],
    [
      'broken constraint',
      500,
      () => new Error('D1_ERROR: UNIQUE constraint failed: prepared_tickets.id: SQLITE_CONSTRAINT'),
    ],
    [
      'query error with the statement, its values and a cause',
      500,
      () =>
        new Error(`Failed query: ${sql}\nparams: ${body.vin},${body.preparer_external_reference}`, {
          cause: new Error('D1_ERROR: no such table: prepared_tickets: SQLITE_ERROR'),
        }),
    ],
    [
      'query error without a cause',
      500,
      () => new Error(`Failed query: ${sql}\nparams: ${body.vin}`),
    ],
  ];

  test.each(causes)(
    'is not in the response, and the log contains no value: %s',
    async (_name, status, cause) => {
      const headers = await partner.headers(api);
      await api.request('GET', TICKETS, { headers });
      d1.fault = cause();
      const response = await api.request('POST', TICKETS, { body, headers });
      expect(response.status).toBe(status);
      const secrets = await confidential(headers);
      const answer = await response.text();
      expectNoneIn(answer, secrets);
      expect(answer).not.toMatch(/D1|SQLITE|constraint|insert|stack|\.ts|prepared_tickets/);
      expectNoneIn(log.text(), secrets);
    },
  );

  test('is one structured log line with the request id', async () => {
    d1.fault = new Error('D1_ERROR: no such table: x: SQLITE_ERROR');
    const response = await api.get(TICKETS, partner);
    expect(log.lines).toHaveLength(1);
    expect(JSON.parse(log.lines[0] as string)).toMatchObject({
      event: 'fault',
      request_id: response.headers.get('x-request-id'),
      method: 'GET',
      message: expect.stringContaining('no such table: x'),
      stack: expect.any(String),
    });
  });
});

describe('a bug', () => {
  test('reveals neither its message nor its stack in the response', async () => {
    breakApi(api, 'words of the cause');
    const response = await api.request('GET', '/health', { headers: { 'x-request-id': 'mine' } });
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: expect.any(String),
      request_id: 'mine',
    });
    expect(log.lines).toHaveLength(1);
    expect(log.text()).toContain('words of the cause');
  });

  test('in the result of a query reveals no rows in the response', async () => {
    await api.get(TICKETS, partner);
    d1.results = [{ results: null }];
    const response = await api.get(TICKETS, partner);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/null|undefined|results|TypeError/);
  });
});

describe('an invalid configuration', () => {
  const keyA = JSON.parse(env.SIGNING_KEY_A) as Record<string, string>;
  const keyB = JSON.parse(env.SIGNING_KEY_B) as Record<string, string>;
  const secrets = [keyA, keyB].flatMap(({ d, x }) => [d, x]) as string[];
  const faults: [string, keyof Env, unknown][] = [
    ['no issuer', 'ISSUER', undefined],
    ['an issuer that is not a URL', 'ISSUER', 'value-of-the-issuer'],
    ['no signing key', 'SIGNING_KEY_A', undefined],
    ['no next signing key', 'SIGNING_KEY_B', undefined],
    ['a signing key that is not JSON', 'SIGNING_KEY_A', 'value-of-the-key'],
    ['a key without its private part', 'SIGNING_KEY_B', JSON.stringify({ ...keyB, d: undefined })],
    ['a key of another curve', 'SIGNING_KEY_A', JSON.stringify({ ...keyA, crv: 'P-384' })],
    ['one key in both slots', 'SIGNING_KEY_B', env.SIGNING_KEY_A],
    ['a signer that is not a slot', 'SIGNER', 'value-of-the-signer'],
    ['no database', 'DB', undefined],
    ['a binding that is not a database', 'DB', {}],
  ];

  test.each(faults)('with %s returns 503, and the log names %s', async (_name, binding, value) => {
    const headers = await partner.headers(api);
    for (const path of [TICKETS, '/oauth2/token', '/.well-known/jwks.json']) {
      const broken = new TestApi({ [binding === 'DB' ? main.binding : binding]: value });
      log.lines.length = 0;
      const method = path === '/oauth2/token' ? 'POST' : 'GET';
      const response = await broken.request(method, path, { headers });
      expect(response.status, path).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      const answer = await response.text();
      expect(answer).not.toContain(binding);
      expect(log.lines, path).toHaveLength(1);
      expect(JSON.parse(log.lines[0] as string).message).toContain(binding);
      for (const secret of ['value-of-the', ...secrets]) {
        expect(log.text()).not.toContain(secret);
        expect(answer).not.toContain(secret);
      }
    }
  });

  test.each([
    ['that is not a point of its curve', 'A', 'SIGNING_KEY_A', { ...keyA, x: keyA.y }],
    ['whose halves do not match', 'A', 'SIGNING_KEY_A', { ...keyA, d: keyB.d }],
    [
      'whose halves do not match, in the slot that signs next',
      'A',
      'SIGNING_KEY_B',
      { ...keyB, d: keyA.d },
    ],
    ['whose halves do not match, in the second slot', 'B', 'SIGNING_KEY_B', { ...keyB, d: keyA.d }],
  ])(
    'with a signing key %s returns 503 when the key is first used',
    async (_fault, signer, binding, key) => {
      const headers = await partner.headers(api);
      const broken = new TestApi({ SIGNER: signer, [binding]: JSON.stringify(key) });
      const response = await broken.request('GET', TICKETS, { headers });
      expect(response.status).toBe(503);
      expect(JSON.parse(log.lines[0] as string).message).toBe(
        `missing or wrong binding: ${binding}`,
      );
      expectNoneIn((await response.text()) + log.text(), secrets);
    },
  );

  test('is logged with the names of all missing bindings', async () => {
    const broken = new TestApi({
      [main.binding]: undefined,
      ISSUER: undefined,
      SIGNING_KEY_A: undefined,
    });
    expect((await broken.get('/health')).status).toBe(503);
    expect(JSON.parse(log.lines[0] as string).message).toMatch(/ISSUER.*SIGNING_KEY_A.*DB/);
  });
});

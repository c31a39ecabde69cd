import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { START, TestApi } from '../../../support/api.ts';
import { clients } from '../../../support/credentials.ts';
import { overloaded, WatchedD1 } from '../../../support/d1.ts';
import { breakApi, captureLog } from '../../../support/faults.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import {
  basic,
  type ClientProof,
  post,
  requestToken,
  requestTokenWith,
} from '../../../support/token-requests.ts';

const NOBODY: ClientProof = { headers: {}, form: {} };
const GRANT = 'grant_type=client_credentials';

/** Grants with a code, a token or a password of a user (RFC 6749 §4.1, §4.3, §6; RFC 7523; RFC 8628). */
const otherGrants: Record<string, Record<string, string>> = {
  authorization_code: {
    code: 'SplxlOBeZQQYbYS6WxSbIA',
    redirect_uri: 'https://client.example.com/cb',
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  },
  refresh_token: { refresh_token: 'tGzv3JOkF0XG5Qx2TlKWIA', scope: 'prepared-tickets:read' },
  password: { username: 'johndoe', password: 'A3ddj3w' },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': { assertion: 'a.b.c' },
  'urn:ietf:params:oauth:grant-type:device_code': { device_code: 'GmRhmhcxhwAzkoEqiMEg' },
};

let d1: WatchedD1;
let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  d1 = new WatchedD1();
  api = new TestApi({ DB: d1.db });
  partner = await makePartner();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** RFC 6749 §5.2: the status and the code, a sentence in its alphabet, and no cache. */
async function expectError(response: Response, code: string): Promise<unknown> {
  const unauthenticated = code === 'invalid_client';
  expect(response.status).toBe(unauthenticated ? 401 : 400);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const challenge = response.headers.get('www-authenticate');
  if (unauthenticated) {
    expect(challenge).toMatch(/^Basic realm="/);
  } else {
    expect(challenge).toBeNull();
  }
  const body = await response.json();
  expect(body).toEqual({
    error: code,
    error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+\.$/),
  });
  return body;
}

describe.each([
  ['client_secret_basic', basic],
  ['client_secret_post', post],
])('%s', (_name, authenticate) => {
  test('invalid_client: the same answer, at the same cost, to an unknown client and a wrong secret', async () => {
    const unknown = authenticate({
      clientId: crypto.randomUUID(),
      clientSecret: partner.clientSecret,
    });
    const wrong = authenticate({ clientId: partner.clientId, clientSecret: 'pts_wrong' });
    const answers: unknown[] = [];
    for (const proof of [unknown, wrong]) {
      const cost = await d1.cost(async () => {
        const response = await requestToken(api, proof);
        const headers = [...response.headers].filter(
          ([name]) => name !== 'x-request-id' && name !== 'server-timing',
        );
        answers.push({ headers, body: await expectError(response, 'invalid_client') });
      });
      expect(cost).toBe(1);
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  test('invalid_client: the secret of another client', async () => {
    const other = await makePartner();
    const mixed = { clientId: partner.clientId, clientSecret: other.clientSecret };
    await expectError(await requestToken(api, authenticate(mixed)), 'invalid_client');
  });

  test('invalid_client: a deleted client', async () => {
    await env.DB.prepare('DELETE FROM clients WHERE id = ?').bind(partner.clientId).run();
    await expectError(await requestToken(api, authenticate(partner)), 'invalid_client');
  });

  test.each([
    ['an unknown scope', 'tickets:admin'],
    ['an unknown scope beside a good one', 'prepared-tickets:read tickets:admin'],
    ['a scope in another case', 'Prepared-Tickets:Read'],
    ['scopes with a comma between', 'prepared-tickets:read,prepared-tickets:write'],
    ['nothing but spaces', '  '],
    ['a quote', '"'],
  ])('invalid_scope: %s', async (_name_, scope) => {
    const response = await requestToken(api, authenticate(partner), { scope });
    await expectError(response, 'invalid_scope');
  });

  test('invalid_scope: one that exists but not for this client', async () => {
    const reader = await makePartner({ scopes: ['prepared-tickets:read'] });
    const scope = 'prepared-tickets:write';
    await expectError(await requestToken(api, authenticate(reader), { scope }), 'invalid_scope');
  });

  test.each([
    ['disabled', { disabled: true }],
    ['ended', { expires_at: new Date(START).toISOString() }],
  ])('unauthorized_client: a client that is %s', async (_state, chosen) => {
    const made = await clients.make(api, partner);
    const client = { clientId: made.id, clientSecret: made.secret };
    await clients.change(api, partner, made, chosen);
    await expectError(await requestToken(api, authenticate(client)), 'unauthorized_client');
    const scope = 'tickets:admin';
    const first = await requestToken(api, authenticate(client), { scope });
    await expectError(first, 'unauthorized_client');
    const wrong = authenticate({ ...client, clientSecret: partner.clientSecret });
    await expectError(await requestToken(api, wrong), 'invalid_client');
  });

  test.each(Object.entries(otherGrants))(
    'invalid_grant is never answered: %s, with all that it takes, is an unsupported_grant_type',
    async (grant_type, parameters) => {
      const sent = { grant_type, ...parameters };
      const response = await requestToken(api, authenticate(partner), sent);
      await expectError(response, 'unsupported_grant_type');
    },
  );

  test.each(['password', 'authorization_code', 'refresh_token', 'CLIENT_CREDENTIALS'])(
    'unsupported_grant_type: %s',
    async (grant_type) => {
      const response = await requestToken(api, authenticate(partner), { grant_type });
      await expectError(response, 'unsupported_grant_type');
    },
  );

  test('invalid_request: no grant_type, and an empty one', async () => {
    const { headers, form } = authenticate(partner);
    const without = new URLSearchParams(form).toString();
    await expectError(await requestTokenWith(api, without, headers), 'invalid_request');
    const empty = await requestToken(api, authenticate(partner), { grant_type: '' });
    await expectError(empty, 'invalid_request');
  });

  test.each(['grant_type', 'client_id', 'client_secret', 'scope', 'unknown'])(
    'invalid_request: %s repeated',
    async (name) => {
      const { headers, form } = authenticate(partner);
      const once = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
      const body = `${once}&${name}=a&${name}=a`;
      await expectError(await requestTokenWith(api, body, headers), 'invalid_request');
    },
  );

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'invalid_request: content type "%s"',
    async (type) => {
      const { headers, form } = authenticate(partner);
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
      const response = await requestTokenWith(api, body, { ...headers, 'content-type': type });
      await expectError(response, 'invalid_request');
    },
  );
});

describe('invalid_request: two ways of authentication at once', () => {
  test('even if both are right', async () => {
    const both = { headers: basic(partner).headers, form: post(partner).form };
    await expectError(await requestToken(api, both), 'invalid_request');
  });

  test('another client in the body than in the header', async () => {
    const response = await requestToken(api, basic(partner), { client_id: crypto.randomUUID() });
    await expectError(response, 'invalid_request');
  });
});

describe('invalid_client: no or malformed authentication, without asking D1', () => {
  test.each([
    ['none', NOBODY],
    ['an id without secret', { ...NOBODY, form: { client_id: 'x' } }],
    ['a secret without id', { ...NOBODY, form: { client_secret: 'x' } }],
    ['an empty secret', { ...NOBODY, form: { client_id: 'x', client_secret: '' } }],
    ['another scheme', { ...NOBODY, headers: { authorization: 'Bearer abc' } }],
    ['a scheme alone', { ...NOBODY, headers: { authorization: 'Basic' } }],
    ['no base64', { ...NOBODY, headers: { authorization: 'Basic ~~~' } }],
    ['base64 of a wrong length', { ...NOBODY, headers: { authorization: 'Basic abcde' } }],
    ['no colon', { ...NOBODY, headers: { authorization: `Basic ${btoa('abc')}` } }],
    ['a broken escape', { ...NOBODY, headers: { authorization: `Basic ${btoa('%zz:%')}` } }],
  ])('%s', async (_name, proof) => {
    const calls = d1.calls;
    await expectError(await requestToken(api, proof), 'invalid_client');
    expect(d1.calls).toBe(calls);
  });

  test('credentials in the query do not count (RFC 6749 §2.3.1)', async () => {
    const query = new URLSearchParams(post(partner).form);
    const response = await api.request('POST', `/oauth2/token?${query}`, {
      body: GRANT,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await expectError(response, 'invalid_client');
  });
});

test('an empty body is an error of the client, not a fault of ours', async () => {
  const response = await requestTokenWith(api, '', basic(partner).headers);
  await expectError(response, 'invalid_request');
});

test('a form of very many parameters takes no longer to refuse than to read', async () => {
  /** Milliseconds for a form of this many parameters, the shorter of two times. */
  async function timeOf(count: number): Promise<number> {
    const form = Array.from({ length: count }, (_, i) => i.toString(36)).join('&');
    const times: number[] = [];
    for (let i = 0; i < 2; i++) {
      const start = performance.now();
      await expectError(await requestTokenWith(api, form), 'invalid_client');
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  }
  await timeOf(10);
  expect(await timeOf(16_000)).toBeLessThan(16 * (await timeOf(2000)) + 50);
});

test('a content coding is an invalid request, and identity is none', async () => {
  const send = (coding: string) => {
    const { headers } = basic(partner);
    return requestTokenWith(api, GRANT, { ...headers, 'content-encoding': coding });
  };
  await expectError(await send('gzip'), 'invalid_request');
  expect((await send('identity')).status).toBe(200);
});

describe('what HTTP itself refuses, and faults of ours, are problems', () => {
  async function expectProblem(response: Response, status: number) {
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ type: 'about:blank', status });
  }

  test('405', async () => {
    const response = await api.get('/oauth2/token');
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    await expectProblem(response, 405);
  });

  test('413', async () => {
    await expectProblem(await requestTokenWith(api, `${GRANT}&x=${'x'.repeat(65_536)}`), 413);
  });

  test('500', async () => {
    captureLog();
    d1.fault = new Error('D1_ERROR: no such table: clients: SQLITE_ERROR');
    await expectProblem(await requestToken(api, basic(partner)), 500);
    breakApi(api);
    await expectProblem(await requestToken(api, basic(partner)), 500);
  });

  test('503', async () => {
    captureLog();
    d1.fault = overloaded();
    const response = await requestToken(api, basic(partner));
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    await expectProblem(response, 503);
  });
});

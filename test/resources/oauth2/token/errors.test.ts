import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi } from '../../../support/api.ts';
import { clients } from '../../../support/credentials.ts';
import { overloaded, WatchedD1 } from '../../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { breakApi, captureLog } from '../../../support/faults.ts';
import { growthOf, MAX_GROWTH } from '../../../support/hostile-values.ts';
import { makePartner } from '../../../support/partners.ts';
import {
  basic,
  type ClientProof,
  post,
  requestToken,
  requestTokenWith,
} from '../../../support/token-requests.ts';

const NO_CREDENTIALS: ClientProof = { headers: {}, form: {} };
const GRANT = 'grant_type=client_credentials';

/** The parameters of other grants (RFC 6749 §4.1, §4.3, §6; RFC 7523; RFC 8628). */
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

beforeEach(async () => {
  d1 = new WatchedD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
});

/** Expects an error response as RFC 6749 §5.2 defines it, which no cache may store. */
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
  test('returns the same invalid_client, at the same cost, for an unknown client and a wrong secret', async () => {
    const unknown = authenticate({
      clientId: crypto.randomUUID(),
      clientSecret: partner.clientSecret,
    });
    const wrong = authenticate({
      clientId: partner.clientId,
      clientSecret: `${partner.clientSecret}x`,
    });
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

  test('returns invalid_client for the secret of another client', async () => {
    const other = await makePartner();
    const mixed = { clientId: partner.clientId, clientSecret: other.clientSecret };
    await expectError(await requestToken(api, authenticate(mixed)), 'invalid_client');
  });

  test('returns invalid_client for a deleted client', async () => {
    await env.DB.prepare('DELETE FROM clients WHERE id = ?').bind(partner.clientId).run();
    await expectError(await requestToken(api, authenticate(partner)), 'invalid_client');
  });

  test.each([
    ['an unknown scope', 'tickets:admin'],
    ['an unknown scope together with a valid one', 'prepared-tickets:read tickets:admin'],
    ['a scope in upper case', 'Prepared-Tickets:Read'],
    ['scopes separated by a comma', 'prepared-tickets:read,prepared-tickets:write'],
    ['only spaces', '  '],
    ['a quote', '"'],
  ])('returns invalid_scope for %s', async (_name_, scope) => {
    const response = await requestToken(api, authenticate(partner), { scope });
    await expectError(response, 'invalid_scope');
  });

  test('returns invalid_scope for a scope that the client does not have', async () => {
    const reader = await makePartner({ scopes: ['prepared-tickets:read'] });
    const scope = 'prepared-tickets:write';
    await expectError(await requestToken(api, authenticate(reader), { scope }), 'invalid_scope');
  });

  test.each([
    ['disabled', { disabled: true }],
    ['expired', { expires_at: new Date(START).toISOString() }],
  ])('returns unauthorized_client for a client that is %s', async (_state, chosen) => {
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
    'returns unsupported_grant_type, never invalid_grant, for a complete request with %s',
    async (grant_type, parameters) => {
      const sent = { grant_type, ...parameters };
      const response = await requestToken(api, authenticate(partner), sent);
      await expectError(response, 'unsupported_grant_type');
    },
  );

  test.each(['password', 'authorization_code', 'refresh_token', 'CLIENT_CREDENTIALS'])(
    'returns unsupported_grant_type for %s',
    async (grant_type) => {
      const response = await requestToken(api, authenticate(partner), { grant_type });
      await expectError(response, 'unsupported_grant_type');
    },
  );

  test('returns invalid_request for a missing or empty grant_type', async () => {
    const { headers, form } = authenticate(partner);
    const without = new URLSearchParams(form).toString();
    await expectError(await requestTokenWith(api, without, headers), 'invalid_request');
    const empty = await requestToken(api, authenticate(partner), { grant_type: '' });
    await expectError(empty, 'invalid_request');
  });

  test.each(['grant_type', 'client_id', 'client_secret', 'scope', 'unknown'])(
    'returns invalid_request if %s is repeated',
    async (name) => {
      const { headers, form } = authenticate(partner);
      const once = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
      const body = `${once}&${name}=a&${name}=a`;
      await expectError(await requestTokenWith(api, body, headers), 'invalid_request');
    },
  );

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'returns invalid_request for the content type "%s"',
    async (type) => {
      const { headers, form } = authenticate(partner);
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
      const response = await requestTokenWith(api, body, { ...headers, 'content-type': type });
      await expectError(response, 'invalid_request');
    },
  );
});

describe('a request with both authentication methods', () => {
  test('returns invalid_request even if both are valid', async () => {
    const both = { headers: basic(partner).headers, form: post(partner).form };
    await expectError(await requestToken(api, both), 'invalid_request');
  });

  test('returns invalid_request if the client in the body is another than in the header', async () => {
    const response = await requestToken(api, basic(partner), { client_id: crypto.randomUUID() });
    await expectError(response, 'invalid_request');
  });
});

describe('missing or malformed client authentication', () => {
  test.each([
    ['no credentials', NO_CREDENTIALS],
    ['an id without a secret', { ...NO_CREDENTIALS, form: { client_id: 'x' } }],
    ['a secret without an id', { ...NO_CREDENTIALS, form: { client_secret: 'x' } }],
    ['an empty secret', { ...NO_CREDENTIALS, form: { client_id: 'x', client_secret: '' } }],
    ['another scheme', { ...NO_CREDENTIALS, headers: { authorization: 'Bearer abc' } }],
    ['a scheme alone', { ...NO_CREDENTIALS, headers: { authorization: 'Basic' } }],
    ['invalid base64', { ...NO_CREDENTIALS, headers: { authorization: 'Basic ~~~' } }],
    ['base64 of a wrong length', { ...NO_CREDENTIALS, headers: { authorization: 'Basic abcde' } }],
    ['a missing colon', { ...NO_CREDENTIALS, headers: { authorization: `Basic ${btoa('abc')}` } }],
    [
      'a malformed escape',
      { ...NO_CREDENTIALS, headers: { authorization: `Basic ${btoa('%zz:%')}` } },
    ],
  ])('returns invalid_client without a query to D1: %s', async (_name, proof) => {
    const calls = d1.calls;
    await expectError(await requestToken(api, proof), 'invalid_client');
    expect(d1.calls).toBe(calls);
  });

  test('includes credentials in the query, which are ignored (RFC 6749 §2.3.1)', async () => {
    const query = new URLSearchParams(post(partner).form);
    const response = await api.request('POST', `/oauth2/token?${query}`, {
      body: GRANT,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await expectError(response, 'invalid_client');
  });
});

test('an empty body returns invalid_request', async () => {
  const response = await requestTokenWith(api, '', basic(partner).headers);
  await expectError(response, 'invalid_request');
});

test('a form with very many parameters is rejected in linear time', async () => {
  const growth = await growthOf(async (length) => {
    const form = Array.from({ length: length / 4 }, (_, i) => i.toString(36)).join('&');
    await expectError(await requestTokenWith(api, form), 'invalid_client');
  });
  expect(growth).toBeLessThanOrEqual(MAX_GROWTH);
});

test('a content coding returns invalid_request, except identity', async () => {
  const send = (coding: string) => {
    const { headers } = basic(partner);
    return requestTokenWith(api, GRANT, { ...headers, 'content-encoding': coding });
  };
  await expectError(await send('gzip'), 'invalid_request');
  expect((await send('identity')).status).toBe(200);
});

describe('an error that OAuth does not define is a problem', () => {
  async function expectProblem(response: Response, status: number) {
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ type: 'about:blank', status });
  }

  test('with status 405 for another method', async () => {
    const response = await api.get('/oauth2/token');
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    await expectProblem(response, 405);
  });

  test('with status 413 for a large body', async () => {
    await expectProblem(await requestTokenWith(api, `${GRANT}&x=${'x'.repeat(65_536)}`), 413);
  });

  test('with status 500 for a bug', async () => {
    captureLog();
    d1.fault = new Error('D1_ERROR: no such table: clients: SQLITE_ERROR');
    await expectProblem(await requestToken(api, basic(partner)), 500);
    breakApi(api);
    await expectProblem(await requestToken(api, basic(partner)), 500);
  });

  test('with status 503 for a temporary fault', async () => {
    captureLog();
    d1.fault = overloaded();
    const response = await requestToken(api, basic(partner));
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    await expectProblem(response, 503);
  });
});

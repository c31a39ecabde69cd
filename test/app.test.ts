import { beforeEach, describe, expect, test } from 'vitest';
import { comparableHeaders, ORIGIN, TICKETS } from './support/api.ts';
import { callOf, namesReference, picksUp, subjectOf } from './support/calls.ts';
import { type DocumentedOperation, operations } from './support/document.ts';
import { api, makeApiAndPartner, partner } from './support/each-test.ts';
import { makeSpare } from './support/partners.ts';
import { writePickedUp } from './support/picked-up-tickets.ts';
import { createTicket, newTicket, PRODUCT, putLine } from './support/tickets.ts';
import { basic, requestToken } from './support/token-requests.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

beforeEach(makeApiAndPartner);

const deletes = ({ method }: DocumentedOperation) => Number(method === 'DELETE');
const depth = ({ path }: DocumentedOperation) => path.split('/').length;

/** Returns a response of every operation and page, and of each kind of error and preflight. */
async function collectResponses(): Promise<[string, Response][]> {
  const ticket = await createTicket(api, partner);
  await putLine(api, partner, ticket.id, PRODUCT);
  const pickedUp = await writePickedUp(partner);
  const spare = await makeSpare(partner);
  const responses: [string, Response][] = [];
  const deletesLast = operations.toSorted((a, b) => deletes(a) - deletes(b) || depth(b) - depth(a));
  for (const operation of deletesLast) {
    const own = await createTicket(api, partner, {
      ...newTicket,
      preparer_external_reference: crypto.randomUUID(),
    });
    await putLine(api, partner, own.id, PRODUCT);
    const subjects = { ticket: picksUp(operation) ? own : ticket, pickedUp, spare };
    const { method, path, body, headers } = callOf(
      operation,
      namesReference(operation) ? own.preparer_external_reference : subjectOf(operation, subjects),
      PRODUCT,
      partner,
    );
    const response = await api.request(method, path, { as: partner, body, headers });
    if (operation.security.length > 0) {
      expect(response.ok, operation.operationId).toBe(true);
    }
    responses.push([operation.operationId, response]);
  }
  for (const path of ['/', '/docs.md', '/openapi.json', '/problems', '/problems/violations']) {
    responses.push([path, await api.get(path)]);
  }
  responses.push(['token', await requestToken(api, basic(partner))]);
  responses.push(['HEAD', await api.request('HEAD', TICKETS, { as: partner })]);
  responses.push(['OPTIONS', await api.request('OPTIONS', TICKETS)]);
  responses.push(['401', await api.get(TICKETS)]);
  responses.push(['404', await api.get('/nothing')]);
  responses.push(['405', await api.request('PATCH', TICKETS)]);
  responses.push(['413', await api.request('POST', TICKETS, { body: 'x'.repeat(70_000) })]);
  return responses;
}

describe('every response', () => {
  test('has X-Request-Id, nosniff, Cache-Control and CORS', async () => {
    for (const [what, { headers }] of await collectResponses()) {
      expect(headers.get('x-request-id'), what).toMatch(UUID);
      expect(headers.get('x-content-type-options'), what).toBe('nosniff');
      expect(headers.get('cache-control'), what).toMatch(/^(private|public|no-store)/);
      expect(headers.get('access-control-allow-origin'), what).toBe('*');
      expect(headers.has('access-control-allow-credentials'), what).toBe(false);
    }
  });
});

describe('X-Request-Id', () => {
  const idOf = async (id?: string) => {
    const headers: Record<string, string> = id === undefined ? {} : { 'x-request-id': id };
    return (await api.request('GET', '/health', { headers })).headers.get('x-request-id');
  };

  test.each([
    'abc',
    'A-Za-z_0-9',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    crypto.randomUUID(),
    'x'.repeat(255),
  ])('keeps the safe id %s of the caller', async (id) => {
    expect(await idOf(id)).toBe(id);
  });

  test.each(['', 'a b', 'a,b', 'a;b', '<script>', '{"a":1}', '../..', '%0d%0a', 'x'.repeat(256)])(
    'replaces the unsafe id %j of the caller',
    async (id) => {
      expect(await idOf(id)).toMatch(UUID);
    },
  );

  test('is a new UUID for each request without one', async () => {
    const [first, second] = [await idOf(), await idOf()];
    expect(first).toMatch(UUID);
    expect(second).not.toBe(first);
  });

  test('is the request_id of a problem, even if the caller chose it', async () => {
    const response = await api.request('GET', '/nothing', { headers: { 'x-request-id': 'mine' } });
    expect(response.headers.get('x-request-id')).toBe('mine');
    expect(await response.json()).toMatchObject({ request_id: 'mine' });
  });
});

describe('Cache-Control', () => {
  test('is private, no-cache for data', async () => {
    const created = await api.post(TICKETS, partner, newTicket);
    const { id } = await created.clone().json<{ id: string }>();
    for (const response of [
      created,
      await api.get(TICKETS, partner),
      await api.get(`${TICKETS}/${id}`, partner),
      await api.delete(`${TICKETS}/${id}`, partner),
      await api.get(`${TICKETS}/${id}`, partner),
      await api.get(TICKETS),
    ]) {
      expect(response.headers.get('cache-control')).toBe('private, no-cache');
    }
  });

  test('is no-store for tokens and for errors of the token endpoint', async () => {
    for (const secret of [partner.clientSecret, 'wrong']) {
      const client = { clientId: partner.clientId, clientSecret: secret };
      const { headers } = await requestToken(api, basic(client));
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test.each([
    ['/openapi.json', /^public, max-age=\d+$/],
    ['/docs.md', /^public, max-age=\d+$/],
    ['/problems', /^public, max-age=\d+$/],
    ['/problems/violations', /^public, max-age=\d+$/],
    ['/.well-known/jwks.json', /^public, max-age=\d+$/],
    ['/.well-known/oauth-authorization-server', /^public, max-age=\d+$/],
    ['/health', /^no-store$/],
  ])('of %s matches %s', async (path, expected) => {
    expect((await api.get(path)).headers.get('cache-control')).toMatch(expected);
  });
});

const listOf = (response: Response, header: string) =>
  (response.headers.get(header) ?? '').split(',').map((item) => item.trim().toLowerCase());

/** The headers that at least one operation accepts as a parameter. */
const documentedHeaders = new Set(
  operations.flatMap(({ parameters = [] }) =>
    parameters
      .filter((parameter) => parameter.in === 'header')
      .map(({ name }) => name.toLowerCase()),
  ),
);

describe('CORS', () => {
  const preflight = (path: string, method: string) =>
    api.request('OPTIONS', path, {
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,x-api-key,content-type',
      },
    });

  const paths = [...new Set(operations.map(({ path }) => path)), '/docs.md', '/'];

  test.each(paths)('allows a preflight of %s without credentials', async (path) => {
    const response = await preflight(path, 'PUT');
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(0);
    expect(listOf(response, 'access-control-allow-headers')).toEqual(
      expect.arrayContaining([
        ...['authorization', 'content-type', 'x-api-key', 'x-request-id'],
        ...documentedHeaders,
      ]),
    );
  });

  test.each([...new Set(operations.map(({ method }) => method)), 'HEAD'])(
    'allows the method %s',
    async (method) => {
      const response = await preflight(TICKETS, method);
      expect(listOf(response, 'access-control-allow-methods')).toContain(method.toLowerCase());
    },
  );

  test('exposes every response header in the document, and Allow', async () => {
    const documented = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ headers }) => Object.keys(headers ?? {})),
    );
    /** Headers that a browser always exposes (Fetch, "CORS-safelisted response-header name"). */
    const safelisted = ['cache-control', 'pragma'];
    /** Headers that only the browser itself uses. */
    const forBrowser = [
      'access-control-allow-origin',
      'access-control-expose-headers',
      'x-content-type-options',
    ];
    const needed = [...new Set([...documented, 'Allow'].map((name) => name.toLowerCase()))].filter(
      (name) => ![...safelisted, ...forBrowser].includes(name),
    );
    for (const response of [
      await api.get(TICKETS, partner),
      await api.get(TICKETS),
      await api.get('/nothing'),
    ]) {
      expect(listOf(response, 'access-control-expose-headers')).toEqual(
        expect.arrayContaining(needed),
      );
    }
  });
});

describe('Strict-Transport-Security', () => {
  const policyOver = async (scheme: 'http' | 'https', path: string) => {
    const response = await api.send(new Request(`${scheme}://api.test${path}`));
    return response.headers.get('strict-transport-security');
  };

  test.each(['/health', '/docs.md', TICKETS, '/nothing'])(
    'is set on %s over https only',
    async (path) => {
      expect(await policyOver('https', path)).toMatch(/^max-age=\d+; includeSubDomains$/);
      expect(await policyOver('http', path)).toBeNull();
    },
  );
});

describe('HEAD returns the headers of GET without a body', () => {
  test.each([TICKETS, '/health', '/docs.md', '/openapi.json', '/.well-known/jwks.json'])(
    '%s',
    async (path) => {
      const request = (method: string) =>
        api.request(method, path, { as: partner, headers: { 'x-request-id': 'same' } });
      const [get, head] = [await request('GET'), await request('HEAD')];
      expect(head.status).toBe(200);
      expect(await head.text()).toBe('');
      expect(comparableHeaders(head)).toEqual(comparableHeaders(get));
    },
  );
});

test('links have the origin that the caller used', async () => {
  const response = await api.post(TICKETS, partner, newTicket);
  expect(response.headers.get('location')).toMatch(new RegExp(`^${ORIGIN}${TICKETS}/[0-9a-f-]+$`));
});

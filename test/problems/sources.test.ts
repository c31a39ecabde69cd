import { HTTPException } from 'hono/http-exception';
import { beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { LogLine } from '../../src/context.ts';
import { ORIGIN, TestApi, TICKETS, violationsOf } from '../support/api.ts';
import { overloaded, WatchedD1 } from '../support/d1.ts';
import { stillWorld } from '../support/dependencies.ts';
import { operations } from '../support/document.ts';
import { api, makeApiAndPartner, partner } from '../support/each-test.ts';
import { breakApi, captureLog } from '../support/faults.ts';
import { expectProblem, type ProblemBody } from '../support/problems.ts';
import { newTicket } from '../support/tickets.ts';

beforeEach(makeApiAndPartner);

/** Expects the media type and the members that every problem has, whatever its source. */
async function expectProblemOf(response: Response, status: number, title: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = await response.json<ProblemBody>();
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^(about:blank|\/problems\/[a-z-]+)$/),
    title,
    status,
    detail: expect.stringMatching(/\S/),
    request_id: response.headers.get('x-request-id'),
  });
  return problem;
}

describe('404 is returned for', () => {
  test.each([
    '/nothing',
    '/v2',
    '/v2/tickets',
    `${TICKETS}/`,
    '/V2/tickets/prepared-tickets',
    '/oauth2',
    '/problems/nothing',
    '/.well-known/nothing',
    '/docs/nothing.js',
    '/problems/__proto__',
    '/%',
    '/*',
    '/:name',
    '/v2//tickets/prepared-tickets',
    `/${'x'.repeat(8000)}`,
  ])('GET %s', async (path) => {
    await expectProblemOf(await api.get(path), 404, 'Not Found');
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s of an unknown path',
    async (method) => {
      await expectProblemOf(await api.request(method, '/nothing'), 404, 'Not Found');
    },
  );
});

describe('405 lists the methods of the path in Allow, including HEAD and OPTIONS,', () => {
  const paths = [...new Set(operations.map(({ path }) => path))].map((path) => {
    const methods = operations.filter((operation) => operation.path === path);
    return {
      path: path.replaceAll(/\{[^}]+\}/g, () => crypto.randomUUID()),
      allowed: methods
        .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
        .concat('OPTIONS')
        .sort(),
    };
  });
  const others = ['/openapi.json', '/docs.md', '/', '/problems', '/problems/violations'].map(
    (path) => ({ path, allowed: ['GET', 'HEAD', 'OPTIONS'] }),
  );

  test.each([...paths, ...others])('for $path', async ({ path, allowed }) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
      if (!allowed.includes(method)) {
        const response = await api.request(method, path);
        await expectProblemOf(response, 405, 'Method Not Allowed');
        const allow = response.headers.get('allow')?.split(', ').sort();
        expect(allow, method).toEqual(allowed);
      }
    }
  });

  test.each([...paths, ...others])(
    'and OPTIONS of $path lists the same methods',
    async ({ path, allowed }) => {
      const response = await api.request('OPTIONS', path);
      expect(response.status).toBe(204);
      expect(await response.text()).toBe('');
      expect(response.headers.get('allow')?.split(', ').sort()).toEqual(allowed);
    },
  );

  test('for HEAD of a path without GET', async () => {
    const response = await api.request('HEAD', '/oauth2/token');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expect(await response.text()).toBe('');
  });
});

describe('a request body', () => {
  const post = (body: BodyInit | undefined, contentType?: string) =>
    api.request('POST', TICKETS, {
      as: partner,
      body: body as string,
      headers: contentType ? { 'content-type': contentType } : {},
    });

  test('that is not JSON returns 400', async () => {
    const problem = await expectProblemOf(await post('{"vin":'), 400, 'Malformed body');
    expect(problem.type).toBe('/problems/malformed-body');
  });

  test('that is empty returns 400', async () => {
    const response = await post(undefined, 'application/json');
    const problem = await expectProblemOf(response, 400, 'Malformed body');
    expect(problem.type).toBe('/problems/malformed-body');
  });

  test('with another content type, or with none, returns 415', async () => {
    const text = JSON.stringify(newTicket);
    await expectProblemOf(await post(text, 'text/plain'), 415, 'Unsupported Media Type');
    const bytes = new TextEncoder().encode(text);
    const request = new Request(new URL(TICKETS, ORIGIN), {
      method: 'POST',
      headers: await partner.headers(api),
      body: bytes,
    });
    expect(request.headers.has('content-type')).toBe(false);
    await expectProblemOf(await api.send(request), 415, 'Unsupported Media Type');
  });

  test('of more than 64 KiB returns 413 on any path, with or without Content-Length', async () => {
    const large = 'x'.repeat(64 * 1024 + 1);
    const title = 'Content Too Large';
    await expectProblemOf(await post(large), 413, title);
    await expectProblemOf(await api.request('POST', '/oauth2/token', { body: large }), 413, title);
    await expectProblemOf(await api.request('POST', '/nothing', { body: large }), 413, title);
    const request = new Request(new URL(TICKETS, ORIGIN), {
      method: 'POST',
      headers: { ...(await partner.headers(api)), 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
    });
    await expectProblemOf(await api.send(request), 413, title);
  });

  test('of exactly 64 KiB is read', async () => {
    const shell = JSON.stringify({ x: '' }).length;
    const response = await post(JSON.stringify({ x: 'x'.repeat(64 * 1024 - shell) }));
    await expectProblemOf(response, 400, 'Bad request');
  });

  test('with an invalid member returns the title and the detail of the source page', async () => {
    const response = await api.post(TICKETS, partner, { ...newTicket, vin: 'short' });
    expect(await violationsOf(response)).toEqual(['#/vin too_short']);
    const problem = await expectProblemOf(response, 400, 'Bad request');
    expect(problem).toEqual({
      type: '/problems/violations',
      title: 'Bad request',
      status: 400,
      detail:
        'The request violates one or more constraints. Please resolve all of them and try again.',
      violations: [
        {
          in: 'body',
          pointer: '#/vin',
          code: 'too_short',
          detail: 'Send the 17 letters and digits of the VIN, or null.',
        },
      ],
      request_id: problem.request_id,
    });
  });
});

describe('an exception of the framework', () => {
  test.each([
    [400, 400, 'Malformed body'],
    [401, 500, 'Internal Server Error'],
    [404, 404, 'Not Found'],
    [413, 413, 'Content Too Large'],
    [418, 500, 'Internal Server Error'],
    [500, 500, 'Internal Server Error'],
    [502, 500, 'Internal Server Error'],
  ] as const)('with status %d becomes a problem with status %d', async (thrown, status, title) => {
    captureLog();
    const log: LogLine[] = [];
    const app = createApp({ ...stillWorld, log: (line) => log.push(line) });
    app.get('/thrown', () => {
      throw new HTTPException(thrown, { message: 'inner words', res: new Response('inner body') });
    });
    const request = new Request(new URL('/thrown', ORIGIN));
    const response = await app.fetch(request, api.bindings);
    await expectProblem(request, response);
    const problem = await expectProblemOf(response, status, title);
    expect(JSON.stringify(problem)).not.toContain('inner');
    const faults = log.filter(({ event }) => event === 'fault');
    expect(faults.length, 'faults in the log').toBe(thrown >= 500 ? 1 : 0);
  });
});

describe('an internal fault', () => {
  test('of D1 that is temporary returns 503 with Retry-After', async () => {
    captureLog();
    const d1 = new WatchedD1();
    d1.fault = overloaded();
    const response = await new TestApi({ DB: d1.db }).get(TICKETS, partner);
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    await expectProblemOf(response, 503, 'Service Unavailable');
  });

  test('of D1 of any other kind returns 500', async () => {
    captureLog();
    const d1 = new WatchedD1();
    d1.fault = new Error('D1_ERROR: no such table: nothing: SQLITE_ERROR');
    const response = await new TestApi({ DB: d1.db }).get(TICKETS, partner);
    expect(response.headers.get('retry-after')).toBeNull();
    await expectProblemOf(response, 500, 'Internal Server Error');
  });

  test('caused by a bug returns 500', async () => {
    captureLog();
    breakApi(api);
    await expectProblemOf(await api.get('/health'), 500, 'Internal Server Error');
  });
});

describe('HEAD', () => {
  test.each([
    ['/nothing', 404],
    [TICKETS, 401],
  ])('of %s returns the status and headers of GET, without a body', async (path, status) => {
    const get = await api.get(path);
    const head = await api.request('HEAD', path);
    expect(head.status).toBe(status);
    expect([...head.headers.keys()]).toEqual([...get.headers.keys()]);
    expect(await head.text()).toBe('');
  });
});

import { OpenAPIHono, z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { Authenticator } from '../../../src/auth/authenticate.ts';
import type { AppEnv } from '../../../src/context.ts';
import { json, operation } from '../../../src/http/operation.ts';
import { policiesOf, policyOfRequest } from '../../../src/http/policies.ts';
import { enforcePolicy } from '../../../src/http/requests/enforce-policy.ts';
import { FailedAttempts } from '../../../src/http/requests/failed-attempts.ts';
import { reply } from '../../../src/http/responses/reply.ts';
import { completeHeaders } from '../../../src/http/responses/standard-headers.ts';
import { Problem } from '../../../src/problems/problem.ts';
import { renderError } from '../../../src/problems/render.ts';
import { document } from '../../support/document.ts';

const days = { 'x-deprecated-since': '2026-11-01', 'x-sunset': '2027-05-01' };

const route = (path: string, config: object = {}) =>
  operation({
    method: 'get',
    path,
    operationId: 'getOldThing',
    access: 'public',
    responses: { 200: json('Fine.', z.object({}), { example: {} }) },
    ...config,
  });

/** An app of two routes, one of them on its way out, which an id of `bad` makes fail. */
function appOf() {
  const app = new OpenAPIHono<AppEnv>();
  const old = route('/old/{id}', { deprecated: true, ...days });
  const present = route('/present', { operationId: 'getThing' });
  app.onError(
    renderError(
      () => false,
      () => {},
    ),
  );
  app.use(completeHeaders);
  app.use((c, next) => {
    c.set('policy', policyOfRequest(c, policies));
    return enforcePolicy(c, next, {
      authenticator: new Authenticator(),
      failedAttempts: new FailedAttempts(),
    });
  });
  app.openapi(old, (c) => {
    if (c.req.path === '/old/bad') {
      throw new Problem('notFound');
    }
    return reply(c, old, 200, {});
  });
  app.openapi(present, (c) => reply(c, present, 200, {}));
  const policies = policiesOf([old, present] as never, app.routes);
  return app;
}

describe('a deprecated operation', () => {
  test.each([
    ['/old/good', 200],
    ['/old/bad', 404],
  ])('says since when and until when: %s', async (path, status) => {
    const response = await appOf().request(path);
    expect(response.status).toBe(status);
    const { headers } = response;
    // RFC 9745 §2.1, and an HTTP date as RFC 8594 §3 has it.
    expect(headers.get('deprecation')).toBe(`@${Date.parse('2026-11-01') / 1000}`);
    expect(headers.get('sunset')).toBe('Sat, 01 May 2027 00:00:00 GMT');
  });

  test('alone says so', async () => {
    const { headers } = await appOf().request('/present');
    expect(headers.has('deprecation')).toBe(false);
    expect(headers.has('sunset')).toBe(false);
  });

  test('is marked in the document, with both days', () => {
    const { paths } = appOf().getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'x', version: '1' },
    });
    expect(paths?.['/old/{id}']?.get).toMatchObject({ deprecated: true, ...days });
  });
});

describe('the API does not start', () => {
  test.each([
    ['without days', { deprecated: true }],
    ['without a sunset', { deprecated: true, 'x-deprecated-since': '2026-11-01' }],
    ['with a day that is none', { deprecated: true, ...days, 'x-sunset': '2027-13-01' }],
    [
      'with less than half a year of notice',
      { deprecated: true, ...days, 'x-sunset': '2027-04-30' },
    ],
    ['with days and no deprecation', days],
  ])('%s', (_what, config) => {
    expect(() => policiesOf([route('/old', config)] as never, [])).toThrow('getOldThing');
  });
});

test('every operation that the document marks so names both days', () => {
  for (const item of Object.values<Record<string, { deprecated?: boolean }>>(document.paths)) {
    for (const each of Object.values(item).filter(({ deprecated }) => deprecated)) {
      expect(each).toMatchObject({
        'x-deprecated-since': expect.any(String),
        'x-sunset': expect.any(String),
      });
    }
  }
});

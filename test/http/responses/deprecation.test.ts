import { OpenAPIHono, z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { Authenticator } from '../../../src/auth/authenticate.ts';
import type { AppEnv } from '../../../src/context.ts';
import { PartnerLines } from '../../../src/db/partner-lines.ts';
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

/** Returns an app with two routes. One of them is deprecated, and returns 404 for the id `bad`. */
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
      partnerLines: new PartnerLines(),
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
  ])('returns the Deprecation and Sunset headers: %s', async (path, status) => {
    const response = await appOf().request(path);
    expect(response.status).toBe(status);
    const { headers } = response;
    // A structured date (RFC 9745 §2.1) and an HTTP date (RFC 8594 §3).
    expect(headers.get('deprecation')).toBe(`@${Date.parse('2026-11-01') / 1000}`);
    expect(headers.get('sunset')).toBe('Sat, 01 May 2027 00:00:00 GMT');
  });

  test('does not affect the headers of other operations', async () => {
    const { headers } = await appOf().request('/present');
    expect(headers.has('deprecation')).toBe(false);
    expect(headers.has('sunset')).toBe(false);
  });

  test('is marked as deprecated in the document, with both days', () => {
    const { paths } = appOf().getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'x', version: '1' },
    });
    expect(paths?.['/old/{id}']?.get).toMatchObject({ deprecated: true, ...days });
  });
});

describe('the API does not start with an operation that', () => {
  test.each([
    ['is deprecated without days', { deprecated: true }],
    ['is deprecated without a sunset', { deprecated: true, 'x-deprecated-since': '2026-11-01' }],
    ['is deprecated with an invalid day', { deprecated: true, ...days, 'x-sunset': '2027-13-01' }],
    [
      'is deprecated with less than six months between the days',
      { deprecated: true, ...days, 'x-sunset': '2027-04-30' },
    ],
    ['has days but is not deprecated', days],
  ])('%s', (_what, config) => {
    expect(() => policiesOf([route('/old', config)] as never, [])).toThrow('getOldThing');
  });
});

test('every deprecated operation in the document names both days', () => {
  for (const item of Object.values<Record<string, { deprecated?: boolean }>>(document.paths)) {
    for (const each of Object.values(item).filter(({ deprecated }) => deprecated)) {
      expect(each).toMatchObject({
        'x-deprecated-since': expect.any(String),
        'x-sunset': expect.any(String),
      });
    }
  }
});

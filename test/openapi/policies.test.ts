import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { operation } from '../../src/http/operation.ts';
import { policiesOf, policyKey } from '../../src/http/policies.ts';

const responses = { 200: { description: 'Fine.' } };
const declared = operation({
  method: 'get',
  path: '/things/{id}',
  operationId: 'getThing',
  access: 'prepared-tickets:read',
  responses,
});

const served = (method: string, path: string) => ({ method, path });

describe('policiesOf', () => {
  test('returns the policy that the document declares for each served route', () => {
    const policies = policiesOf([declared], [served('GET', '/things/:id')]);
    expect(policies.get(policyKey(served('GET', '/things/:id')))).toMatchObject({
      operationId: 'getThing',
      scope: 'prepared-tickets:read',
      takesJson: false,
    });
  });

  test.each([
    ['prepared-tickets:read', true, 'prepared-tickets:read'],
    ['both-credentials', true, null],
    ['public', false, null],
  ] as const)('%s: credentials %s, scope %s', (access, requiresCredentials, scope) => {
    const route = operation({
      method: 'get',
      path: '/things',
      operationId: 'listThings',
      access,
      responses,
    });
    const policy = policiesOf([route], []).get(policyKey(route));
    expect(policy).toMatchObject({ requiresCredentials, scope });
  });

  test('requires credentials for a security requirement without scopes', () => {
    const route = createRoute({
      method: 'get',
      path: '/things',
      operationId: 'listThings',
      security: [{ ApiKey: [] }],
      responses,
    });
    const policy = policiesOf([route], []).get(policyKey(route));
    expect(policy).toMatchObject({ requiresCredentials: true, scope: null });
  });

  test('throws for a served route that the document does not declare', () => {
    const routes = [served('GET', '/things/:id'), served('POST', '/things')];
    expect(() => policiesOf([declared], routes)).toThrow('POST /things declares no policy');
  });

  test('throws for a route of the document without security', () => {
    const route = createRoute({ method: 'get', path: '/open', responses });
    expect(() => policiesOf([route], [])).toThrow('declares no policy');
    const unnamed = createRoute({ ...route, security: [] });
    expect(() => policiesOf([unnamed], [])).toThrow('declares no policy');
  });

  test('throws for a scope that does not exist', () => {
    const route = createRoute({
      method: 'get',
      path: '/things',
      operationId: 'listThings',
      security: [{ OAuth2: ['things:read'] }],
      responses,
    });
    expect(() => policiesOf([route], [])).toThrow('things:read');
  });

  test('ignores middleware', () => {
    const app = new OpenAPIHono();
    app.use((_c, next) => next());
    expect(policiesOf([], app.routes).size).toBe(0);
  });
});

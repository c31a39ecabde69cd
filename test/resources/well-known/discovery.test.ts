import { expect, test } from 'vitest';
import { scopes } from '../../../src/auth/scopes.ts';
import { ORIGIN, TestApi, TICKETS } from '../../support/api.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { makePartner } from '../../support/partners.ts';
import { newTicket } from '../../support/tickets.ts';

const CATALOG = '/.well-known/api-catalog';
const RESOURCE = '/.well-known/oauth-protected-resource';

interface Link {
  href: string;
  type?: string;
}

test('the API catalog links to the documents and the health of the API, which all return 200 (RFC 9727)', async () => {
  const api = new TestApi();
  const response = await api.get(CATALOG);
  expect(response.headers.get('link')).toContain('rel="api-catalog"');
  expect((await api.request('HEAD', CATALOG)).headers.get('link')).toContain('rel="api-catalog"');
  const { linkset } = await response.json<{ linkset: Record<string, string | Link[]>[] }>();
  const [catalog, described] = linkset;
  expect(catalog?.item).toEqual([{ href: described?.anchor }]);
  expect(Object.keys(described ?? {})).toEqual([
    'anchor',
    'service-desc',
    'service-doc',
    'service-meta',
    'status',
  ]);
  const { anchor: _anchor, ...relations } = described as Record<string, Link[]>;
  for (const { href, type } of Object.values(relations).flat()) {
    // The docs site does not pass through the app.
    if (href === `${ORIGIN}/docs`) {
      continue;
    }
    const answer = await api.get(new URL(href).pathname);
    expect(answer.status, href).toBe(200);
    expect(answer.headers.get('content-type'), href).toContain(type);
  }
});

test('the protected resource metadata names its authorization server and scopes (RFC 9728)', async () => {
  const api = new TestApi({ ISSUER: 'https://tickets.test/' });
  expect(await (await api.get(RESOURCE)).json()).toEqual({
    resource: 'https://tickets.test',
    authorization_servers: ['https://tickets.test'],
    scopes_supported: Object.keys(scopes),
    bearer_methods_supported: ['header'],
    resource_name: 'Prepared tickets',
    resource_documentation: 'https://tickets.test/docs',
  });
});

test('every challenge links to the protected resource metadata (RFC 9728 §5.1)', async () => {
  const api = new TestApi();
  const partner = await makePartner();
  const readOnly = await partner.headers(api, ['prepared-tickets:read']);
  const { authorization } = readOnly as { authorization: string };
  const challenges = [
    [401, {}],
    [401, { authorization: 'Bearer x' }],
    [401, { authorization }],
    [403, readOnly],
  ] as const;
  for (const [status, headers] of challenges) {
    const response = await api.request('POST', TICKETS, { headers, body: newTicket });
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toContain(
      `resource_metadata="${ORIGIN}${RESOURCE}"`,
    );
  }
});

test.each([CATALOG, RESOURCE])('%s requires neither credentials nor the database', async (path) => {
  const d1 = new WatchedD1();
  expect((await new TestApi({ DB: d1.db }).get(path)).status).toBe(200);
  expect(d1.calls).toBe(0);
});

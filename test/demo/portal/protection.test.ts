import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { api, partner } from '../../support/each-test.ts';
import { CUSTOMER } from '../../support/tickets.ts';
import { customerPage, formOf, makePortalAndPartner, readyTicket, submit } from './support.ts';

const pages = ['/portal', customerPage(CUSTOMER), '/portal/events'];
const files = ['/portal/portal.css', '/portal/live-events.js'];

describe('the API without the demo', () => {
  const bare = new TestApi();

  test.each([...pages, ...files, '/portal/', '/portal/nothing'])(
    'returns the 404 of an unknown path for each method of %s',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const response = await bare.request(method, path);
        expect(response.status, method).toBe(404);
        expect(response.headers.has('allow'), method).toBe(false);
        const unknown = await bare.request(method, '/nothing');
        expect(response.headers.get('content-type')).toBe(unknown.headers.get('content-type'));
      }
    },
  );
});

describe('the API with the demo', () => {
  beforeEach(makePortalAndPartner);

  test.each(pages)('%s loads nothing from other hosts and allows no inline code', async (path) => {
    const { headers, status } = await api.get(path);
    expect(status).toBe(200);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  test.each(pages)('%s cannot be read by other sites and is not stored', async (path) => {
    const { headers } = await api.get(path);
    expect(headers.has('access-control-allow-origin')).toBe(false);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test.each(pages)('%s contains no inline script or style', async (path) => {
    const page = await (await api.get(path)).text();
    expect(page).toMatch(/^<!doctype html><html lang="en">/);
    expect(page).not.toMatch(/<style|style=|<script(?! src="\/portal\/)|\son[a-z]+=/);
  });

  test.each(files)('%s is served', async (path) => {
    expect((await api.get(path)).status).toBe(200);
  });

  test('logs no customer, ticket, VIN or credential', async () => {
    const ticket = await readyTicket(api, partner);
    await submit(api, CUSTOMER, await formOf(api, ticket));
    await api.get('/portal/events');
    const log = JSON.stringify(api.log);
    expect(log).toContain('pickUpInPortal');
    for (const text of [CUSTOMER, ticket.id, ticket.vin as string, 'secret', 'Bearer']) {
      expect(log).not.toContain(text);
    }
  });

  test('says why if the API refuses the credentials of the portal', async () => {
    await env.DB.prepare("UPDATE clients SET disabled_at = 1 WHERE name = 'Portal'").run();
    const response = await api.get('/portal');
    expect(response.status).toBe(503);
    const { detail } = await response.json<{ detail: string }>();
    expect(detail).toContain(
      'The API refused a request of the portal with status 400: The client is disabled',
    );
    expect(detail).toContain('npm run dev');
  });

  test('requests one token and uses it until shortly before it expires', async () => {
    const tokens = () => api.log.filter(({ operation }) => operation === 'createToken').length;
    await api.get('/portal');
    await api.get('/portal/events');
    expect(tokens()).toBe(1);
    api.now += 3_541_000;
    expect((await api.get('/portal')).status).toBe(200);
    expect(tokens()).toBe(2);
  });
});

import { expect, test } from 'vitest';
import { TestApi } from '../support/api.ts';

const api = new TestApi();

test('/ redirects to /docs', async () => {
  const response = await api.get('/');
  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe('/docs');
});

test('/docs loads the document and scripts only from its own origin', async () => {
  const response = await api.get('/docs');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  const html = await response.text();
  expect(html).toContain('data-url="/openapi.json"');
  expect(html, 'a URL of another host').not.toMatch(/\b(?:https?:)?\/\/[a-z]/i);
  const scripts = [...html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)];
  expect(scripts.length).toBeGreaterThan(0);
  for (const [script, attributes, inline] of scripts) {
    expect(inline, `inline: ${script}`).toBe('');
    const source = / src="([^"]*)"/.exec(attributes as string)?.[1];
    expect(source ?? '/', 'a script of another host').toMatch(/^\/(?!\/)/);
  }
  expect(html, 'an inline handler').not.toMatch(/\son[a-z]+=/i);
});

test('the content security policy of /docs allows only the files that the page needs', async () => {
  const { headers } = await api.get('/docs');
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
      const [name, ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
  expect(policy).toMatchObject({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
  const sources = new Set(Object.values(policy).flat() as string[]);
  const allowed = ["'none'", "'self'", "'unsafe-inline'", 'data:'];
  expect([...sources].filter((source) => !allowed.includes(source))).toEqual([]);
});

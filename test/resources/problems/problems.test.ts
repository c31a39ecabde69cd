import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../../src/problems/definition.ts';
import { TestApi } from '../../support/api.ts';

const api = new TestApi();
const definitions: ProblemDefinition[] = Object.values(catalogue);
/** Types of ours; one that IANA has registered is explained there, and listed on /problems. */
const typed = definitions.filter(({ type }) => type.startsWith('/'));
const visible = definitions.filter(({ isInternal }) => !isInternal);

const get = (path: string, accept?: string) =>
  api.request('GET', path, { headers: accept === undefined ? {} : { accept } });

/** What Chromium sends. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('the address of a problem type', () => {
  test.each(typed)('$type returns its description to a program', async (definition) => {
    const { type, title, status, meaning, remedy } = definition;
    const response = await get(type, 'application/json');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('vary')).toBe('Accept');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toEqual({ type, title, status, meaning, remedy });
    const etag = response.headers.get('etag') as string;
    const again = await api.request('GET', type, {
      headers: { accept: 'application/json', 'if-none-match': etag },
    });
    expect(again.status).toBe(304);
  });

  test.each(typed.filter(({ isInternal }) => !isInternal))(
    '$type redirects a browser to its page in the docs',
    async ({ type }) => {
      for (const accept of [undefined, BROWSER, '*/*', 'image/png']) {
        const response = await get(type, accept);
        expect(response.status).toBe(302);
        expect(response.headers.get('location')).toBe(`/docs${type}`);
        expect(response.headers.get('vary')).toBe('Accept');
      }
    },
  );

  test('returns its description to everyone if the problem is internal', async () => {
    const { type } = catalogue.wrongSignature;
    expect((await get(type, BROWSER)).headers.get('content-type')).toBe('application/json');
  });

  test('returns 404 if no problem has the type', async () => {
    expect((await get('/problems/nothing')).status).toBe(404);
  });
});

describe('/problems', () => {
  test('returns the descriptions of all problems that a partner can receive', async () => {
    const response = await get('/problems', 'application/json');
    const { problems } = await response.json<{ problems: ProblemDefinition[] }>();
    expect(problems.map(({ title }) => title)).toEqual(visible.map(({ title }) => title));
  });

  test('redirects a browser to the docs', async () => {
    const response = await get('/problems', BROWSER);
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/docs/problems');
  });
});

test('every problem type is a path of this API, a registered type or about:blank', () => {
  const others = definitions.filter(({ type }) => !type.startsWith('/problems/'));
  expect([...new Set(others.map(({ type }) => type))].sort()).toEqual([
    'about:blank',
    'https://iana.org/assignments/http-problem-types#quota-exceeded',
  ]);
});

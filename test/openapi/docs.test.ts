import { expect, test } from 'vitest';
import { headersFile } from '../../scripts/build/site/headers.ts';
import { TestApi } from '../support/api.ts';

test('/ redirects to /docs', async () => {
  const response = await new TestApi().get('/');
  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe('/docs');
});

const PAGE = '<script src="/a.js"></script><script id="one">go();</script><script>stay();</script>';

test('the content security policy of the docs site allows only the files that its pages need', async () => {
  const [line = ''] = (await headersFile(PAGE)).match(/(?<=Content-Security-Policy: ).*/) ?? [];
  const policy = Object.fromEntries(
    line.split('; ').map((directive) => {
      const [name, ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
  expect(policy).toMatchObject({
    'default-src': ["'none'"],
    'script-src': [
      "'self'",
      // The hashes of `go();` and `stay();`.
      "'sha256-bYOqbsii8BMz1hC57p5sZG4K4cMuk6QQDiwupM2aRMM='",
      "'sha256-qHV1neSmiQ/nQIYBkVehpWuTzqR4ly/Kl7m7KA9iiso='",
    ],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
});

test.each(['/docs', '/docs/*'])('%s has the headers of a page', async (path) => {
  const [, rules = ''] = (await headersFile(PAGE)).split(`${path}\n`);
  const names = rules
    .split('\n\n')[0]
    ?.match(/^ {2}[\w-]+(?=:)/gm)
    ?.map((name) => name.trim());
  expect(names).toEqual(
    expect.arrayContaining([
      'Content-Security-Policy',
      'X-Content-Type-Options',
      'X-Frame-Options',
      'Referrer-Policy',
      'Strict-Transport-Security',
      'Link',
    ]),
  );
});

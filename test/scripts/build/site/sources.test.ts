import { expect, test } from 'vitest';
import { repositoryOf, sourceOf } from '../../../../scripts/build/site/sources.ts';

const PAGE = {
  path: '/docs/errors',
  title: 'Errors',
  source: 'docs/guides/errors.md',
  markdown:
    '# Errors\n\nAn error has a [`type`](/docs/problems) in **every** response. It has more.\n',
};

const frontMatterOf = (source: string) => JSON.parse(source.split('\n')[1] ?? '');

test.each([
  ['https://github.com/acme/tickets'],
  [{ type: 'git', url: 'git+https://github.com/acme/tickets.git' }],
])('a page links to its source if package.json names the repository %j', (repository) => {
  const files = repositoryOf(JSON.stringify({ repository }));
  expect(frontMatterOf(sourceOf(PAGE, files)).source).toBe(
    'https://github.com/acme/tickets/blob/HEAD/docs/guides/errors.md',
  );
});

test('a page links to no source if package.json names no repository on the web', () => {
  const none = [{}, { repository: 'git@github.com:acme/tickets.git' }];
  for (const manifest of none) {
    const files = repositoryOf(JSON.stringify(manifest));
    expect(frontMatterOf(sourceOf(PAGE, files))).not.toHaveProperty('source');
  }
});

test('the first sentence of a page, without Markdown, describes it to search engines', () => {
  expect(frontMatterOf(sourceOf(PAGE, undefined)).description).toBe(
    'An error has a type in every response.',
  );
});

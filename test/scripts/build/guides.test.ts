import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { documentTexts, guidesOf } from '../../../scripts/build/guides/guides.ts';
import { plainMarkdown } from '../../../scripts/build/site/page.ts';
import { ORIGIN } from '../../support/api.ts';

/** Builds the guides with some files replaced or added. */
const guidesWith = (files: Readonly<Record<string, string>>) =>
  guidesOf({ ...env.GUIDES, ...files }, ORIGIN);

test.each(['{{ unknown }}', '{{unknown}}', '{{ file unknown.py }}', '{{ two\nlines }}', '{{}}'])(
  'the unknown placeholder %s fails the build',
  (placeholder) => {
    expect(() => guidesWith({ 'glossary.md': `# Glossary\n\nSee ${placeholder}.` })).toThrow(
      `docs/guides/glossary.md has the unknown placeholder ${placeholder}.`,
    );
  },
);

test('a guide that is missing fails the build', () => {
  expect(() => guidesWith({ 'tags/health.md': '' })).toThrow('docs/guides/tags/health.md');
});

test('a guide without a place in the order fails the build', () => {
  expect(() => guidesWith({ 'new.md': '# New\n' })).toThrow('docs/guides/new.md has no place');
});

test('a program that no guide contains fails the build', () => {
  expect(() => guidesWith({ 'new.py': '' })).toThrow('No guide contains {{ file new.py }}.');
});

test('a value that no guide contains fails the build', () => {
  expect(() => guidesWith({ 'errors.md': '# Errors\n' })).toThrow(/No guide contains {{ \w+ }}\./);
});

test('a placeholder in a program is not replaced', () => {
  const program = 'print("{{ origin }}")';
  const { tasks } = guidesWith({ 'sync_orders.py': `${program}\n` });
  expect(tasks.find(({ name }) => name === 'sync-your-erp')?.text).toContain(program);
});

test('the headings of a guide are one level lower in the document, which links to the programs', () => {
  const file =
    '# Glossary\n\n## Word\n\nSave `word.py`:\n\n```python\nword = 1\n```\n\n```sh\n# Run\n```\n';
  const { description } = documentTexts(guidesWith({ 'glossary.md': file }));
  expect(description).toContain(
    '\n\n## Glossary\n\n### Word\n\nSave `word.py`:\n\nIts code is on [the page of this guide](/docs/glossary).\n\n```sh\n# Run\n```\n\n## ',
  );
});

test('each program that the docs contain is a file, which the checks run', async () => {
  const docs = await (await env.ASSETS.fetch(`${ORIGIN}/docs.md`)).text();
  const shown = Array.from(
    docs.matchAll(/^```(?:js|python|ts)\n([\s\S]*?)^```$/gm),
    ([, code]) => code,
  );
  const files = Object.entries(env.GUIDES).filter(([path]) => !/\.(?:md|mmd)$/.test(path));
  expect(shown.toSorted()).toEqual(files.map(([, text]) => text).toSorted());
});

describe('a picture', () => {
  const source =
    'flowchart LR\n  accTitle: Two steps\n  accDescr {\n    First a,\n    then b.\n  }\n  a --> b\n';
  const withPicture = (picture: string) =>
    guidesWith({
      'pictures/steps.mmd': picture,
      'errors.md': `${env.GUIDES['errors.md']}\n{{ picture steps }}\n\nAfter the picture.\n`,
    });

  test('is its text in the document and in the Markdown of its page', () => {
    const guides = withPicture(source);
    const page = guides.topics.find(({ name }) => name === 'errors')?.text ?? '';
    const words = '\n\n*Two steps:* First a, then b.\n\nAfter the picture.';
    expect(documentTexts(guides).description).toContain(words);
    expect(plainMarkdown({ path: '/docs/errors', title: 'Errors', markdown: page })).toContain(
      words,
    );
    expect(page).toContain('\n::: picture steps\n');
  });

  test.each(['accTitle', 'accDescr'])('without %s fails the build', (member) => {
    expect(() => withPicture(source.replace(member, 'other'))).toThrow(
      'docs/pictures/steps.mmd lacks accTitle or accDescr',
    );
  });
});

import { expect, test } from 'vitest';
import { catalogue } from '../../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../../src/problems/definition.ts';
import { violationCodes } from '../../../src/problems/violation-codes.ts';
import { TestApi } from '../../support/api.ts';

const api = new TestApi();
const definitions: ProblemDefinition[] = Object.values(catalogue);
/** Types of ours; one that IANA has registered is explained there, and listed on /problems. */
const typed = definitions.filter(({ type }) => type.startsWith('/'));

/** The text that a person reads. */
async function pageOf(path: string): Promise<string> {
  const response = await api.get(path);
  expect(response.status, path).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  const html = await response.text();
  expect(html).toMatch(/^<!doctype html>\s*<html lang="en">/);
  expect(html, 'no script, and nothing from another host').not.toMatch(/<script|(src|href)="http/);
  return html
    .replaceAll(/<style>.*?<\/style>/gs, '')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

test.each(typed)('$type resolves to a page that explains it', async (definition) => {
  const { type, title, status, meaning, remedy } = definition;
  const page = await pageOf(type);
  for (const part of [type, title, String(status), meaning, remedy]) {
    expect(page).toContain(part);
  }
});

test('the page of the violations problem lists every code with its meaning', async () => {
  const page = await pageOf('/problems/violations');
  for (const [code, meaning] of Object.entries(violationCodes)) {
    expect(page).toContain(code);
    expect(page).toContain(meaning);
  }
});

test('every problem type is a path of this API, a registered type or about:blank', () => {
  const others = definitions.filter(({ type }) => !type.startsWith('/problems/'));
  expect([...new Set(others.map(({ type }) => type))].sort()).toEqual([
    'about:blank',
    'https://iana.org/assignments/http-problem-types#quota-exceeded',
  ]);
});

test('/problems lists every problem of the catalogue', async () => {
  const page = await pageOf('/problems');
  for (const { status, type, meaning, remedy } of definitions) {
    for (const part of [String(status), type, meaning, remedy]) {
      expect(page).toContain(part);
    }
  }
});

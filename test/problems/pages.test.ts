import { describe, expect, test } from 'vitest';
import {
  catalogue,
  type ProblemDefinition,
  problemForStatus,
  violationCodes,
} from '../../src/problems/catalogue.ts';
import { pointer } from '../../src/problems/problem.ts';
import { TestApi } from '../support/api.ts';
import { document } from '../support/document.ts';

const api = new TestApi();
const definitions: ProblemDefinition[] = Object.values(catalogue);
const typed = definitions.filter(({ type }) => type !== 'about:blank');

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

test('the page of violations lists every code with its meaning', async () => {
  const page = await pageOf('/problems/violations');
  for (const [code, meaning] of Object.entries(violationCodes)) {
    expect(page).toContain(code);
    expect(page).toContain(meaning);
  }
});

test('/problems lists every problem of the catalogue', async () => {
  const page = await pageOf('/problems');
  for (const { status, type, meaning, remedy } of definitions) {
    for (const part of [String(status), type, meaning, remedy]) {
      expect(page).toContain(part);
    }
  }
});

test('the document lists every code with its meaning', () => {
  const text = JSON.stringify(document.components.schemas.Violation);
  for (const [code, meaning] of Object.entries(violationCodes)) {
    expect(text).toContain(`\`${code}\`: ${meaning}`);
  }
});

describe('the catalogue', () => {
  test('names about:blank with the phrase of HTTP, and each other type once', () => {
    const phrases: Record<number, string> = {
      401: 'Unauthorized',
      403: 'Forbidden',
      404: 'Not Found',
      405: 'Method Not Allowed',
      413: 'Content Too Large',
      415: 'Unsupported Media Type',
      500: 'Internal Server Error',
      503: 'Service Unavailable',
    };
    const blank = definitions.filter(({ type }) => type === 'about:blank');
    expect(Object.fromEntries(blank.map(({ status, title }) => [status, title]))).toEqual(phrases);
    expect(new Set(typed.map(({ type }) => type)).size).toBe(typed.length);
    expect(catalogue.violations).toMatchObject({
      type: '/problems/violations',
      status: 400,
      title: 'Bad request',
      detail:
        'The request violates one or more constraints. Please resolve all of them and try again.',
    });
  });

  test('gives a status that it does not know as a fault of ours', () => {
    expect(problemForStatus(404)).toBe('notFound');
    expect(problemForStatus(418)).toBe('internalServerError');
  });
});

test.each([
  [[], '#'],
  [['vin'], '#/vin'],
  [['a/b', 0], '#/a~1b/0'],
  [['m~n'], '#/m~0n'],
  [['~1'], '#/~01'],
  [['c%d e"'], '#/c%25d%20e%22'],
  [['ä'], '#/%C3%A4'],
  [['\ud800'], '#/%EF%BF%BD'],
  [[''], '#/'],
] as const)('the RFC 6901 pointer of %j is %s', (path, expected) => {
  expect(pointer(path)).toBe(expected);
});

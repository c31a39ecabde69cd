import { describe, expect, test } from 'vitest';
import { catalogue, problemForStatus } from '../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../src/problems/definition.ts';
import { pointer } from '../../src/problems/problem.ts';
import { problemWith } from '../../src/problems/schemas.ts';
import { violationCodes } from '../../src/problems/violation-codes.ts';
import { document } from '../support/document.ts';

const definitions: ProblemDefinition[] = Object.values(catalogue);
const typed = definitions.filter(({ type }) => type !== 'about:blank');

test('the document lists every violation code with its meaning', () => {
  const text = JSON.stringify(document.components.schemas);
  for (const [code, meaning] of Object.entries(violationCodes)) {
    expect(text).toContain(`\`${code}\`: ${meaning}`);
  }
});

describe('the catalogue', () => {
  test('uses the HTTP phrase as title for about:blank, and has each other type once', () => {
    const phrases: Record<number, string> = {
      404: 'Not Found',
      405: 'Method Not Allowed',
      406: 'Not Acceptable',
      412: 'Precondition Failed',
      413: 'Content Too Large',
      415: 'Unsupported Media Type',
      500: 'Internal Server Error',
      503: 'Service Unavailable',
    };
    const blank = definitions.filter(({ type }) => type === 'about:blank');
    expect(Object.fromEntries(blank.map(({ status, title }) => [status, title]))).toEqual(phrases);
    expect(new Set(typed.map(({ type }) => type)).size).toBe(typed.length);
    expect(catalogue.quotaExceeded).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      title: 'Request cannot be satisfied as assigned quota has been exceeded',
    });
    expect(catalogue.tooManyFailedAttempts).toMatchObject({
      type: '/problems/too-many-failed-attempts',
      status: 429,
    });
    expect(catalogue.violations).toMatchObject({
      type: '/problems/violations',
      status: 400,
      title: 'Bad request',
      detail:
        'The request violates one or more constraints. Please resolve all of them and try again.',
    });
  });

  test('maps the status of an unexpected exception to internalServerError', () => {
    expect(problemForStatus(404)).toBe('notFound');
    expect(problemForStatus(418)).toBe('internalServerError');
    // The API authenticates callers itself, so a 401 that a library throws is a bug.
    expect(problemForStatus(401)).toBe('internalServerError');
  });
});

test('the members of a problem cannot be declared after the schema of problems is built', () => {
  expect(document.components.schemas.Problem.properties).toHaveProperty('missing');
  expect(() => problemWith('notFound', {}, {})).toThrow('declared too late');
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
] as const)('the JSON Pointer (RFC 6901) of %j is %s', (path, expected) => {
  expect(pointer(path)).toBe(expected);
});

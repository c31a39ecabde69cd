import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { text } from '../../src/http/fields/text.ts';
import { exampleViolations } from '../../src/problems/violations.ts';

const body = z.object({ code: text({ minLength: 4, expected: 'Send 4 characters.' }) });

test('exampleViolations returns the violations that the schema reports', () => {
  expect(exampleViolations('json', body, { code: 'abc' })()).toEqual([
    { in: 'body', pointer: '#/code', code: 'too_short', detail: 'Send 4 characters.' },
  ]);
});

test('exampleViolations throws for a valid input', () => {
  expect(exampleViolations('json', body, { code: 'abcd' })).toThrow(Error);
});

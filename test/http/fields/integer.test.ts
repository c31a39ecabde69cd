import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integer, integerParameter, MAX_INTEGER } from '../../../src/http/fields/integer.ts';

const range = { minimum: -5, maximum: 1000 };

function codesOf(result: { error?: { issues: readonly object[] } }): unknown[] {
  return (result.error?.issues ?? []).map(
    (issue) => (issue as { params?: { code: string } }).params?.code ?? Object(issue).code,
  );
}

test('MAX_INTEGER is 2^53-1', () => {
  expect(MAX_INTEGER).toBe(2 ** 53 - 1);
});

describe('integer', () => {
  const schema = integer(range);

  test.each([-5, -1, 0, 1, 1000])('accepts %d unchanged', (value) => {
    expect(schema.parse(value)).toBe(value);
  });

  test.each([
    [-6, 'out_of_range'],
    [1001, 'out_of_range'],
    [2 ** 53, 'out_of_range'],
    [Number.MAX_VALUE, 'out_of_range'],
    [0.5, 'invalid_type'],
    [999.9999999999999, 'invalid_type'],
    [Number.MIN_VALUE, 'invalid_type'],
    ['1', 'invalid_type'],
    [null, 'invalid_type'],
    [true, 'invalid_type'],
    [[1], 'invalid_type'],
  ])('rejects %j with one violation: %s', (value, code) => {
    expect(codesOf(schema.safeParse(value))).toEqual([code]);
  });

  test('says in the violation what to send', () => {
    for (const value of [1001, 1.5, 'x']) {
      expect(schema.safeParse(value).error?.issues[0]?.message).toBe(
        'Send an integer from -5 to 1000, as a JSON number.',
      );
    }
  });
});

describe('integerParameter', () => {
  const schema = integerParameter(range);
  const widest = integerParameter({ minimum: -MAX_INTEGER, maximum: MAX_INTEGER });

  test('parses the decimal digits of every integer in its range', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(widest.parse(String(value))).toBe(value);
      }),
    );
  });

  test.each([
    ['-6', 'out_of_range'],
    ['1001', 'out_of_range'],
    ['9'.repeat(400), 'out_of_range'],
    ['', 'invalid_format'],
    ['-', 'invalid_format'],
    ['-0', 'invalid_format'],
    ['00', 'invalid_format'],
    ['01', 'invalid_format'],
    ['-01', 'invalid_format'],
    ['+1', 'invalid_format'],
    ['1.0', 'invalid_format'],
    ['1e3', 'invalid_format'],
    ['0x1', 'invalid_format'],
    ['0b1', 'invalid_format'],
    ['1n', 'invalid_format'],
    [' 1', 'invalid_format'],
    ['1\n', 'invalid_format'],
    ['1_0', 'invalid_format'],
    ['１', 'invalid_format'],
    ['Infinity', 'invalid_format'],
  ])('rejects %j as %s', (digits, code) => {
    expect(codesOf(schema.safeParse(digits))).toEqual([code]);
  });

  test('rejects 2^53, which a double cannot distinguish from 2^53+1, as out_of_range', () => {
    expect(codesOf(widest.safeParse('9007199254740992'))).toEqual(['out_of_range']);
    expect(codesOf(widest.safeParse('9007199254740993'))).toEqual(['out_of_range']);
  });

  test('rejects every text that is not the canonical form of an integer', () => {
    const near = fc.stringMatching(/^[-+0-9.eExn_ ]{0,6}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (digits) => {
        const result = widest.safeParse(digits);
        if (result.success) {
          expect(String(result.data)).toBe(digits);
        }
      }),
    );
  });
});

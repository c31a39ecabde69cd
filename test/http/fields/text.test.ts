import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { text, uuid } from '../../../src/http/fields/text.ts';

/** Returns the code of the violation, or undefined for a valid text. */
function codeOf(schema: ReturnType<typeof text>, value: string): unknown {
  const [issue, ...others] = schema.safeParse(value).error?.issues ?? [];
  expect(others).toEqual([]);
  return issue?.code === 'custom' ? issue.params?.code : issue?.code;
}

describe('text', () => {
  const rule = text({
    minLength: 2,
    maxLength: 4,
    alphabet: /^[A-Z🚗]*$/u,
    form: /^A/,
    expected: 'Send it.',
  });

  test.each([
    ['A', 'too_short'],
    ['', 'too_short'],
    ['🚗', 'too_short'],
    ['AB', undefined],
    ['A🚗🚗🚗', undefined],
    ['A🚗🚗🚗🚗', 'too_long'],
    ['ABCDE', 'too_long'],
    ['Abc', 'invalid_character'],
    ['BCD', 'invalid_format'],
    ['A\0', 'invalid_character'],
    ['\0', 'invalid_character'],
    ['A\ud83d', 'invalid_character'],
    ['\ude97A', 'invalid_character'],
  ])('reports %j as %s', (value, code) => {
    expect(codeOf(rule, value)).toBe(code);
  });

  test('reports one violation, whose message says what to send', () => {
    for (const value of ['', 'toolong', 'a\0', 1, null, [], {}]) {
      const { error } = rule.safeParse(value);
      expect(error?.issues.map(({ message }) => message)).toEqual(['Send it.']);
    }
  });

  test('without rules accepts every well-formed text without NUL unchanged', () => {
    const any = text({ expected: 'Send it.' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const result = any.safeParse(value);
        expect(result.success).toBe(value.isWellFormed() && !value.includes('\0'));
        expect(result.data ?? value).toBe(value);
      }),
    );
  });

  test('counts code points, as JSON Schema does', () => {
    const limited = text({ maxLength: 10, expected: 'Send it.' });
    const units = fc.constantFrom('a', '\u0301', '🚗', '\u{10ffff}', '\ufeff', '漢');
    fc.assert(
      fc.property(fc.array(units, { maxLength: 14 }), (characters) => {
        const code = characters.length > 10 ? 'too_long' : undefined;
        expect(codeOf(limited, characters.join(''))).toBe(code);
      }),
    );
  });
});

describe('uuid', () => {
  const id = uuid('the thing');

  test('accepts hexadecimal digits in groups of 8-4-4-4-12 and converts them to lower case', () => {
    const hex = fc.stringMatching(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/);
    fc.assert(
      fc.property(hex, (value) => {
        expect(id.parse(value)).toBe(value.toLowerCase());
      }),
    );
  });

  test('rejects every other text', () => {
    const near = '0123456789abcdefABCDEF-{} \ng\u0130\uff10'.split('');
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...near), { maxLength: 40 }), (characters) => {
        expect(id.safeParse(characters.join('')).success).toBe(false);
      }),
    );
  });

  test('says in the violation what to send', () => {
    expect(id.safeParse('x').error?.issues).toMatchObject([
      {
        message: 'Send the thing as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.',
        params: { code: 'invalid_format' },
      },
    ]);
  });
});

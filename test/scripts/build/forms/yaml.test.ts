import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { toYaml } from '../../../../scripts/build/forms/yaml.ts';

test.each([
  [[[]], {}],
  ['', ' ', 'a: b', '# c', 'a #b', '- x', '~', 'null', 'Yes', '12', '1e3', '0x1', '2026-03-01'],
  ['one\ntwo', 'one\n\ntwo', ' one\ntwo', 'one\ntwo\n', '\none', 'one\n  two', 'a\tb\nc', 'a\r\nb'],
  [
    '\u0000',
    '\u007f',
    '\u0085',
    '\u2028',
    '\ufeff',
    '😀',
    '"\\"',
    "it's",
    '{a}',
    '[b]',
    '&x',
    '!t',
    '@',
    '`',
  ],
  [
    {
      a: { b: [{ c: 1, d: [2, [3, { e: null }]] }] },
      '200': true,
      '': 0,
      'a b': -1.5e-7,
      no: false,
    },
  ],
  ['a ', 'a.', 'a:', 'true', 'x'.repeat(2000), 'a: |-\n  b', '---', '...', '%x', '? x', ': x'],
])('YAML parses back to the same value: %j', (...value) => {
  expect(parse(toYaml(value))).toEqual(value);
  expect(parse(toYaml({ value }))).toEqual({ value });
});

import { describe, expect, test } from 'vitest';
import { VISIBLE, visiblePattern } from '../../../src/http/fields/visible.ts';

/** The same characters by their properties in Unicode, which the Worker's expression does not use. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const VARIATION_SELECTOR = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;

const codePoints = Array.from({ length: 0x11_0000 }, (_, i) => i).filter(
  (point) => point < 0xd800 || point > 0xdfff,
);

describe('VISIBLE', () => {
  test('accepts each character of Unicode that a reader sees, and no other', () => {
    const wrong = codePoints.filter((point) => {
      const character = String.fromCodePoint(point);
      const isVisible = !INVISIBLE.test(character) || VARIATION_SELECTOR.test(character);
      return VISIBLE.test(`a${character}b`) !== isVisible;
    });
    expect(wrong.map((point) => point.toString(16))).toEqual([]);
  });

  test('no invisible character stands before a joiner', () => {
    const wrong = codePoints.filter((point) => {
      const character = String.fromCodePoint(point);
      return (
        VISIBLE.test(`${character}\u200d`) && INVISIBLE.test(character) && character !== '\ufe0f'
      );
    });
    expect(wrong.map((point) => point.toString(16))).toEqual([]);
  });

  test.each([
    ['Persian', 'تعمیرگاه می\u200cخواهم'],
    ['Hindi', 'क्\u200dष'],
    ['Malayalam', 'ന്\u200d'],
    ['Bengali', 'র\u200d্য'],
    ['Sinhala', 'ශ්\u200dරී'],
    ['an emoji of several', '👩\u200d🔧 Workshop'],
    ['an emoji with a variation selector', '🏳️\u200d🌈 ❤️'],
    ['Japanese with a variation selector', '葛\u{e0100}城'],
    ['spaces of all widths', 'a b\u00a0c\u3000d'],
    ['combining marks', 'e\u0301'],
  ])('accepts %s', (_what, name) => {
    expect(VISIBLE.test(name)).toBe(true);
    expect(new RegExp(visiblePattern).test(name)).toBe(true);
    expect(new RegExp(visiblePattern, 'u').test(name)).toBe(true);
  });

  test.each([
    ['only a joiner', '\u200d'],
    ['a joiner among Latin letters', 'Ad\u200dmin'],
    ['a joiner after a space', 'a \u200cb'],
    ['a joiner after a joiner', 'می\u200c\u200cخواهم'],
  ])('refuses %s', (_what, name) => {
    expect(VISIBLE.test(name)).toBe(false);
  });
});

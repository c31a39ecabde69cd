import { patternOf } from './text.ts';

/**
 * Characters that a terminal or a list does not show, in a class of a regular expression: those of the Unicode
 * categories Cc, Cf, Zl and Zp, those with the property Default_Ignorable_Code_Point, and the blank pattern of
 * Braille. With them, two names look alike that differ, or a name looks empty, or reads in another direction. The
 * class leaves out the variation selectors, which choose the form of the character before them, and the two joiners.
 *
 * @see {@link https://www.unicode.org/reports/tr36/}
 */
const INVISIBLE =
  '\\x00-\\x1f\\x7f-\\x9f\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890-\\u0891\\u08e2\\u115f-\\u1160\\u17b4-\\u17b5\\u180b-\\u180f\\u200b\\u200e-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb';

/**
 * The separators of lines and paragraphs. They stand apart because they end a line in JavaScript, so a generated
 * client cannot have them in an expression.
 */
const SEPARATORS = '\\u2028\\u2029';

/** The invisible characters above U+FFFF. */
const INVISIBLE_BEYOND =
  '\\u{110bd}\\u{110cd}\\u{13430}-\\u{1343f}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}';

/**
 * The zero-width joiner and non-joiner. They are invisible too, but words in Persian and in Indic scripts are
 * misspelled without them, and some emoji consist of others that they join.
 */
const JOINERS = '\\u200c\\u200d';

/** What a joiner may follow: the characters from Arabic to Burmese, Khmer, and emoji. Elsewhere it has no effect. */
const JOINED =
  '\\u0620-\\u06dc\\u06de-\\u070e\\u0710-\\u088f\\u0892-\\u08e1\\u08e3-\\u109f\\u1780-\\u17b3\\u17b6-\\u17d3\\u2190-\\u27ff\\u2801-\\u2bff\\ufe0f\\u{1f000}-\\u{1faff}';

/** Matches texts of characters that a reader sees, for names that are shown in terminals and lists. */
export const VISIBLE = new RegExp(
  `^(?:[^${INVISIBLE}${SEPARATORS}${INVISIBLE_BEYOND}${JOINERS}]|[${JOINED}][${JOINERS}])*$`,
  'u',
);

/**
 * The pattern of `VISIBLE` in the document. It says nothing about separators, joiners and characters above U+FFFF,
 * because in many generated clients these make an invalid expression.
 */
export const visiblePattern = patternOf(new RegExp(`^[^${INVISIBLE}]*$`));

/**
 * Returns two or more words as a part of a sentence of the document: `a, b or c`. `Intl.ListFormat` would load locale
 * data at the start of the Worker.
 */
export const listed = (words: readonly string[], conjunction: 'and' | 'or'): string =>
  `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;

/** The most pages that are suggested. */
const MAX_PAGES = 5;
/** The shortest beginning that two forms of a word have in common, such as `webhook` and `webhooks`. */
const MIN_STEM = 4;

/** Returns the words of a text or an address, in lower case. */
function wordsOf(text) {
  const words = text.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return [...new Set(words.replace(/^\/docs\b/, '').match(/[a-z0-9]+/g) ?? [])];
}

const isLike = (one, other) =>
  one === other ||
  (Math.min(one.length, other.length) >= MIN_STEM &&
    (one.startsWith(other) || other.startsWith(one)));

/** Returns the pages of a menu. */
const pagesOf = (items) =>
  items.flatMap(({ text, docFooterText, link, items: inner = [] }) => [
    ...(link ? [{ link, title: docFooterText ?? text }] : []),
    ...pagesOf(inner),
  ]);

/**
 * Returns the pages whose titles or addresses have words of an address that does not exist. A rare word matters more
 * than one that many pages have.
 */
export function pagesLike(address, sidebar) {
  const pages = pagesOf(sidebar).map((page) => ({
    ...page,
    words: wordsOf(`${page.link} ${page.title}`),
    score: 0,
  }));
  for (const word of wordsOf(address)) {
    const found = pages.filter(({ words }) => words.some((own) => isLike(own, word)));
    for (const page of found) {
      page.score += 1 / found.length;
    }
  }
  return pages
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_PAGES);
}

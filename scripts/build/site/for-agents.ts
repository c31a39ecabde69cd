import { type Page, plainMarkdown } from './page.ts';
import type { Site } from './pages.ts';

/** Matches each sample after the first one in a group of tabs. */
const OTHER_SAMPLES = /^(::: code-group\n\n```[\s\S]*?^```\n)[\s\S]*?^(:::)$/gm;

/** Returns each page in Markdown, by its path within the assets. */
export function markdownFiles({ pages }: Site): Record<string, string> {
  return Object.fromEntries(
    pages
      .filter(({ path }) => path !== '/docs')
      .map((page) => [`${page.path}.md`, plainMarkdown(page)]),
  );
}

/** Returns all pages as one Markdown text, with the samples of each operation for a shell only. */
export function completeMarkdown({ pages }: Site): string {
  const short = (page: Page): Page => ({
    ...page,
    markdown: page.markdown.replaceAll(OTHER_SAMPLES, '$1\n$2'),
  });
  return pages.map((page) => plainMarkdown(short(page))).join('\n');
}

import type { LocalServer } from '../../dev/local-server.ts';
import { withBrowser } from '../browser.ts';
import { crawl } from './crawl.ts';
import { checkPages } from './pages.ts';
import { checkReach } from './reach.ts';
import { checkSearch } from './search.ts';
import { tryDocs } from './try.ts';

/** The widths of a computer and of a phone. */
const widths = [1440, 390] as const;

/**
 * Checks the docs site in a headless browser: every link and anchor, each page on the screens of a phone and of a
 * computer in light and, at one of the two widths, in dark, the search, and "try it".
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkDocs(server: LocalServer): Promise<string[]> {
  const { origin } = server;
  const { pages, faults } = await crawl(origin);
  const all = pages.map(({ path }) => path);
  // Colours do not depend on the width, so each half of the pages is dark at one of them.
  const halves = widths.map((dark, half) => ({
    paths: all.filter((_path, i) => i % 2 === half),
    readers: [
      ...widths.map((width) => ({ width, colorScheme: 'light' }) as const),
      { width: dark, colorScheme: 'dark' } as const,
    ],
  }));
  return withBrowser(async (browser) => {
    const found = await Promise.all(
      halves.map(({ paths, readers }) => checkPages(browser, origin, paths, readers)),
    );
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    return [
      ...faults,
      ...found.flat(),
      ...(await checkReach(browser, origin, '/docs/receive-webhooks')),
      ...(await checkSearch(page, origin)),
      ...(await tryDocs(page, server)),
    ];
  });
}

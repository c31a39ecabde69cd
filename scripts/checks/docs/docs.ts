import type { LocalServer } from '../../dev/local-server.ts';
import { withBrowser } from '../browser.ts';
import { crawl } from './crawl.ts';
import { checkPages } from './pages.ts';
import { checkReach } from './reach.ts';
import { checkSearch } from './search.ts';
import { tryDocs } from './try.ts';

/** The screens of a computer and of a phone, in both colour schemes. */
const readers = [1440, 390].flatMap((width) => [
  { width, colorScheme: 'light' } as const,
  { width, colorScheme: 'dark' } as const,
]);

/**
 * Checks the docs site in a headless browser: every link and anchor, each page on the screens of a phone and of a
 * computer in light and dark, the search, and "try it".
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkDocs(server: LocalServer): Promise<string[]> {
  const { origin } = server;
  const { pages, faults } = await crawl(origin);
  const all = pages.map(({ path }) => path);
  const halves = [0, 1].map((half) => all.filter((_path, i) => i % 2 === half));
  return withBrowser(async (browser) => {
    const found = await Promise.all(
      halves.map((paths) => checkPages(browser, origin, paths, readers)),
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

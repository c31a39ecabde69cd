import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import type { ServedPage } from './crawl.ts';

/** The most bytes that a page may need until it is shown, compressed and without the index of the search. */
const MAX_FIRST_PAINT_BYTES = 105_000;
/** The longest guide, which the browser loads to find out whether pages name all that they need. */
const GUIDE = '/docs/receive-webhooks';
/** Match what a browser loads for a page: styles, scripts, fonts and pictures. */
const NEEDED = [
  /<link\b[^>]* rel="(?:preload|modulepreload|stylesheet|icon)[^>]*>/g,
  /<(?:script|img)\b[^>]*>/g,
];
const ADDRESS = / (?:href|src)="(\/[^"]*)"/;

/** Returns the addresses of the files that a page names and that a browser loads before it shows the page. */
function filesOf({ html }: ServedPage): string[] {
  const tags = NEEDED.flatMap((pattern) => html.match(pattern) ?? []);
  return [...new Set(tags.flatMap((tag) => ADDRESS.exec(tag)?.[1] ?? []))];
}

/** Returns the paths that the browser has loaded when a page is there, except what it prefetches of other pages. */
async function loadedBy(browser: Browser, origin: string): Promise<string[]> {
  const page = await browser.newPage();
  await page.goto(origin + GUIDE);
  const addresses = await page.evaluate<string[]>(`
    const [{ loadEventStart }] = performance.getEntriesByType('navigation');
    const later = [...document.querySelectorAll('link[rel=prefetch]')].map(({ href }) => href);
    performance.getEntriesByType('resource')
      .filter(({ name, responseEnd }) => responseEnd <= loadEventStart && !later.includes(name))
      .map(({ name }) => name);
  `);
  await page.close();
  return addresses
    .filter((address) => address.startsWith('http'))
    .map((one) => new URL(one).pathname);
}

/** Checks how many bytes each page needs until it is shown: its own, and those of the files that it names. */
export async function checkWeights(
  browser: Browser,
  origin: string,
  pages: readonly ServedPage[],
): Promise<string[]> {
  const sizes = new Map<string, Promise<number>>();
  const sizeOf = async (path: string) => {
    const body = await (await fetch(origin + path)).arrayBuffer();
    return gzipSync(body).length;
  };
  const weights = await Promise.all(
    pages.map(async (page) => {
      const files = filesOf(page).map((path) => {
        const size = sizes.get(path) ?? sizeOf(path);
        sizes.set(path, size);
        return size;
      });
      const all = [gzipSync(page.html).length, ...(await Promise.all(files))];
      return { path: page.path, bytes: all.reduce((sum, size) => sum + size, 0) };
    }),
  );
  const heaviest = weights.toSorted((a, b) => b.bytes - a.bytes)[0];
  console.log(`       ${heaviest?.path} needs ${heaviest?.bytes} bytes until it is shown.`);
  const guide = pages.find(({ path }) => path === GUIDE);
  const known = guide === undefined ? [] : filesOf(guide);
  const unknown = (await loadedBy(browser, origin)).filter((path) => !known.includes(path));
  return [
    ...unknown.map((path) => `${GUIDE} loads ${path}, which it does not name.`),
    ...weights
      .filter(({ bytes }) => bytes > MAX_FIRST_PAINT_BYTES)
      .map(
        ({ path, bytes }) =>
          `${path} needs ${bytes} bytes until it is shown, more than ${MAX_FIRST_PAINT_BYTES}.`,
      ),
  ];
}

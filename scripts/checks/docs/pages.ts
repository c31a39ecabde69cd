import { dirname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { inspect, type Reader, watch } from '../browser.ts';
import type { ServedPage } from './crawl.ts';
import { layoutFaults } from './layout.ts';

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: {
  readonly title: string;
  readonly body: { append(element: BrowserElement): void };
  createElement(name: 'a'): BrowserElement & { href: string; click(): void; remove(): void };
  querySelectorAll(selector: string): Iterable<BrowserElement>;
};

declare class DOMParser {
  parseFromString(text: string, type: 'text/html'): { readonly title: string };
}

interface BrowserElement {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  replaceWith(text: string): void;
  getClientRects(): { readonly length: number };
}

/** The widths of a computer and of a phone. */
const widths = [1440, 390] as const;
const colorSchemes = ['light', 'dark'] as const;
/** What all pages have in common: the bar at the top, its form on a phone, and the menu. */
const FRAME = ['.VPNav', '.VPLocalNav', '.VPSidebar'];

/** Returns the element of a page that contains its title. */
const titleOf = ({ html }: ServedPage) => /<title>.*?<\/title>/.exec(html)?.[0] ?? '';

/**
 * Leaves one part of the highlighted code in each colour, because axe needs most of its time for the colours of others.
 * Screenshots keep them all.
 */
async function simplifyCode(page: Page): Promise<void> {
  if (process.env.SCREENSHOTS !== undefined) {
    return;
  }
  await page.evaluate(() => {
    const seen = new Set<string | null>();
    for (const part of document.querySelectorAll('.shiki span[style]')) {
      const style = part.getAttribute('style');
      if (seen.has(style)) {
        part.replaceWith(part.textContent);
      } else if (part.getClientRects().length > 0) {
        seen.add(style);
      }
    }
  });
}

/** Opens another page of the site like a reader who follows a link, which is much faster than loading it. */
async function follow(page: Page, served: ServedPage): Promise<void> {
  await page.evaluate((href) => {
    const link = document.createElement('a');
    link.href = href;
    document.body.append(link);
    link.click();
    link.remove();
  }, served.path);
  await page.waitForFunction(
    (title) => document.title === new DOMParser().parseFromString(title, 'text/html').title,
    titleOf(served),
  );
}

/**
 * Visits pages of the docs site one after the other, and checks how a reader sees each of them: no rule of axe is
 * broken, nothing is wider than the screen, no code is cut off, and nothing is loaded from another host. The form of
 * an operation is open. The first page of each folder is loaded, and seen completely, in light and in dark. The others
 * are opened from there, and seen without what all pages have in common, in light and in dark by turns.
 *
 * @param first the position in the list from which on every second page is light.
 */
async function visit(
  browser: Browser,
  origin: string,
  pages: readonly ServedPage[],
  width: Reader['width'],
  first: number,
): Promise<string[]> {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  const faults = watch(page, origin);
  const folders = new Set<string>();
  for (const [position, served] of pages.entries()) {
    const { path } = served;
    const isFirst = !folders.has(dirname(path));
    folders.add(dirname(path));
    // The script of a page that is loaded must listen before a button is clicked.
    await (isFirst ? page.goto(origin + path, { waitUntil: 'networkidle' }) : follow(page, served));
    const form = page.locator('#try-it');
    if ((await form.count()) > 0) {
      await form.getByRole('button', { name: 'Try it' }).click();
      await form.locator('form').waitFor();
    }
    const found = await layoutFaults(page, width);
    await simplifyCode(page);
    const turn = colorSchemes[(position + first) % 2] as Reader['colorScheme'];
    for (const colorScheme of isFirst ? colorSchemes : [turn]) {
      await page.emulateMedia({ colorScheme });
      const picture = path.slice(1).replaceAll('/', '-');
      const known = isFirst ? [] : FRAME;
      const seen = await inspect(page, picture, { width, colorScheme }, { known });
      found.push(...seen.map((fault) => `in ${colorScheme}: ${fault}`));
    }
    faults.push(...found.map((fault) => `${path}, ${width} pixels: ${fault}`));
  }
  await context.close();
  return faults;
}

/**
 * Checks each page on the screens of a phone and of a computer, in light on one of them and in dark on the other.
 * Colours do not depend on the width, and each layout has many pages, so each is seen in all four ways.
 */
export async function checkPages(
  browser: Browser,
  origin: string,
  pages: readonly ServedPage[],
): Promise<string[]> {
  const titles = pages.map(titleOf);
  const twice = titles.filter((title, position) => titles.indexOf(title) !== position);
  const found = await Promise.all(
    widths.map((width, first) => visit(browser, origin, pages, width, first)),
  );
  return [...twice.map((title) => `Two pages have the title ${title}.`), ...found.flat()];
}

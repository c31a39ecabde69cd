import type { Page } from 'playwright-core';

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: {
  createRange(): BrowserRange;
  createTreeWalker(root: BrowserElement, what: number): { nextNode(): BrowserText | null };
  querySelector(selector: string): BrowserElement | null;
  querySelectorAll(selector: string): Iterable<BrowserElement>;
};
declare const location: { readonly pathname: string };

interface BrowserText {
  readonly data: string;
}

interface BrowserRange {
  setStart(text: BrowserText, offset: number): void;
  setEnd(text: BrowserText, offset: number): void;
  getClientRects(): Iterable<Rectangle>;
}

interface Rectangle {
  readonly top: number;
  readonly bottom: number;
}

interface BrowserElement {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string;
  readonly parentElement: BrowserElement;
  querySelector(selector: string): BrowserElement | null;
  querySelectorAll(selector: string): Iterable<BrowserElement>;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): Rectangle;
  getClientRects(): Iterable<Rectangle>;
}

/** The width from which on long lines of code wrap. On a narrower screen they scroll. */
const WRAPPING_WIDTH = 768;
/** The number of characters from which on a page needs headings below its title. */
const LONG_PAGE = 3_000;
/** How long the menu may take to show the page that was opened. */
const MENU_TIMEOUT_MS = 2_000;
/** `NodeFilter.SHOW_TEXT`. */
const SHOW_TEXT = 4;

/** Returns a sentence for each code block that is cut off or broken, or that has no button to copy it. */
function codeFaults(page: Page, scrolls: boolean): Promise<string[]> {
  return page.evaluate(
    (mayScroll) =>
      [...document.querySelectorAll('.vp-doc pre')].flatMap((block) => {
        const start = block.textContent.slice(0, 60);
        const isBroken = (line: BrowserElement) =>
          new Set([...line.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
        const hasBroken = mayScroll && [...block.querySelectorAll('.line')].some(isBroken);
        const isCutOff = !mayScroll && block.scrollWidth > block.clientWidth;
        return [
          ...(hasBroken ? [`A line of code is broken: ${start}`] : []),
          ...(isCutOff ? [`A code block is cut off: ${start}`] : []),
          ...(block.parentElement.querySelector('button.copy')
            ? []
            : [`A code block has no copy button: ${start}`]),
        ];
      }),
    scrolls,
  );
}

/** Returns a sentence for each word in a cell of a table that does not fit into one line. */
function cellFaults(page: Page): Promise<string[]> {
  return page.evaluate((texts) => {
    const faults: string[] = [];
    const range = document.createRange();
    for (const cell of document.querySelectorAll('.vp-doc :is(th, td)')) {
      const walker = document.createTreeWalker(cell, texts);
      for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
        for (const { 0: word, index } of text.data.matchAll(/\p{L}{2,}/gu)) {
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          const tops = [...range.getClientRects()].map(({ top }) => Math.round(top));
          if (new Set(tops).size > 1) {
            faults.push(`A cell of a table breaks the word "${word}".`);
          }
        }
      }
    }
    return faults;
  }, SHOW_TEXT);
}

/** Returns a sentence if a page does not have one title, or is long and has no other heading. */
function headingFaults(page: Page): Promise<string[]> {
  return page.evaluate((long) => {
    const titles = [...document.querySelectorAll('.vp-doc h1')].length;
    const sections = [...document.querySelectorAll('.vp-doc h2')].length;
    const { length } = document.querySelector('.vp-doc')?.textContent ?? '';
    return [
      ...(titles === 1 ? [] : [`The page has ${titles} titles.`]),
      ...(sections > 0 || length < long
        ? []
        : [`The page has ${length} characters and no heading below its title.`]),
    ];
  }, LONG_PAGE);
}

/** Returns a sentence if the menu does not mark the page, or if a reader must scroll the menu to see it. */
async function menuFaults(page: Page): Promise<string[]> {
  const shown = page.waitForFunction(
    () => {
      const menu = document.querySelector('.VPSidebar');
      const link = menu?.querySelector('a[aria-current=page]');
      if (!menu || link?.getAttribute('href') !== location.pathname) {
        return false;
      }
      const frame = menu.getBoundingClientRect();
      const { top, bottom } = link.getBoundingClientRect();
      return top >= frame.top && bottom <= frame.bottom;
    },
    undefined,
    { timeout: MENU_TIMEOUT_MS },
  );
  return shown.then(
    () => [],
    () => ['The menu does not show where the page is.'],
  );
}

/** Checks how the page that is open is laid out: its code, its tables, its headings, and its place in the menu. */
export async function layoutFaults(page: Page, width: number): Promise<string[]> {
  const found = await Promise.all([
    codeFaults(page, width < WRAPPING_WIDTH),
    cellFaults(page),
    headingFaults(page),
    menuFaults(page),
  ]);
  return found.flat();
}

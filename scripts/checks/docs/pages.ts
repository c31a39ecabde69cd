import type { Browser, Page } from 'playwright-core';
import { inspect, type Reader, watch } from '../browser.ts';

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: {
  querySelectorAll(selector: string): Iterable<BrowserElement>;
};

interface BrowserElement {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string;
  readonly parentElement: BrowserElement;
  querySelector(selector: string): BrowserElement | null;
}

/** Returns a sentence for each code block that is cut off, or that has no button to copy it. */
async function codeFaults(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.vp-doc pre')].flatMap((block) => {
      const start = block.textContent.slice(0, 60);
      return [
        ...(block.scrollWidth > block.clientWidth ? [`A code block is cut off: ${start}`] : []),
        ...(block.parentElement.querySelector('button.copy')
          ? []
          : [`A code block has no copy button: ${start}`]),
      ];
    }),
  );
}

/**
 * Opens pages of the docs site one after the other, and checks how each reader sees it: no rule of axe is broken,
 * nothing is wider than the screen, no code is cut off, and nothing is loaded from another host.
 *
 * @param readers who looks at each page.
 */
export async function checkPages(
  browser: Browser,
  origin: string,
  paths: readonly string[],
  readers: readonly Reader[],
): Promise<string[]> {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  const faults = watch(page, origin);
  for (const path of paths) {
    await page.goto(origin + path);
    for (const reader of readers) {
      const { width, colorScheme } = reader;
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const found = await inspect(page, path.slice(1).replaceAll('/', '-'), reader);
      if (width === 1440) {
        found.push(...(await codeFaults(page)));
      }
      faults.push(...found.map((fault) => `${path}, ${width} pixels, ${colorScheme}: ${fault}`));
    }
  }
  await context.close();
  return faults;
}

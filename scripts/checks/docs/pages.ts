import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { contentWidth, watch } from '../browser.ts';

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: {
  readonly activeElement: BrowserElement;
  querySelectorAll(selector: string): Iterable<BrowserElement>;
};

interface BrowserElement {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string;
  readonly parentElement: BrowserElement;
  querySelector(selector: string): BrowserElement | null;
}

/** How a person looks at the site. */
export interface Reader {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A folder for screenshots of each page; none are taken without it. */
const { SCREENSHOTS } = process.env;

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

/** Checks the page that is open. @returns one sentence for each fault. */
async function inspect(
  page: Page,
  path: string,
  { width, colorScheme }: Reader,
): Promise<string[]> {
  const faults: string[] = [];
  const content = await contentWidth(page);
  if (content > width) {
    faults.push(`The page is ${content} pixels wide.`);
  }
  const { violations } = await page.evaluate<AxeResults>(
    "axe.run({ resultTypes: ['violations'] })",
  );
  for (const { id, help, nodes } of violations) {
    faults.push(`The page breaks the rule ${id} of axe: ${help}. ${nodes[0]?.html}`);
  }
  if (width === 1440) {
    faults.push(...(await codeFaults(page)));
  }
  if (SCREENSHOTS !== undefined) {
    const name = path.slice(1).replaceAll('/', '-');
    await page.screenshot({ path: `${SCREENSHOTS}/${name}-${width}-${colorScheme}.png` });
  }
  return faults;
}

/**
 * Opens pages of the docs site one after the other, and checks how each reader sees it: no rule of axe is broken,
 * nothing is wider than the screen, no code is cut off, and nothing is loaded from another host.
 *
 * @param readers who looks at each page.
 * @returns one sentence for each fault.
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
    await page.evaluate(axe.source);
    for (const reader of readers) {
      const { width, colorScheme } = reader;
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const found = await inspect(page, path, reader);
      faults.push(...found.map((fault) => `${path}, ${width} pixels, ${colorScheme}: ${fault}`));
    }
  }
  await context.close();
  return faults;
}

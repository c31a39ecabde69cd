import { existsSync } from 'node:fs';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** A folder for screenshots of each page; none are taken without it. */
const { SCREENSHOTS } = process.env;

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: { readonly documentElement: { readonly scrollWidth: number } };

/**
 * Starts a headless browser and closes it after `use`.
 *
 * @returns the faults that `use` returns, or one fault if there is no browser.
 */
export async function withBrowser(use: (browser: Browser) => Promise<string[]>): Promise<string[]> {
  if (!existsSync(CHROMIUM)) {
    return [
      `${CHROMIUM} is missing. Install the Debian package chromium, or set CHROMIUM to the path of a Chromium.`,
    ];
  }
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // The browser opens pages of the local server only, and its sandbox does not work for root.
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** Returns a list to which each error of the page and each request to another host adds a fault. */
export function watch(page: Page, origin: string): string[] {
  const faults: string[] = [];
  const checkHost = (url: string) => {
    if (new URL(url).host !== new URL(origin).host && !/^(?:data|blob):/.test(url)) {
      faults.push(`The page sends a request to another host: ${url}`);
    }
  };
  page.on('request', (request) => checkHost(request.url()));
  page.on('websocket', (socket) => checkHost(socket.url()));
  page.on('pageerror', (error) => faults.push(`The page throws: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      faults.push(`The page logs an error: ${message.text()}`);
    }
  });
  return faults;
}

/** How a person looks at a page. */
export interface Reader {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

interface Inspection {
  readonly hasScripts?: boolean;
  readonly known?: readonly string[];
}

/**
 * Checks the page that is open: nothing is wider than the screen, and no rule of axe is broken.
 *
 * @param picture the beginning of the name of its screenshot, if SCREENSHOTS is set.
 * @param known the selectors of what other pages share with this one, which axe has seen there.
 */
export async function inspect(
  page: Page,
  picture: string,
  { width, colorScheme }: Reader,
  { hasScripts = true, known = [] }: Inspection = {},
): Promise<string[]> {
  // A check can have seen the text of a page before its style arrived, and axe must not see two states of it.
  await page.waitForLoadState();
  const content = await page.evaluate(() => document.documentElement.scrollWidth);
  const faults = content > width ? [`The page is ${content} pixels wide.`] : [];
  // axe is a script, and so is what takes a screenshot of a whole page.
  if (!hasScripts) {
    return faults;
  }
  if (await page.evaluate('typeof axe === "undefined"')) {
    await page.evaluate(axe.source);
  }
  // The pages contain no media, and no rule that is on reads their style sheets, so axe need not fetch them again.
  const context =
    known.length > 0 ? JSON.stringify({ exclude: known.map((one) => [one]) }) : 'document';
  const violations = await page.evaluate<AxeResults['violations']>(
    `axe.run(${context}, { resultTypes: ['violations'], preload: false }).then(({ violations }) => violations)`,
  );
  for (const { id, help, nodes } of violations) {
    const [node] = nodes;
    const why = node?.any[0]?.message ?? '';
    faults.push(`The page breaks the rule ${id} of axe: ${help}. ${node?.html} ${why}`.trimEnd());
  }
  if (SCREENSHOTS !== undefined) {
    const path = `${SCREENSHOTS}/${picture}-${width}-${colorScheme}.png`;
    await page.screenshot({ path, fullPage: true });
  }
  return faults;
}

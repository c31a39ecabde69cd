import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

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

/** Returns the width of the content of a page, in pixels. It exceeds that of the screen if the page overflows. */
export function contentWidth(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

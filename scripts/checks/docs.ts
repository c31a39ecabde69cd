import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import type { LocalServer } from '../dev/local-server.ts';
import { contentWidth, watch, withBrowser } from './browser.ts';
import { tryDocs } from './try-docs.ts';

/** The longest time that the page may take to show every operation. */
const PAGE_TIMEOUT_MS = 30_000;

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: {
  readonly documentElement: { readonly scrollHeight: number };
};
declare const window: {
  readonly scrollY: number;
  readonly innerHeight: number;
  scrollTo(x: number, y: number): void;
};

const openApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ summary: z.string() }))),
});

/**
 * Checks the docs page in a headless browser. The page must show every operation of the document, log no
 * error, load nothing from another host, offer samples in every language, send "try it" requests with both
 * credentials, and fit the screen of a phone.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkDocs(server: LocalServer): Promise<string[]> {
  const { origin } = server;
  const document = openApi.parse(await (await fetch(`${origin}/openapi.json`)).json());
  const summaries = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ summary }) => summary),
  );
  return withBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    const faults = watch(page, origin);
    await page.goto(`${origin}/docs`);
    const shown = await headings(page, summaries);
    const hidden = summaries.filter((summary) => !shown.has(summary));
    faults.push(...hidden.map((summary) => `The page does not show the operation "${summary}".`));
    if (summaries.length === 0) {
      faults.push('The document has no operations.');
    }
    faults.push(...(await showsLanguages(page, origin)));
    faults.push(...(await tryDocs(page, server)));
    return [...faults, ...(await fitsPhones(browser, origin))];
  });
}

/** The languages of the samples, as the page names them. */
const LANGUAGES = ['curl', 'JavaScript', 'Python', 'PHP', 'C#'];

/** Opens the list of languages of the first operation. @returns one sentence for each missing language. */
async function showsLanguages(page: Page, origin: string): Promise<string[]> {
  await page.goto(`${origin}/docs`);
  await page.locator('a[href$="/GET/v2/tickets/prepared-tickets"]').click();
  await page.locator('button', { hasText: 'curl' }).first().click();
  const options = page.locator('[role=option], [role=menuitem]');
  await options.first().waitFor();
  const shown = (await options.allInnerTexts()).map((text) => text.trim());
  return LANGUAGES.filter((language) => !shown.includes(language)).map(
    (language) => `The page has no sample in ${language}. It has ${shown.join(', ')}.`,
  );
}

/** Checks that the page is not wider than a phone, in light and dark mode. @returns the faults. */
async function fitsPhones(browser: Browser, origin: string): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme });
    await page.goto(`${origin}/docs`);
    await page.locator('main h1').first().waitFor();
    const width = await contentWidth(page);
    if (width > 390) {
      faults.push(
        `The page is ${width} pixels wide on a screen of 390 pixels in ${colorScheme} mode.`,
      );
    }
    await page.close();
  }
  return faults;
}

/**
 * Scrolls through the page, opens each collapsed group, and returns the headings that it showed. Scrolling
 * is necessary because the page renders only what is near the viewport. Stops as soon as all wanted headings
 * were shown.
 */
async function headings(page: Page, wanted: readonly string[]): Promise<Set<string>> {
  const seen = new Set<string>();
  const closed = page.locator('main button', { hasText: 'Show More' });
  const end = Date.now() + PAGE_TIMEOUT_MS;
  while (Date.now() < end && !wanted.every((heading) => seen.has(heading))) {
    for (const text of await page.locator('main :is(h1, h2, h3, h4):visible').allInnerTexts()) {
      // Scalar appends a zero-width space to a heading, which holds its link.
      seen.add(text.replaceAll('\u200b', '').trim());
    }
    if ((await closed.count()) > 0) {
      await closed
        .first()
        .click({ timeout: 2_000 })
        .catch(() => {});
    }
    await page.evaluate(() => {
      const { scrollHeight } = document.documentElement;
      const atEnd = window.scrollY + window.innerHeight >= scrollHeight - 1;
      window.scrollTo(0, atEnd ? 0 : window.scrollY + window.innerHeight);
    });
    await page.waitForTimeout(100);
  }
  return seen;
}

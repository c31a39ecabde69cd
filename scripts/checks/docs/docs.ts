import type { Browser, Page } from 'playwright-core';
import { demoAccess } from '../../dev/demo-access.ts';
import type { LocalServer } from '../../dev/local-server.ts';
import { inspect, type Reader, watch, withBrowser } from '../browser.ts';
import { crawl } from './crawl.ts';
import { checkPictures } from './pictures.ts';
import { checkReach } from './reach.ts';

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
  getAttribute(name: string): string | null;
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
async function checkPages(
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

const LIST = '/v2/tickets/prepared-tickets';

/** Clicks the field to the right of a label and types a text. */
async function type(page: Page, label: string, text: string): Promise<void> {
  const place = await page.getByText(label, { exact: true }).first().boundingBox();
  if (place === null) {
    throw new Error(`The page shows no field "${label}".`);
  }
  await page.mouse.click(place.x + place.width + 40, place.y + place.height / 2);
  await page.keyboard.type(text);
}

/** Checks "try it": enters the demo credentials, authorizes, and sends the list request. */
async function tryDocs(page: Page, server: LocalServer): Promise<string[]> {
  const { origin, variables } = await demoAccess(server);
  await page.goto(`${origin}/docs/try`);
  await page.getByText('Client Secret', { exact: true }).first().waitFor();
  await type(page, 'Client ID', variables.CLIENT_ID);
  await type(page, 'Client Secret', variables.CLIENT_SECRET);
  await page.getByText('Select All').first().click();
  await type(page, 'Value', variables.API_KEY);
  const token = page.waitForResponse(`${origin}/oauth2/token`);
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  if ((await token).status() !== 200) {
    return [`"Authorize" returned ${(await token).status()}.`];
  }
  // The token replaces the fields of the credentials.
  await page.getByText('Access Token', { exact: true }).first().waitFor();
  // The page renders an operation only when the reader scrolls or navigates to it.
  await page.locator(`a[href$="/GET${LIST}"]`).click();
  await page
    .getByRole('button', { name: new RegExp(`Test Request.*get ${LIST}(?![\\w/-])`) })
    .first()
    .click();
  const list = page.waitForResponse((response) => new URL(response.url()).pathname === LIST);
  await page
    .getByRole('button', { name: /^\s*Send/ })
    .first()
    .click();
  const response = await list;
  const { search } = new URL(response.url());
  const headers = Object.keys(response.request().headers());
  const optional = headers.filter((name) => name === 'x-d1-bookmark' || name.startsWith('if-'));
  return [
    ...(response.status() === 200 ? [] : [`"Try it" of the list returned ${response.status()}.`]),
    ...(search === ''
      ? []
      : [`"Try it" of the list sends filters that were not selected: ${search}`]),
    ...optional.map(
      (name) => `"Try it" of the list sends the header ${name}, which was not selected.`,
    ),
  ];
}

/** What readers search for, and the pages of which one must be the first result, or among the first ones. */
const searches: readonly (readonly [query: string, page: RegExp, among?: number])[] = [
  ['401', /^\/docs\/problems\/(?:credentials-missing|token-expired|token-invalid|api-key-invalid)/],
  ['412', /^\/docs\/problems\/precondition-failed/],
  ['429', /^\/docs\/problems\/(?:quota-exceeded|too-many-failed-attempts)/],
  ['pagination', /^\/docs\/pagination/],
  ['webhook', /^\/docs\/(?:receive-webhooks|reference\/webhooks)/],
  ['retry', /^\/docs\/retries/],
  ['idempotency', /^\/docs\/retries/],
  ['VIN', /^\/docs\/glossary#vin/],
  ['rotate', /^\/docs\/rotate-credentials/],
  ['delete', /^\/docs\/reference\/deletePreparedTicket/],
  ['expired token', /^\/docs\/problems\/token-expired/],
  // Words that readers bring along.
  ['duplicate', /^\/docs\/(?:retries|choose-how-to-write)/, 3],
  ['upsert', /^\/docs\/sync-by-reference/, 3],
  ['SDK', /^\/docs\/generate-a-client/, 3],
  ['Excel', /^\/docs\/keep-a-copy/, 3],
  ['sandbox', /^\/docs\/(?:glossary#sandbox|errors)/, 3],
  ['rate limit', /^\/docs\/rate-limits/, 3],
];

/**
 * Searches with the search of the site, as a reader does.
 *
 * @returns one sentence for each search whose first results are other pages.
 */
async function checkSearch(page: Page, origin: string): Promise<string[]> {
  await page.goto(`${origin}/docs`);
  await page.getByRole('button', { name: 'Search' }).first().click();
  const faults: string[] = [];
  for (const [query, wanted, among = 1] of searches) {
    await page.locator('.VPLocalSearchBox input').fill(query);
    // The results of the search before stay until those of this one are there.
    await page.waitForTimeout(350);
    const results = page.locator('.VPLocalSearchBox .results a');
    await results
      .first()
      .waitFor({ timeout: 2_000 })
      .catch(() => {});
    const found = await results.evaluateAll((links) =>
      links.map((link) => (link as unknown as BrowserElement).getAttribute('href') ?? ''),
    );
    const first = found.slice(0, among);
    if (!first.some((href) => wanted.test(href))) {
      faults.push(`The search for "${query}" finds ${first.join(', ') || 'nothing'}.`);
    }
  }
  return faults;
}

/** The widths of a computer and of a phone. */
const widths = [1440, 390] as const;

/**
 * Checks the docs site in a headless browser: every link and anchor, each page on the screens of a phone and of a
 * computer in light and, at one of the two widths, in dark, the pictures, the search, and "try it".
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
      ...checkPictures(pages),
      ...found.flat(),
      ...(await checkReach(browser, origin, '/docs/receive-webhooks')),
      ...(await checkSearch(page, origin)),
      ...(await tryDocs(page, server)),
    ];
  });
}

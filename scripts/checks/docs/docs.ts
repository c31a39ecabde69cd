import type { Page } from 'playwright-core';
import type { LocalServer } from '../../dev/local-server.ts';
import { withBrowser } from '../browser.ts';
import { crawl } from './crawl.ts';
import { checkDeployment } from './deployment.ts';
import { checkNavigation } from './navigation.ts';
import { checkPages } from './pages.ts';
import { checkPictures } from './pictures.ts';
import { checkReach } from './reach.ts';
import { checkTryIt } from './try-it.ts';
import { checkWeights } from './weights.ts';

/** What readers search for, and the pages of which one must be the first result, or among the first ones. */
const searches: readonly (readonly [query: string, page: RegExp, among?: number])[] = [
  ['401', /^\/docs\/problems\/(?:credentials-missing|token-expired|token-invalid|api-key-invalid)/],
  ['412', /^\/docs\/problems\/precondition-failed/],
  ['429', /^\/docs\/(?:problems\/(?:quota-exceeded|too-many-failed-attempts)|rate-limits#.*429)/],
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
      links.map((link) => link.getAttribute('href') ?? ''),
    );
    const first = found.slice(0, among);
    if (!first.some((href) => wanted.test(href))) {
      faults.push(`The search for "${query}" finds ${first.join(', ') || 'nothing'}.`);
    }
  }
  return faults;
}

/**
 * Checks the docs site in a headless browser: every link and anchor, each page on the screens of a phone and of a
 * computer, in light and in dark, the pictures, the navigation, the search, and the forms that send requests. Also
 * checks that a deployment has nothing of the demo partner.
 */
export async function checkDocs(server: LocalServer): Promise<string[]> {
  const { origin } = server;
  const { pages, faults } = await crawl(origin);
  return withBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    return [
      ...faults,
      ...checkPictures(pages),
      ...(await checkPages(browser, origin, pages)),
      ...(await checkWeights(browser, origin, pages)),
      ...(await checkNavigation(browser, origin, pages)),
      ...(await checkReach(browser, origin)),
      ...(await checkSearch(page, origin)),
      ...(await checkTryIt(browser, server)),
      ...(await checkDeployment()),
    ];
  });
}

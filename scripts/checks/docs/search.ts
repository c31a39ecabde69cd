import type { Page } from 'playwright-core';

/** What readers search for, and the pages of which one must be the first result. */
const searches: readonly (readonly [query: string, page: RegExp])[] = [
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
];

/**
 * Searches with the search of the site, as a reader does.
 *
 * @returns one sentence for each search whose first result is another page.
 */
export async function checkSearch(page: Page, origin: string): Promise<string[]> {
  await page.goto(`${origin}/docs`);
  await page.getByRole('button', { name: 'Search' }).first().click();
  const faults: string[] = [];
  for (const [query, wanted] of searches) {
    await page.locator('.VPLocalSearchBox input').fill(query);
    // The results of the search before stay until those of this one are there.
    await page.waitForTimeout(350);
    const first = await page
      .locator('.VPLocalSearchBox .results a')
      .first()
      .getAttribute('href', { timeout: 2_000 })
      .catch(() => null);
    if (first === null || !wanted.test(first)) {
      faults.push(`The first result of "${query}" is ${first ?? 'missing'}.`);
    }
  }
  return faults;
}

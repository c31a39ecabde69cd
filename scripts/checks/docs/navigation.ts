import type { Browser, Page } from 'playwright-core';
import type { ServedPage } from './crawl.ts';

/** A page with sections and code. */
const GUIDE = '/docs/receive-webhooks';
/** An address that does not exist. A reader may have meant the guide. */
const MISSING = '/docs/webhook-guide';
/** How long the page may take to react. */
const TIMEOUT_MS = 5_000;
/** What paper does not need. */
const SCREEN_ONLY = ['.VPNav', '.VPSidebar', '.aside', '.page-actions', '.VPDocFooter', '.copy'];

/** Returns a sentence for each page without a tag that search engines and previews of links read. */
function tagFaults(origin: string, pages: readonly ServedPage[]): string[] {
  return pages.flatMap(({ path, html }) => {
    const tags = [
      `<link rel="canonical" href="${origin}${path}">`,
      `<meta property="og:url" content="${origin}${path}">`,
      '<meta property="og:title" content="',
      '<meta property="og:description" content="',
    ];
    return tags.filter((tag) => !html.includes(tag)).map((tag) => `${path} lacks ${tag}`);
  });
}

/** Returns a sentence for each page that the sitemap lacks, and for each of its addresses without a page. */
async function sitemapFaults(origin: string, pages: readonly ServedPage[]): Promise<string[]> {
  const text = await (await fetch(`${origin}/sitemap.xml`)).text();
  const listed = Array.from(text.matchAll(/<loc>(.*?)<\/loc>/g), ([, address = '']) => address);
  const served = pages.map(({ path }) => origin + path);
  return [
    ...served.filter((one) => !listed.includes(one)).map((one) => `The sitemap lacks ${one}.`),
    ...listed
      .filter((one) => !served.includes(one))
      .map((one) => `The sitemap has ${one}, to which no page links.`),
  ];
}

/** Checks the methods in the menu, the bar at the top, and "On this page". */
async function menuFaults(page: Page): Promise<string[]> {
  const operations = await page
    .locator('.VPSidebar a[href^="/docs/reference/"]')
    .evaluateAll((links) =>
      links
        .map((link) => ({ href: link.getAttribute('href') ?? '', text: link.textContent ?? '' }))
        .filter(({ href }) => /[A-Z]/.test(href)),
    );
  const bare = operations.filter(({ text }) => !/^(?:GET|POST|PUT|DELETE) \S/.test(text));
  const headings = await page.locator('.vp-doc :is(h2, h3)').count();
  const outline = await page.locator('.VPDocAsideOutline .outline-link:visible').count();
  const inBar = await page.locator('.VPNavBarMenu a[href="/docs/changelog"]:visible').count();
  return [
    ...(operations.length > 0 ? [] : ['The menu has no operations.']),
    ...bare.map(({ href }) => `The menu has no method beside ${href}.`),
    ...(headings > 0 && headings === outline
      ? []
      : [`"On this page" has ${outline} of the ${headings} headings of ${GUIDE}.`]),
    ...(inBar === 1 ? [] : ['The bar at the top has no link to the changelog.']),
  ];
}

/** Checks that the button copies the page as it is served in Markdown. */
async function copyFaults(page: Page, origin: string): Promise<string[]> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  const done = page.getByRole('button', { name: 'Copied' });
  await done.waitFor({ timeout: TIMEOUT_MS }).catch(() => {});
  const copied = await page.evaluate<string>('navigator.clipboard.readText()');
  const markdown = await (await fetch(`${origin}${GUIDE}.md`)).text();
  return copied === markdown ? [] : [`${GUIDE} is copied as: ${copied.slice(0, 80)}`];
}

/** Checks that nothing moves for a reader who asks for it. */
async function motionFaults(page: Page): Promise<string[]> {
  const moving = await page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((element) => {
      const { transitionDuration, animationDuration } = getComputedStyle(element);
      return Math.max(parseFloat(transitionDuration), parseFloat(animationDuration)) > 0.01;
    })
    .map(({ className }) => className)`);
  return moving.length > 0 ? [`These parts of a page move: ${moving.slice(0, 5).join(', ')}.`] : [];
}

/** Checks a page on paper: its text only, and all of its code. */
async function printFaults(page: Page): Promise<string[]> {
  await page.emulateMedia({ media: 'print' });
  const counts = await Promise.all(
    SCREEN_ONLY.map((part) => page.locator(`${part}:visible`).count()),
  );
  const cutOff = await page
    .locator('.vp-doc pre:visible')
    .evaluateAll((blocks) => blocks.filter((one) => one.scrollWidth > one.clientWidth).length);
  await page.emulateMedia({ media: 'screen' });
  return [
    ...SCREEN_ONLY.filter((_part, i) => counts[i] !== 0).map((part) => `Paper has ${part}.`),
    ...(cutOff > 0 ? [`${cutOff} code blocks are cut off on paper.`] : []),
  ];
}

/** Checks that an address without a page suggests pages. */
async function missingPageFaults(page: Page, origin: string): Promise<string[]> {
  const status = (await page.goto(origin + MISSING))?.status();
  const link = page.locator(`.missing-page li a[href="${GUIDE}"]`);
  const isSuggested = await link.waitFor({ timeout: TIMEOUT_MS }).then(
    () => true,
    () => false,
  );
  return [
    ...(status === 404 ? [] : [`${MISSING} returns ${status}.`]),
    ...(isSuggested ? [] : [`${MISSING} does not suggest ${GUIDE}.`]),
  ];
}

/** Checks how readers, search engines and programs find their way through the docs. */
export async function checkNavigation(
  browser: Browser,
  origin: string,
  pages: readonly ServedPage[],
): Promise<string[]> {
  const viewport = { width: 1440, height: 900 };
  const page = await browser.newPage({ reducedMotion: 'reduce', viewport });
  // The script of the page must listen before a button is clicked.
  await page.goto(origin + GUIDE, { waitUntil: 'networkidle' });
  const found = [
    ...tagFaults(origin, pages),
    ...(await sitemapFaults(origin, pages)),
    ...(await menuFaults(page)),
    ...(await copyFaults(page, origin)),
    ...(await motionFaults(page)),
    ...(await printFaults(page)),
    ...(await missingPageFaults(page, origin)),
  ];
  await page.close();
  return found;
}

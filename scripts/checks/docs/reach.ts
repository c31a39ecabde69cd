import type { Browser, Page } from 'playwright-core';

/** The most steps with the tabulator that a page may need. */
const MAX_STEPS = 400;

/** Browser globals of functions that run in the page. The scripts are compiled without browser types. */
declare const document: {
  readonly activeElement: FocusedElement;
  querySelectorAll(selector: string): Iterable<FocusedElement>;
};
declare function getComputedStyle(element: FocusedElement): {
  readonly outlineStyle: string;
};

interface FocusedElement {
  readonly id: string;
  readonly className: string;
  readonly tagName: string;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
}

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return {
      id: element.id,
      name: element.outerHTML.slice(0, 120),
      href: element.getAttribute('href'),
      isMarked: getComputedStyle(element).outlineStyle !== 'none' || element.tagName === 'BODY',
    };
  });

/** Walks through a page with the tabulator. @returns a fault for each link that is not reached or not marked. */
async function checkKeyboard(browser: Browser, origin: string): Promise<string[]> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // The script of the page moves the focus.
  await page.goto(`${origin}/docs`, { waitUntil: 'networkidle' });
  await page.keyboard.press('Tab');
  const faults: string[] = [];
  if ((await focused(page)).href !== '#VPContent') {
    faults.push('The first step with the keyboard is not the link that skips to the content.');
  }
  await page.keyboard.press('Enter');
  if ((await focused(page)).id !== 'VPContent') {
    faults.push('The link that skips to the content does not move the focus there.');
  }
  await page.goto(`${origin}/docs`);
  const reached = new Set<string | null>();
  for (let step = 0; step < MAX_STEPS; step++) {
    await page.keyboard.press('Tab');
    const { href, isMarked, name } = await focused(page);
    if (reached.has(href) && href === '#VPContent') {
      break;
    }
    reached.add(href);
    if (!isMarked) {
      faults.push(`The focus is not visible on ${name}`);
    }
  }
  const links = await page.evaluate(() =>
    [
      ...document.querySelectorAll('.VPSidebar .is-link:not(.collapsed *) > .item a, .vp-doc a'),
    ].map((link) => link.getAttribute('href')),
  );
  const missed = [...new Set(links)].filter((href) => !reached.has(href));
  faults.push(...missed.map((href) => `The keyboard does not reach the link to ${href}.`));
  await page.close();
  return faults;
}

/** Opens the menu of a phone with the keyboard. */
async function checkMenu(browser: Browser, origin: string): Promise<string[]> {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(`${origin}/docs/errors`, { waitUntil: 'networkidle' });
  await page.locator('.VPLocalNav .menu').focus();
  await page.keyboard.press('Enter');
  const link = page.locator('.VPSidebar.open a').first();
  const isOpen = await link.waitFor({ timeout: 2_000 }).then(
    () => true,
    () => false,
  );
  await page.close();
  return isOpen ? [] : ['The keyboard does not open the menu on a phone.'];
}

/** Checks that an operation can be read, and its tabs be used, without JavaScript, which its form needs. */
async function checkWithoutScript(browser: Browser, origin: string): Promise<string[]> {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${origin}/docs/reference/createPreparedTicket`);
  await page.locator('.vp-code-group label', { hasText: 'Python' }).click();
  const isShown = await page.locator('.vp-code-group .language-python').isVisible();
  const isHidden = !(await page.locator('.vp-code-group .language-sh').isVisible());
  const hasButton = await page.locator('#try-it').isVisible();
  await page.close();
  return [
    ...(isShown && isHidden ? [] : ['The tabs of samples do not work without JavaScript.']),
    ...(hasButton ? ['Without JavaScript, a button opens no form.'] : []),
  ];
}

/** Checks that readers of any kind reach the docs: with the keyboard alone, and without JavaScript. */
export async function checkReach(browser: Browser, origin: string): Promise<string[]> {
  return [
    ...(await checkKeyboard(browser, origin)),
    ...(await checkMenu(browser, origin)),
    ...(await checkWithoutScript(browser, origin)),
  ];
}

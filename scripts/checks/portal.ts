import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { type DemoAccess, demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { contentWidth, watch, withBrowser } from './browser.ts';

/** The longest time that a page may take to show what it must show. */
const TIMEOUT_MS = 15_000;
/** A folder for screenshots of each page; none are taken without it. */
const { SCREENSHOTS } = process.env;

/** How a person looks at the portal. */
interface Reader {
  readonly width: 390 | 1440;
  readonly colorScheme: 'light' | 'dark';
  readonly javaScriptEnabled: boolean;
}

const readers: readonly Reader[] = [390, 1440].flatMap((width) =>
  ['light', 'dark'].flatMap((colorScheme) =>
    [true, false].map((javaScriptEnabled) => ({ width, colorScheme, javaScriptEnabled }) as Reader),
  ),
);

/** Inspects the pages that a reader sees. Collects one sentence for each fault. */
class Inspector {
  readonly faults: string[];
  readonly #page: Page;
  readonly #reader: Reader;

  constructor(page: Page, origin: string, reader: Reader) {
    this.faults = watch(page, origin);
    this.#page = page;
    this.#reader = reader;
  }

  /** Checks the page as it is now. @param name the name of the page, for faults and screenshots. */
  async inspect(name: string): Promise<void> {
    const { width, colorScheme, javaScriptEnabled } = this.#reader;
    const content = await contentWidth(this.#page);
    if (content > width) {
      this.faults.push(`"${name}" is ${content} pixels wide on a screen of ${width} pixels.`);
    }
    // axe is a script. The markup is the same for both kinds of readers, but for what the script shows.
    if (javaScriptEnabled) {
      await this.#page.evaluate(axe.source);
      const { violations } = await this.#page.evaluate<AxeResults>('axe.run()');
      for (const { id, help, nodes } of violations) {
        this.faults.push(`"${name}" breaks the rule ${id} of axe: ${help}. ${nodes[0]?.html}`);
      }
    }
    if (SCREENSHOTS !== undefined && javaScriptEnabled) {
      const path = `${SCREENSHOTS}/portal-${name}-${width}-${colorScheme}.png`;
      await this.#page.screenshot({ path, fullPage: true });
    }
  }
}

const readyButton = (page: Page) => page.locator('#ready ~ ul button').first();

/** The tickets that one walk picks up. */
const TICKETS_OF_WALK = 2;

/**
 * Opens the page of a customer who has enough tickets that are ready. Other checks create customers without
 * any, and earlier walks have picked up tickets.
 *
 * @param preferred which of the listed customers is tried first.
 */
async function chooseCustomer(page: Page, preferred: number): Promise<void> {
  const customers = await page.locator('.customers a').all();
  const names = await Promise.all(customers.map((link) => link.getAttribute('href')));
  for (let i = 0; i < names.length; i++) {
    const path = names[(preferred + i) % names.length] as string;
    await page.goto(new URL(path, page.url()).href);
    if ((await page.locator('#ready ~ ul button').count()) >= TICKETS_OF_WALK) {
      return;
    }
  }
  throw new Error('No customer has enough tickets that are ready.');
}

/** Picks up the first ticket that is ready. @returns its name, for example `Ticket 7`. */
async function pickUp(page: Page): Promise<string> {
  const number = /\d+/.exec((await readyButton(page).textContent()) ?? '')?.[0];
  await readyButton(page).click();
  await page.getByRole('status').getByText(`Ticket ${number} was picked up.`).waitFor();
  const own = page.locator('#picked-up ~ ul h3').first();
  await own.getByText(`Ticket ${number}`, { exact: true }).waitFor();
  return `Ticket ${number}`;
}

/** Waits until the page shows the pick-up of a ticket as the newest event. */
async function seeEvent(page: Page, ticket: string): Promise<void> {
  const newest = page.locator('#events li').first();
  await newest.getByText('prepared_ticket.picked_up').waitFor();
  await newest.getByText(ticket, { exact: true }).waitFor();
}

/**
 * Removes the VIN of the first ticket that is ready, while the page still offers to pick it up.
 *
 * @returns a function that restores the ticket.
 */
async function removeVin(page: Page, { request }: DemoAccess): Promise<() => Promise<unknown>> {
  const id = await page.locator('input[name=ticket_id]').first().inputValue();
  const path = `/v2/tickets/prepared-tickets/${id}`;
  const ticket = await request<object>('GET', path);
  await request('PUT', path, { ...ticket, vin: null });
  return () => request('PUT', path, ticket);
}

/**
 * Walks from the list of customers to the event of a pick-up, and checks each page on the way.
 *
 * @param customer the position of the customer in the list. Each walk picks up two tickets.
 * @returns one sentence for each fault.
 */
async function walk(
  browser: Browser,
  { origin }: LocalServer,
  access: DemoAccess,
  reader: Reader,
  customer: number,
): Promise<string[]> {
  const { width, ...options } = reader;
  const context = await browser.newContext({ viewport: { width, height: 844 }, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const inspector = new Inspector(page, origin, reader);
  try {
    await page.goto(`${origin}/portal`);
    await inspector.inspect('customers');
    await chooseCustomer(page, customer);
    await inspector.inspect('customer');
    const restore = await removeVin(page, access);
    await readyButton(page).click();
    await page.getByRole('alert').getByText('This ticket is not ready any more.').waitFor();
    await page.locator('#incomplete ~ ul').getByText('Lacks the VIN').first().waitFor();
    await inspector.inspect('not-ready');
    await restore();
    await page.reload();
    const first = await pickUp(page);
    await inspector.inspect('picked-up');
    const customerUrl = page.url();
    await page.getByRole('link', { name: 'See its event' }).click();
    await seeEvent(page, first);
    await inspector.inspect('events');

    const second = await context.newPage();
    await second.goto(customerUrl);
    const ticket = await pickUp(second);
    if (!reader.javaScriptEnabled) {
      await page.getByRole('link', { name: 'Refresh' }).click();
    }
    await seeEvent(page, ticket);
  } catch (error) {
    inspector.faults.push((error as Error).message);
  } finally {
    await context.close();
  }
  const script = reader.javaScriptEnabled ? 'with' : 'without';
  const name = `${width} pixels, ${reader.colorScheme}, ${script} JavaScript`;
  return inspector.faults.map((fault) => `${name}: ${fault}`);
}

/**
 * Checks the demo of the Customer Portal in a headless browser, on the screens of a phone and of a computer, in
 * light and dark mode, with and without JavaScript: from a prepared ticket to the event of its pick-up. No page
 * may break a rule of axe, overflow the screen, log an error, or load anything from another host.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkPortal(server: LocalServer): Promise<string[]> {
  const access = await demoAccess(server);
  return withBrowser(async (browser) => {
    const faults: string[] = [];
    for (const [customer, reader] of readers.entries()) {
      faults.push(...(await walk(browser, server, access, reader, customer)));
    }
    return faults;
  });
}

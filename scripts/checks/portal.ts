import type { Browser, Page } from 'playwright-core';
import { type DemoAccess, demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { inspect, type Reader as Onlooker, watch, withBrowser } from './browser.ts';

/** The longest time that a page may take to show what it must show. */
const TIMEOUT_MS = 15_000;

/** How a person looks at the portal. */
interface Reader extends Onlooker {
  readonly javaScriptEnabled: boolean;
}

const readers: readonly Reader[] = [390, 1440].flatMap((width) =>
  ['light', 'dark'].flatMap((colorScheme) =>
    [true, false].map((javaScriptEnabled) => ({ width, colorScheme, javaScriptEnabled }) as Reader),
  ),
);

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
  const faults = watch(page, origin);
  const look = async (name: string) => {
    const hasScripts = reader.javaScriptEnabled;
    const found = await inspect(page, `portal-${name}`, reader, { hasScripts });
    faults.push(...found.map((fault) => `"${name}": ${fault}`));
  };
  try {
    await page.goto(`${origin}/portal`);
    await look('customers');
    await chooseCustomer(page, customer);
    await look('customer');
    const restore = await removeVin(page, access);
    await readyButton(page).click();
    await page.getByRole('alert').getByText('This ticket is not ready any more.').waitFor();
    await page.locator('#incomplete ~ ul').getByText('Lacks the VIN').first().waitFor();
    await look('not-ready');
    await restore();
    await page.reload();
    const first = await pickUp(page);
    await look('picked-up');
    const customerUrl = page.url();
    await page.getByRole('link', { name: 'See its event' }).click();
    await seeEvent(page, first);
    await look('events');

    const second = await context.newPage();
    await second.goto(customerUrl);
    const ticket = await pickUp(second);
    if (!reader.javaScriptEnabled) {
      await page.getByRole('link', { name: 'Refresh' }).click();
    }
    await seeEvent(page, ticket);
  } catch (error) {
    faults.push((error as Error).message);
  } finally {
    await context.close();
  }
  const script = reader.javaScriptEnabled ? 'with' : 'without';
  const name = `${width} pixels, ${reader.colorScheme}, ${script} JavaScript`;
  return faults.map((fault) => `${name}: ${fault}`);
}

/**
 * Checks the demo of the Customer Portal in a headless browser, on the screens of a phone and of a computer, in
 * light and dark mode, with and without JavaScript: from a prepared ticket to the event of its pick-up. No page
 * may break a rule of axe, overflow the screen, log an error, or load anything from another host.
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

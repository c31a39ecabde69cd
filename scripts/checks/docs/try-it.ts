import type { Browser, Page } from 'playwright-core';
import { type DemoAccess, demoAccess } from '../../dev/demo-access.ts';
import type { LocalServer } from '../../dev/local-server.ts';
import { inspect, watch } from '../browser.ts';

/** The most clicks from the first page to a ticket. */
const MAX_CLICKS = 4;
/** The most characters of a body that a form shows. */
const MAX_SHOWN_CHARACTERS = 100_000;
const LIST = '/v2/tickets/prepared-tickets';
const READER = { width: 1440, colorScheme: 'light' } as const;

/** A reader who sends requests with the forms of the docs. */
class FormReader {
  readonly page: Page;
  readonly faults: string[] = [];
  clicks = 0;

  constructor(page: Page) {
    this.page = page;
  }

  require(isRight: boolean, fault: string): void {
    if (!isRight) {
      this.faults.push(`"Try it": ${fault}`);
    }
  }

  async click(role: 'link' | 'button', name: string): Promise<void> {
    this.clicks++;
    await this.page.getByRole(role, { name, exact: true }).first().click();
  }

  /** Sends the form that is open. @returns its request, and the status and the body that the page shows. */
  async send(method: string) {
    const sent = this.page.waitForRequest((request) => request.method() === method);
    await this.click('button', `Send ${method} request`);
    const request = await sent;
    const region = this.page.getByRole('region', { name: 'Response' });
    const line = region.locator('[aria-live=polite]').getByText(/^\d{3} /);
    const status = Number.parseInt((await line.textContent()) ?? '', 10);
    const body = region.locator('pre');
    return { request, status, body: (await body.allTextContents()).join() };
  }

  open(origin: string, operationId: string) {
    return this.page.goto(`${origin}/docs/reference/${operationId}#try-it`);
  }
}

/** Walks from the first page to a ticket of the demo partner. */
async function createTicket(reader: FormReader, { origin, request }: DemoAccess): Promise<void> {
  await reader.page.goto(`${origin}/docs`);
  await reader.click('link', 'Try it');
  await reader.click('button', 'Use the demo partner');
  const { status, body } = await reader.send('POST');
  reader.require(status === 201, `The creation of a ticket returned ${status}: ${body}`);
  reader.require(
    reader.clicks <= MAX_CLICKS,
    `A ticket needs ${reader.clicks} clicks, more than ${MAX_CLICKS}.`,
  );
  if (status !== 201) {
    return;
  }
  const shown = JSON.parse(body) as { id: string };
  const ticket = await request<{ id: string }>('GET', `${LIST}/${shown.id}`);
  reader.require(
    body === JSON.stringify(ticket, null, 2),
    `The page shows another ticket than the API: ${body}`,
  );
  const found = await inspect(reader.page, 'try-it-response', READER);
  reader.faults.push(...found);
}

/** Sends the list and a request that fails, with the credentials that the tab has. */
async function sendWithKept(reader: FormReader, { origin }: DemoAccess): Promise<void> {
  await reader.open(origin, 'listPreparedTickets');
  const { request, status } = await reader.send('GET');
  reader.require(status === 200, `The list with the credentials of the tab returned ${status}.`);
  const { search } = new URL(request.url());
  reader.require(search === '', `The list sends filters that were not filled in: ${search}`);
  for (const name of Object.keys(request.headers())) {
    reader.require(
      name !== 'x-d1-bookmark' && !name.startsWith('if-'),
      `The list sends the header ${name}, which was not filled in.`,
    );
  }
  await reader.page.getByLabel('vin').fill('JH4KA7630PC007649');
  const filtered = new URL((await reader.send('GET')).request.url()).search;
  reader.require(filtered === '?vin=JH4KA7630PC007649', `The filter by VIN sends ${filtered}.`);

  await reader.open(origin, 'getPreparedTicket');
  const missing = await reader.send('GET');
  reader.require(
    missing.status === 404 && missing.body.includes('\n  "title": "Not Found"'),
    `An unknown ticket shows ${missing.status}: ${missing.body}`,
  );
}

/** Checks that a long export ends at the greatest length that is shown. */
async function readLongBody(reader: FormReader, { origin }: DemoAccess): Promise<void> {
  await reader.page.route('**/v2/tickets/prepared-ticket-export', (route) =>
    route.fulfill({ contentType: 'text/csv', body: 'x'.repeat(2 * MAX_SHOWN_CHARACTERS) }),
  );
  await reader.open(origin, 'exportPreparedTickets');
  await reader.page.getByLabel('Accept').selectOption('text/csv');
  const { request, body } = await reader.send('GET');
  const { accept } = request.headers();
  reader.require(accept === 'text/csv', `The export is requested as ${accept}.`);
  reader.require(
    body.length === MAX_SHOWN_CHARACTERS,
    `A long body is shown with ${body.length} characters.`,
  );
}

/** Gets a token with the id and the secret of the client, in the body and in the header, and uses it. */
async function authenticate(reader: FormReader, { origin, variables }: DemoAccess): Promise<void> {
  const { page } = reader;
  await reader.open(origin, 'createToken');
  await page.getByLabel('client_id').fill(variables.CLIENT_ID);
  await page.getByLabel('client_secret').fill('pts_wrong');
  const wrong = await reader.send('POST');
  reader.require(wrong.status === 401, `A wrong secret returned ${wrong.status}.`);
  await page.getByLabel('client_secret').fill(variables.CLIENT_SECRET);
  for (const isBasic of [false, true]) {
    await page.getByLabel('HTTP Basic').setChecked(isBasic);
    const { request, status } = await reader.send('POST');
    reader.require(status === 200, `A token with Basic ${isBasic} returned ${status}.`);
    const { authorization } = request.headers();
    reader.require(
      isBasic === (authorization?.startsWith('Basic ') ?? false) &&
        isBasic !== request.postData()?.includes(variables.CLIENT_SECRET),
      `A token request with Basic ${isBasic} has the secret in the wrong place.`,
    );
  }
  await reader.open(origin, 'getPartner');
  await page.getByLabel('API key').fill(variables.API_KEY);
  const { status } = await reader.send('GET');
  reader.require(status === 200, `The token of the form and the API key returned ${status}.`);
}

/** Checks that another tab does not get the credentials, and that they do not outlive the tab. */
async function checkOtherTab(reader: FormReader, { origin }: DemoAccess): Promise<void> {
  const other = await reader.page.context().newPage();
  await other.goto(`${origin}/docs/reference/getPartner#try-it`);
  const key = await other.getByLabel('API key').inputValue();
  reader.require(key === '', 'Another tab has the API key.');
  const stored = await other.evaluate<string>('JSON.stringify({ ...localStorage })');
  reader.require(!/pt[sk]_|eyJ/.test(stored), `The browser keeps credentials: ${stored}`);
  await other.close();
}

/** Opens and sends a form with the keyboard alone. */
async function useKeyboard(reader: FormReader, { origin }: DemoAccess): Promise<void> {
  const { page } = reader;
  // The script of the page must listen.
  await page.goto(`${origin}/docs/reference/getHealth`, { waitUntil: 'networkidle' });
  await page.getByRole('button', { name: 'Try it' }).press('Enter');
  await page.getByRole('button', { name: 'Send GET request' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('[aria-live=polite]').getByText(/^200 /).waitFor();
}

/** Checks the forms that send requests: as the demo partner of `npm run dev`, and as the client of any partner. */
export async function checkTryIt(browser: Browser, server: LocalServer): Promise<string[]> {
  const access = await demoAccess(server);
  const found = await Promise.all(
    [
      [createTicket, sendWithKept, readLongBody, checkOtherTab],
      [useKeyboard, authenticate],
    ].map(async (steps) => {
      const context = await browser.newContext({
        reducedMotion: 'reduce',
        viewport: { width: READER.width, height: 1000 },
      });
      const reader = new FormReader(await context.newPage());
      const seen = watch(reader.page, access.origin);
      for (const step of steps) {
        await step(reader, access);
      }
      await context.close();
      // The browser reports the refusals that the forms are meant to show.
      return [...reader.faults, ...seen.filter((fault) => !/status of 40[14]/.test(fault))];
    }),
  );
  return found.flat();
}

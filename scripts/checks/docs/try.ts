import type { Page } from 'playwright-core';
import { demoAccess } from '../../dev/demo-access.ts';
import type { LocalServer } from '../../dev/local-server.ts';

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

/**
 * Checks "try it": enters the demo credentials, authorizes, and sends the list request.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function tryDocs(page: Page, server: LocalServer): Promise<string[]> {
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

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { LocalServer } from '../dev/local-server.ts';

const LIST = '/v2/tickets/prepared-tickets';

/** Types into the field that stands right of its label, as a person would. */
async function type(page: Page, label: string, text: string): Promise<void> {
  const place = await page.getByText(label, { exact: true }).first().boundingBox();
  if (place === null) {
    throw new Error(`The page shows no field "${label}".`);
  }
  await page.mouse.click(place.x + place.width + 40, place.y + place.height / 2);
  await page.keyboard.type(text);
}

/**
 * Types demo credentials into the docs page, authorizes, and sends the list request with "try it".
 *
 * @returns what is wrong, a sentence each.
 */
export async function tryDocs(page: Page, { origin, environment }: LocalServer): Promise<string[]> {
  const file = join(environment.DEV_STATE as string, 'demo-credentials.json');
  const { demo } = JSON.parse(readFileSync(file, 'utf8')) as {
    demo: { client_id: string; client_secret: string; api_key: string };
  };
  await page.goto(`${origin}/docs`);
  await page.getByText('Client Secret', { exact: true }).first().waitFor();
  await type(page, 'Client ID', demo.client_id);
  await type(page, 'Client Secret', demo.client_secret);
  await page.getByText('Select All').first().click();
  await type(page, 'Value', demo.api_key);
  const token = page.waitForResponse(`${origin}/oauth2/token`);
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  if ((await token).status() !== 200) {
    return [`"Authorize" answers ${(await token).status()}.`];
  }
  // The token takes the place of the fields that it was asked with.
  await page.getByText('Access Token', { exact: true }).first().waitFor();
  // The page draws an operation only once the reader comes near it, as through the navigation.
  await page.locator(`a[href$="/GET${LIST}"]`).click();
  await page
    .getByRole('button', { name: new RegExp(`Test Request.*get ${LIST}`) })
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
    ...(response.status() === 200 ? [] : [`"Try it" of the list answers ${response.status()}.`]),
    ...(search === '' ? [] : [`"Try it" of the list sends filters that nobody chose: ${search}`]),
    ...optional.map((name) => `"Try it" of the list sends the header ${name}, which nobody chose.`),
  ];
}

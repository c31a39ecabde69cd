import type { LocalServer } from '../dev/local-server.ts';
import { watch, withBrowser } from './browser.ts';
import { tryDocs } from './try-docs.ts';

/**
 * Checks the docs site in a headless browser.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkDocs(server: LocalServer): Promise<string[]> {
  return withBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    const faults = watch(page, server.origin);
    await page.goto(`${server.origin}/docs`);
    faults.push(...(await tryDocs(page, server)));
    return faults;
  });
}

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { createPortal } from '../../../demo/portal/portal.ts';
import { ORIGIN } from '../../support/api.ts';
import { api, partner } from '../../support/each-test.ts';
import { CUSTOMER } from '../../support/tickets.ts';
import { createPortalClient, customerPage, makePortalAndPartner, pageAt } from './support.ts';

beforeEach(makePortalAndPartner);

const pages = ['/portal', customerPage(CUSTOMER), '/portal/events'];

test.each(pages)(
  '%s has the mark, the version of the API and a link to the changelog',
  async (path) => {
    const { info } = await (await api.get('/openapi.json')).json<{ info: { version: string } }>();
    const page = await pageAt(api, path);
    const footer = page.split('<footer>')[1];
    expect(footer).toContain(`Version ${info.version} of the API`);
    expect(footer).toContain('<a href="/docs/changelog">');
    expect(footer).not.toContain('Support');
    expect(page).toContain('<link rel="icon" href="/docs/mark.svg"');
  },
);

describe('a page links to the support', () => {
  test.each([
    [{ email: 'help@tickets.test' }, 'mailto:help@tickets.test'],
    [{ url: 'https://tickets.test/help' }, 'https://tickets.test/help'],
  ])('%j', async (contact, link) => {
    const portal = createPortal({
      settings: { client: await createPortalClient(partner), names: {} },
      api: (request) =>
        new URL(request.url).pathname === '/openapi.json'
          ? Response.json({ info: { version: '2', contact } })
          : api.respond(request),
      assets: env.ASSETS,
      now: () => api.now,
      log: () => {},
    });
    const page = await (await portal.request(`${ORIGIN}/portal`)).text();
    expect(page).toContain(`<a href="${link}">Support</a>`);
  });
});

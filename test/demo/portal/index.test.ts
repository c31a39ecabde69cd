import { beforeEach, expect, test, vi } from 'vitest';
import demo, * as entry from '../../../demo/portal/index.ts';
import api, { WebhookScheduler } from '../../../src/index.ts';
import { ORIGIN } from '../../support/api.ts';
import { workerEnv } from '../../support/homes.ts';
import { makePartner } from '../../support/partners.ts';
import { CUSTOMER, writeTicket } from '../../support/tickets.ts';
import { createPortalClient } from './support.ts';

type Bindings = Parameters<typeof demo.fetch>[1];

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue();
});

const get = (path: string, portal: Partial<Bindings> = {}) =>
  demo.fetch(new Request(`${ORIGIN}${path}`), {
    ...workerEnv(),
    PORTAL_CLIENT: '',
    PORTAL_NAMES: '{}',
    DEMO_CLIENT: '',
    ...portal,
  });

test('serves the portal, which calls the API of the same Worker', async () => {
  const partner = await makePartner();
  await writeTicket(partner);
  const client = JSON.stringify(await createPortalClient(partner));
  const response = await get('/portal', { PORTAL_CLIENT: client });
  const page = `/portal/customers/${CUSTOMER}`;
  expect(await response.text()).toContain(page);
  expect((await get(page, { PORTAL_CLIENT: client })).status).toBe(200);
});

test.each(['/health', '/portals', '/nothing'])('leaves %s to the API', async (path) => {
  const expected = await api.fetch(new Request(`${ORIGIN}${path}`), workerEnv());
  expect((await get(path)).status).toBe(expected.status);
});

test('runs the cron triggers and the Durable Objects of the API', () => {
  expect(demo.scheduled).toBe(api.scheduled);
  expect(entry.WebhookScheduler).toBe(WebhookScheduler);
});

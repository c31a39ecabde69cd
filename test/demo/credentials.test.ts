import { beforeEach, expect, test, vi } from 'vitest';
import { CREDENTIALS_PATH } from '../../demo/credentials.ts';
import demo from '../../demo/portal/index.ts';
import { ORIGIN } from '../support/api.ts';
import { workerEnv } from '../support/homes.ts';
import { makePartner } from '../support/partners.ts';
import { createPortalClient } from './portal/support.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue();
});

/** Sends a request to the Worker of `npm run dev`, whose demo partner is a partner of this test. */
async function ask(
  init: RequestInit<IncomingRequestCfProperties>,
  origin = ORIGIN,
): Promise<Response> {
  const client = await createPortalClient(await makePartner());
  return demo.fetch(new Request(origin + CREDENTIALS_PATH, init), {
    ...workerEnv(),
    PORTAL_CLIENT: '',
    PORTAL_NAMES: '{}',
    DEMO_CLIENT: JSON.stringify({ ...client, scope: 'events:read prepared-tickets:pick-up' }),
  });
}

test('gives a page of this origin the credentials of the demo partner, which work', async () => {
  const response = await ask({ headers: OWN });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
  const { access_token, api_key, ...client } = await response.json<Record<string, string>>();
  expect(Object.keys(client)).toEqual(['client_id', 'client_secret']);
  const events = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/v2/system/events`, {
    headers: { authorization: `Bearer ${access_token}`, 'x-api-key': api_key as string },
  });
  expect((await demo.fetch(events, { ...workerEnv() } as never)).status).toBe(200);
});

test.each([
  ['another site', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['another origin of this site', { headers: { 'sec-fetch-site': 'same-site' } }],
  ['the address bar', { headers: { 'sec-fetch-site': 'none' } }],
  ['a program', {}],
  ['a form', { method: 'POST', headers: OWN }],
])('answers %s like the API without the demo', async (_who, init) => {
  const response = await ask(init);
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain('client_secret');
});

test('answers a request to another host name like the API without the demo', async () => {
  expect((await ask({ headers: OWN }, 'http://rebound.example')).status).toBe(404);
});

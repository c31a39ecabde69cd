import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../support/api.ts';
import { clients } from '../support/credentials.ts';
import { allRows } from '../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../support/each-test.ts';
import { runPartner } from '../support/partner-command.ts';
import { makePartner } from '../support/partners.ts';
import { newTicket } from '../support/tickets.ts';
import { basic, requestToken, type Token } from '../support/token-requests.ts';

/** How long an isolate trusts a cached API key and client. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;

beforeEach(makeApiAndPartner);

/** Changes only the state of the partner. Its clients and API keys stay enabled. */
const setState = (disabledAt: number | null) =>
  env.DB.prepare('UPDATE partners SET disabled_at = ? WHERE id = ?')
    .bind(disabledAt, partner.partnerId)
    .run();

const list = (isolate = new TestApi(), as = partner) => isolate.get(TICKETS, as);

describe('a disabled partner', () => {
  test('is rejected at once, or within 60 seconds by an isolate that has its credentials cached', async () => {
    expect((await list(api)).status).toBe(200);
    await setState(START);
    expect((await list()).status).toBe(401);
    api.now = START + CREDENTIAL_CACHE_TTL_MS;
    expect((await list(api)).status).toBe(401);
  });

  test('cannot write from that moment on, even in an isolate that has its credentials cached', async () => {
    expect((await list(api)).status).toBe(200);
    await setState(START);
    expect((await list(api)).status).toBe(200);
    expect((await api.post(TICKETS, partner, newTicket)).status).toBe(401);
    expect((await api.post(clients.path, partner, { name: 'x' })).status).toBe(401);
  });

  test('gets unauthorized_client for the right secret and invalid_client for a wrong one', async () => {
    await setState(START);
    const right = await requestToken(api, basic(partner));
    expect(right.status).toBe(400);
    expect(await right.json()).toMatchObject({ error: 'unauthorized_client' });
    const wrong = await requestToken(api, basic({ ...partner, clientSecret: 'wrong' }));
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ error: 'invalid_client' });
  });

  test('stays rejected when the operator enables or creates single credentials', async () => {
    const name = `partner ${partner.partnerId}`;
    await runPartner(['disable', '--partner', name]);
    await runPartner(['enable', '--client', partner.clientId]);
    await runPartner(['enable', '--key', partner.apiKeyId]);
    await runPartner(['create', '--partner', name, '--client', 'another']);
    expect((await requestToken(api, basic(partner))).status).toBe(400);
    expect((await list()).status).toBe(401);
    await runPartner(['enable', '--partner', name], START + 1000);
    api.now = START + 1000;
    const { access_token } = await (await requestToken(api, basic(partner))).json<Token>();
    const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
    expect((await api.request('GET', TICKETS, { headers })).status).toBe(200);
  });

  test('costs one round trip to reject, which reads and writes nothing else', async () => {
    await setState(START);
    const before = await allRows();
    const isolate = new TestApi();
    for (const response of [await list(isolate), await isolate.post(TICKETS, partner, newTicket)]) {
      expect(response.status).toBe(401);
      // D1 reports no rows for a call that failed.
      expect(response.headers.get('server-timing')).toContain('trips=1 read=0 written=0');
    }
    expect(await allRows()).toEqual(before);
  });

  test('does not affect another partner', async () => {
    const other = await makePartner();
    await setState(START);
    expect((await list(api, other)).status).toBe(200);
    expect((await api.post(TICKETS, other, newTicket)).status).toBe(201);
  });
});

import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { newClientSecret } from '../../src/auth/secrets.ts';
import { isoTime, START, TestApi, TICKETS } from '../support/api.ts';
import { clients, type Made } from '../support/credentials.ts';
import { api, makeApiAndPartner, partner } from '../support/each-test.ts';
import { homes } from '../support/homes.ts';
import { basic, requestToken, type Token } from '../support/token-requests.ts';

beforeEach(makeApiAndPartner);

describe('the token endpoint', () => {
  const ask = ({ id, secret }: Made, isolate = api) =>
    requestToken(isolate, basic({ clientId: id, clientSecret: secret }));

  test.each([
    ['disabled', { disabled: true }],
    ['expired', { expires_at: isoTime(START) }],
  ])(
    'returns unauthorized_client for a client that is %s only with its secret',
    async (_what, chosen) => {
      const made = await clients.make(api, partner);
      const old = await clients.make(api, partner);
      const { secret } = await clients.rotate(api, partner, old, 3600);
      for (const each of [made, old]) {
        await clients.change(api, partner, each, chosen);
      }
      for (const each of [made, { ...old, secret }]) {
        const response = await ask(each);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: 'unauthorized_client' });
      }
      const unknown = await ask({ id: crypto.randomUUID(), secret: made.secret });
      const words = await unknown.text();
      expect(words).toContain('invalid_client');
      for (const each of [
        { ...made, secret: newClientSecret(homes[0]) },
        old,
        { ...made, secret },
      ]) {
        const refused = await ask(each);
        expect([refused.status, await refused.text()]).toEqual([401, words]);
      }
    },
  );

  test('issues tokens until the millisecond in which the client expires', async () => {
    const made = await clients.make(api, partner, { expires_at: isoTime(START + 90_001) });
    api.now = START + 90_000;
    expect((await ask(made)).status).toBe(200);
    api.now += 1;
    expect((await ask(made)).status).toBe(400);
  });

  test.each([
    [7_200_000, 3600],
    [3_600_001, 3600],
    [3_600_000, 3600],
    [3_599_999, 3599],
    [90_500, 90],
    [1_000, 1],
    // One second is the minimum of `expires_in`.
    [999, 1],
    [1, 1],
  ])(
    'issues a token to a client that expires in %d ms with a lifetime of %d s',
    async (left, seconds) => {
      const made = await clients.make(api, partner, { expires_at: isoTime(START + left) });
      const { access_token, expires_in } = await (await ask(made)).json<Token>();
      expect(expires_in).toBe(seconds);
      expect(decodeJwt(access_token).exp).toBe(START / 1000 + seconds);
    },
  );

  test('keeps a shortened token lifetime when the expiry of the client is postponed', async () => {
    const made = await clients.make(api, partner, { expires_at: isoTime(START + 90_000) });
    const { access_token } = await (await ask(made)).json<Token>();
    await clients.change(api, partner, made, { expires_at: null });
    const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
    const isolate = new TestApi();
    isolate.now = START + 90_000 - 1;
    expect((await isolate.request('GET', TICKETS, { headers })).status).toBe(200);
    isolate.now += 1;
    expect((await isolate.request('GET', TICKETS, { headers })).status).toBe(401);
  });
});

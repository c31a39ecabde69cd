import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../../support/api.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { clients } from '../../support/credentials.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { homes } from '../../support/homes.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { basic, requestToken } from '../../support/token-requests.ts';

/** Beyond its rate limit, a caller causes no query to D1, and it cannot block any other caller. */

const ADDRESS = '192.0.2.1';

let d1: WatchedD1;
let partnerLimit: CountingLimit;
let addressLimit: CountingLimit;

beforeEach(async () => {
  d1 = new WatchedD1();
  partnerLimit = new CountingLimit(50);
  addressLimit = new CountingLimit(10);
  await makePartnerOf(
    new TestApi({
      RATE_LIMITS: 'on',
      DB: d1.db,
      PARTNER_LIMIT: partnerLimit,
      ADDRESS_LIMIT: addressLimit,
    }),
  );
});

type Client = Pick<TestPartner, 'clientId' | 'clientSecret'>;

const listWith = async (headers: Record<string, string>, path = TICKETS) =>
  (await api.request('GET', path, { headers: { 'cf-connecting-ip': ADDRESS, ...headers } })).status;

function sendTokenRequest(client: Client, address = ADDRESS): Promise<Response> {
  const { headers, form } = basic(client);
  return requestToken(api, { headers: { ...headers, 'cf-connecting-ip': address }, form });
}

/** Sends requests one after the other, and returns how often each status was returned. */
async function tally(times: number, send: (i: number) => Promise<number>) {
  const counts: Record<number, number> = {};
  for (let i = 0; i < times; i++) {
    const status = await send(i);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const tokens = (times: number, clientOf: (i: number) => Client, address?: string) =>
  tally(times, async (i) => (await sendTokenRequest(clientOf(i), address)).status);

const wrongSecretOf = ({ clientId }: Client) => ({
  clientId,
  clientSecret: newClientSecret(homes[0]),
});
const stranger = () => ({
  clientId: crypto.randomUUID(),
  clientSecret: newClientSecret(homes[0]),
});

/** Returns the same credentials in the spelling with a given number from 0 to 1023. */
function spelling(authorization: string, i: number): string {
  const scheme = [...'bearer']
    .map((letter, bit) => ((i >> bit) & 1 ? letter.toUpperCase() : letter))
    .join('');
  return authorization.replace('Bearer ', `${scheme}${' '.repeat(1 + (i >> 6))}`);
}

describe('a partner', () => {
  const useUp = async (headers: Record<string, string>) =>
    expect(await tally(50, () => listWith(headers))).toEqual({ 200: 50 });

  // Requests that manage credentials are a case of their own, because they bypass the credential cache.
  test.each([TICKETS, clients.path])(
    'causes no query to D1 beyond its quota, with 200 spellings of its credentials: %s',
    async (path) => {
      const { authorization = '', ...key } = await partner.headers(api);
      await useUp({ authorization, ...key });
      const cost = await d1.cost(async () => {
        const send = (i: number) =>
          listWith({ ...key, authorization: spelling(authorization, i * 5) }, path);
        expect(await tally(200, send)).toEqual({ 429: 200 });
      });
      expect(cost).toBe(0);
    },
  );

  test('causes no query to D1 beyond its quota after its cache entry expired', async () => {
    const headers = await partner.headers(api);
    await useUp(headers);
    api.now += 60_000;
    expect(await d1.cost(() => tally(200, () => listWith(headers)))).toBe(0);
  });

  test('causes no query to D1 beyond its quota, with 200 other keys or 200 other tokens', async () => {
    const { authorization = '', ...key } = await partner.headers(api);
    await useUp({ authorization, ...key });
    const cost = await d1.cost(async () => {
      const otherKeys = () => listWith({ authorization, 'x-api-key': newApiKey('test') });
      expect(await tally(200, otherKeys)).toEqual({ 429: 200 });
      const otherTokens = async () =>
        listWith({ ...key, authorization: `Bearer ${await partner.token(api.now)}` });
      expect(await tally(200, otherTokens)).toEqual({ 429: 200 });
    });
    expect(cost).toBe(0);
  });

  test('is confirmed once for all spellings of its credentials within its quota', async () => {
    const { authorization = '', ...key } = await partner.headers(api);
    const send = (i: number) => listWith({ ...key, authorization: spelling(authorization, i) });
    expect(await send(0)).toBe(200);
    const deleted = 'DELETE FROM api_keys WHERE partner_id = ?';
    await env.DB.prepare(deleted).bind(partner.partnerId).run();
    const cost = await d1.cost(async () => {
      expect(await tally(40, (i) => send(i + 1))).toEqual({ 200: 40 });
    });
    expect(cost).toBe(40);
  });
});

describe('a token request', () => {
  test('counts against the quota of the partner and causes no query to D1 beyond it', async () => {
    const cost = await d1.cost(async () => {
      expect(await tokens(120, () => partner)).toEqual({ 200: 50, 429: 70 });
    });
    expect(cost).toBe(50);
    const refused = await sendTokenRequest(partner);
    expect(await refused.json()).toMatchObject({ 'violated-policies': ['partner'] });
    expect(await listWith(await partner.headers(api))).toBe(429);
    expect((await sendTokenRequest(await makePartner())).status).toBe(200);
  });

  test('of a disabled client counts against the quota of the partner', async () => {
    const made = await clients.make(new TestApi(), partner);
    await clients.change(new TestApi(), partner, made, { disabled: true });
    const client = { clientId: made.id, clientSecret: made.secret };
    const cost = await d1.cost(async () => {
      expect(await tokens(120, () => client)).toEqual({ 400: 50, 429: 70 });
    });
    expect(cost).toBe(50);
  });

  test('with a secret that was valid before returns 401 as soon as the secret ends', async () => {
    const made = await clients.make(new TestApi(), partner);
    const client = { clientId: made.id, clientSecret: made.secret };
    expect((await sendTokenRequest(client)).status).toBe(200);
    await clients.rotate(new TestApi(), partner, made, 0);
    expect(await tokens(12, () => client)).toEqual({ 401: 10, 429: 2 });
  });
});

describe('eleven token requests with wrong secrets for one client', () => {
  beforeEach(async () => {
    expect((await sendTokenRequest(partner)).status).toBe(200);
    expect(await tokens(11, () => wrongSecretOf(partner))).toEqual({ 401: 10, 429: 1 });
  });

  test('stop causing queries to D1 and do not block the valid secret where it was verified recently', async () => {
    const cost = await d1.cost(() => tokens(20, () => wrongSecretOf(partner)));
    expect(cost).toBe(0);
    expect((await sendTokenRequest(partner)).status).toBe(200);
  });

  test('do not block another client at the same address', async () => {
    expect((await sendTokenRequest(await makePartner())).status).toBe(200);
  });

  test('do not block API requests from the same address', async () => {
    expect(await listWith(await partner.headers(api))).toBe(200);
  });
});

test('token requests for unknown clients are limited for each address', async () => {
  expect((await sendTokenRequest(partner)).status).toBe(200);
  const cost = await d1.cost(async () => {
    // The valid request was the first of the 50.
    expect(await tokens(120, stranger)).toEqual({ 401: 49, 429: 71 });
  });
  expect(cost).toBe(49);
  const refused = await sendTokenRequest(stranger());
  expect(await refused.json()).toMatchObject({ 'violated-policies': ['token-requests'] });
  expect((await sendTokenRequest(partner)).status, 'verified recently').toBe(200);
  expect((await sendTokenRequest(await makePartner(), '192.0.2.2')).status).toBe(200);
});

describe('invalid access tokens', () => {
  const bad = { authorization: 'Bearer no.such.token' };

  test('do not block a valid token from the same address, whether it was used before or not', async () => {
    const known = await partner.headers(api);
    expect(await listWith(known)).toBe(200);
    expect(await tally(20, () => listWith(bad))).toEqual({ 401: 10, 429: 10 });
    expect(await listWith(known)).toBe(200);
    expect(await listWith(await (await makePartner()).headers(api))).toBe(200);
    expect(await listWith(bad)).toBe(429);
  });

  test('cause no query to D1', async () => {
    expect(await d1.cost(() => tally(20, () => listWith(bad)))).toBe(0);
  });
});

test('wrong API keys with a token of one client do not block another client at the same address', async () => {
  const { authorization = '' } = await partner.headers(api);
  const guess = () => listWith({ authorization, 'x-api-key': newApiKey('test') });
  const cost = await d1.cost(async () => {
    expect(await tally(20, guess)).toEqual({ 401: 10, 429: 10 });
  });
  expect(cost).toBe(10);
  expect(await listWith(await (await makePartner()).headers(api))).toBe(200);
});

describe('token requests of Workers of other zones, which share one address', () => {
  const SHARED = '2a06:98c0:3600::103';

  const from = (worker: string | undefined, client: Client, address = SHARED) => {
    const { headers, form } = basic(client);
    const zone: Record<string, string> = worker === undefined ? {} : { 'cf-worker': worker };
    return requestToken(api, {
      headers: { ...headers, ...zone, 'cf-connecting-ip': address },
      form,
    });
  };

  /** Sends token requests one after the other, and returns how often each status was returned. */
  const send = (
    times: number,
    clientOf: (i: number) => Client,
    workerOf: (i: number) => string | undefined,
    address?: string,
  ) => tally(times, async (i) => (await from(workerOf(i), clientOf(i), address)).status);

  test('with wrong secrets in one zone do not block the same client or another one in another zone', async () => {
    const wrong = () => wrongSecretOf(partner);
    expect(await send(20, wrong, () => 'bad.example')).toEqual({ 401: 10, 429: 10 });
    expect((await from('bad.example', partner)).status).toBe(429);
    expect((await from('good.example', partner)).status).toBe(200);
    expect((await from('good.example', await makePartner())).status).toBe(200);
  });

  test('with wrong secrets do not block another client of the same zone', async () => {
    await send(
      20,
      () => wrongSecretOf(partner),
      () => 'one.example',
    );
    expect((await from('one.example', await makePartner())).status).toBe(200);
  });

  test('for invented clients are limited for each zone, and do not block another zone', async () => {
    const cost = await d1.cost(async () => {
      expect(await send(120, stranger, () => 'bad.example')).toEqual({ 401: 50, 429: 70 });
    });
    expect(cost).toBe(50);
    expect((await from('bad.example', await makePartner())).status).toBe(429);
    expect((await from('good.example', await makePartner())).status).toBe(200);
  });

  test('never limit a client by its address whose secret was right within 24 hours', async () => {
    expect((await from('one.example', partner)).status).toBe(200);
    await send(120, stranger, () => 'one.example');
    await send(
      20,
      () => wrongSecretOf(partner),
      () => 'one.example',
    );
    expect((await from('one.example', partner)).status).toBe(200);
    api.now += 24 * 3_600_000 - 1;
    expect((await from('one.example', partner)).status).toBe(200);
  });

  test('cannot escape the limit with another spelling of the zone, or with one that is no host name', async () => {
    const spellings = ['bad.example', 'BAD.example', 'bad.Example'];
    const spelling = (i: number) => spellings[i % spellings.length];
    expect(await send(120, stranger, spelling)).toEqual({ 401: 50, 429: 70 });
    const nonsense = (i: number) => [`a b ${i}`, `${i}#`, 'x'.repeat(254 + i), `_${i}`][i % 4];
    expect(await send(120, stranger, nonsense)).toEqual({ 401: 50, 429: 70 });
    expect((await from(undefined, stranger())).status).toBe(429);
  });

  test('are counted under keys of limited length', async () => {
    const long = 'x'.repeat(10_000);
    const client = { clientId: long, clientSecret: long };
    await send(
      2,
      () => client,
      () => 'y'.repeat(253),
    );
    await send(
      2,
      () => client,
      () => long,
    );
    for (const key of [...partnerLimit.counts.keys(), ...addressLimit.counts.keys()]) {
      expect(key.length).toBeLessThan(600);
    }
    expect(addressLimit.counts.size).toBe(2);
  });

  test.each([ADDRESS, '2a06:98c0:3600::104', '2a06:98c0:3600:0:1::103', '2a06:98c0:3601::103'])(
    'are another matter than those from %s, where CF-Worker changes nothing',
    async (address) => {
      const zone = (i: number) => `zone-${i}.example`;
      expect(await send(20, () => wrongSecretOf(partner), zone, address)).toEqual({
        401: 10,
        429: 10,
      });
      expect(await send(100, stranger, zone, address)).toEqual({ 401: 30, 429: 70 });
      expect((await from('good.example', await makePartner(), address)).status).toBe(429);
    },
  );

  test.each(['2a06:98c0:3600:0:0:0:0:103', '2A06:98C0:3600::0103'])(
    'come from that address in any spelling: %s',
    async (address) => {
      await send(120, stranger, () => 'bad.example', address);
      expect((await from('good.example', await makePartner(), address)).status).toBe(200);
    },
  );
});

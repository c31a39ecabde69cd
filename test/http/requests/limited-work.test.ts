import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../../../src/auth/secrets.ts';
import { TestApi, TICKETS } from '../../support/api.ts';
import { CountingLimit } from '../../support/counting-limit.ts';
import { clients } from '../../support/credentials.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { basic, requestToken } from '../../support/token-requests.ts';

/** What a caller can make the API do beyond its limits, and whom it can shut out: nothing, and nobody. */

const ADDRESS = '192.0.2.1';

let d1: WatchedD1;
let partnerLimit: CountingLimit;
let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  d1 = new WatchedD1();
  partnerLimit = new CountingLimit(50);
  api = new TestApi({
    RATE_LIMITS: 'on',
    DB: d1.db,
    PARTNER_LIMIT: partnerLimit,
    ADDRESS_LIMIT: new CountingLimit(10),
  });
  partner = await makePartner();
});

type Client = Pick<TestPartner, 'clientId' | 'clientSecret'>;

const listWith = async (headers: Record<string, string>, path = TICKETS) =>
  (await api.request('GET', path, { headers: { 'cf-connecting-ip': ADDRESS, ...headers } })).status;

function askForToken(client: Client, address = ADDRESS): Promise<Response> {
  const { headers, form } = basic(client);
  return requestToken(api, { headers: { ...headers, 'cf-connecting-ip': address }, form });
}

/** How often each status is answered. */
async function tally(times: number, send: (i: number) => Promise<number>) {
  const counts: Record<number, number> = {};
  for (let i = 0; i < times; i++) {
    const status = await send(i);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const tokens = (times: number, clientOf: (i: number) => Client, address?: string) =>
  tally(times, async (i) => (await askForToken(clientOf(i), address)).status);

const wrongSecretOf = ({ clientId }: Client) => ({ clientId, clientSecret: newClientSecret() });
const stranger = () => ({ clientId: crypto.randomUUID(), clientSecret: newClientSecret() });

/** The same credentials, written in as many ways as there are numbers below 1024. */
function spelling(authorization: string, i: number): string {
  const scheme = [...'bearer']
    .map((letter, bit) => ((i >> bit) & 1 ? letter.toUpperCase() : letter))
    .join('');
  return authorization.replace('Bearer ', `${scheme}${' '.repeat(1 + (i >> 6))}`);
}

describe('a partner beyond its quota', () => {
  const useUp = async (headers: Record<string, string>) =>
    expect(await tally(50, () => listWith(headers))).toEqual({ 200: 50 });

  // Managing credentials is looked up each time, so only there is nothing trusted.
  test.each([TICKETS, clients.path])(
    'costs D1 nothing, in 200 spellings of its credentials: %s',
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

  test('costs D1 nothing once it is trusted no longer', async () => {
    const headers = await partner.headers(api);
    await useUp(headers);
    api.now += 60_000;
    expect(await d1.cost(() => tally(200, () => listWith(headers)))).toBe(0);
  });

  test('costs D1 nothing, with 200 other tokens or 200 other keys', async () => {
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

  test('within it, is looked up once, however its credentials are spelled', async () => {
    const { authorization = '', ...key } = await partner.headers(api);
    const cost = await d1.cost(async () => {
      const send = (i: number) => listWith({ ...key, authorization: spelling(authorization, i) });
      expect(await tally(40, send)).toEqual({ 200: 40 });
    });
    expect(cost).toBe(40 + 1);
  });
});

describe('a client that asks for tokens', () => {
  test('counts against its partner, and costs D1 nothing beyond the quota', async () => {
    const cost = await d1.cost(async () => {
      expect(await tokens(120, () => partner)).toEqual({ 200: 50, 429: 70 });
    });
    expect(cost).toBe(50);
    const refused = await askForToken(partner);
    expect(await refused.json()).toMatchObject({ 'violated-policies': ['partner'] });
    expect(await listWith(await partner.headers(api))).toBe(429);
    expect((await askForToken(await makePartner())).status).toBe(200);
  });

  test('counts also when it is disabled', async () => {
    const made = await clients.make(new TestApi(), partner);
    await clients.change(new TestApi(), partner, made, { disabled: true });
    const client = { clientId: made.id, clientSecret: made.secret };
    const cost = await d1.cost(async () => {
      expect(await tokens(120, () => client)).toEqual({ 400: 50, 429: 70 });
    });
    expect(cost).toBe(50);
  });

  test('that was right lately is refused at once when its secret ends', async () => {
    const made = await clients.make(new TestApi(), partner);
    const client = { clientId: made.id, clientSecret: made.secret };
    expect((await askForToken(client)).status).toBe(200);
    await clients.rotate(new TestApi(), partner, made, 0);
    expect(await tokens(12, () => client)).toEqual({ 401: 10, 429: 2 });
  });
});

describe('eleven wrong secrets of a client', () => {
  beforeEach(async () => {
    expect((await askForToken(partner)).status).toBe(200);
    expect(await tokens(11, () => wrongSecretOf(partner))).toEqual({ 401: 10, 429: 1 });
  });

  test('cost D1 nothing more, and leave its right secret valid where that was right lately', async () => {
    const cost = await d1.cost(() => tokens(20, () => wrongSecretOf(partner)));
    expect(cost).toBe(0);
    expect((await askForToken(partner)).status).toBe(200);
  });

  test('do not refuse the right secret of another client at the address', async () => {
    expect((await askForToken(await makePartner())).status).toBe(200);
  });

  test('do not refuse tokens and keys at the address', async () => {
    expect(await listWith(await partner.headers(api))).toBe(200);
  });
});

test('guesses for ever new clients are bounded for each address', async () => {
  expect((await askForToken(partner)).status).toBe(200);
  const cost = await d1.cost(async () => {
    // The right one was the first of the 50.
    expect(await tokens(120, stranger)).toEqual({ 401: 49, 429: 71 });
  });
  expect(cost).toBe(49);
  const refused = await askForToken(stranger());
  expect(await refused.json()).toMatchObject({ 'violated-policies': ['token-requests'] });
  expect((await askForToken(partner)).status, 'right lately').toBe(200);
  expect((await askForToken(await makePartner(), '192.0.2.2')).status).toBe(200);
});

describe('bad tokens', () => {
  const bad = { authorization: 'Bearer no.such.token' };

  test('never refuse a right one at their address, whether it was seen before or not', async () => {
    const known = await partner.headers(api);
    expect(await listWith(known)).toBe(200);
    expect(await tally(20, () => listWith(bad))).toEqual({ 401: 10, 429: 10 });
    expect(await listWith(known)).toBe(200);
    expect(await listWith(await (await makePartner()).headers(api))).toBe(200);
    expect(await listWith(bad)).toBe(429);
  });

  test('cost D1 nothing', async () => {
    expect(await d1.cost(() => tally(20, () => listWith(bad)))).toBe(0);
  });
});

test('wrong keys with a token of one client do not refuse another client at the address', async () => {
  const { authorization = '' } = await partner.headers(api);
  const guess = () => listWith({ authorization, 'x-api-key': newApiKey('test') });
  const cost = await d1.cost(async () => {
    expect(await tally(20, guess)).toEqual({ 401: 10, 429: 10 });
  });
  expect(cost).toBe(10);
  expect(await listWith(await (await makePartner()).headers(api))).toBe(200);
});

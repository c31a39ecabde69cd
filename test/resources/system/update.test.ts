import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS, START, TestApi, TICKETS } from '../../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import { newTicket } from '../../support/tickets.ts';
import { basic, requestToken, type Token } from '../../support/token-requests.ts';

/** How long an isolate trusts a cached lookup, in milliseconds. */
const CACHE_TTL_MS = 60_000;

beforeEach(makeApiAndPartner);

describe.each(kinds)('a $name', (kind) => {
  const own = kind === clients ? { scopes: ['prepared-tickets:write'] } : {};
  const body = { name: 'Other', ...own, expires_at: '2027-01-01T00:00:00.000Z', disabled: true };
  let made: Made;
  let path: string;

  const send = (method: string, headers: Record<string, string> = {}, sent?: object) =>
    api.request(method, path, { as: partner, headers, ...(sent && { body: sent }) });
  const etagOf = (response: Response) => response.headers.get('etag') as string;
  const present = async () => etagOf(await send('GET'));

  beforeEach(async () => {
    made = await kind.make(api, partner);
    path = kind.pathOf(made);
  });

  test('is replaced in the members that the partner sets, and in no others', async () => {
    const before = await kind.read(api, partner, made);
    api.now += 1000;
    const response = await send('PUT', {}, body);
    expect(response.status).toBe(200);
    const after = { ...before, ...body };
    expect(await response.json()).toEqual(after);
    expect(await kind.read(api, partner, made)).toEqual(after);
  });

  test('can be sent back as it was read, which changes only its ETag', async () => {
    await kind.change(api, partner, made, { expires_at: '2027-01-01T00:00:00Z', disabled: true });
    const before = await send('GET');
    api.now += HOUR_MS;
    const sent = await before.clone().json<object>();
    const after = await send('PUT', { 'if-match': etagOf(before) }, sent);
    expect(after.status).toBe(200);
    expect(await after.json()).toEqual(sent);
    expect(etagOf(after)).not.toBe(etagOf(before));
  });

  test('has a new ETag after each change, in the response and in later reads', async () => {
    const seen = [await present()];
    for (const name of ['a', 'b', 'b']) {
      const tag = etagOf(await send('PUT', {}, { ...body, name }));
      expect(await present()).toBe(tag);
      seen.push(tag);
    }
    expect(new Set(seen).size).toBe(4);
  });

  test('returns 304 for its current ETag in If-None-Match, until it changes', async () => {
    const tag = await present();
    const unchanged = await send('GET', { 'if-none-match': tag });
    expect([unchanged.status, await unchanged.text(), etagOf(unchanged)]).toEqual([304, '', tag]);
    await send('PUT', {}, body);
    expect((await send('GET', { 'if-none-match': tag })).status).toBe(200);
  });

  test('returns 412 to a change, a rotation and a deletion if If-Match names an earlier ETag', async () => {
    const old = await present();
    await send('PUT', {}, body);
    const rows = await allRows();
    const rotation = { as: partner, body: { overlap_seconds: 0 } };
    const rotate = (tag: string) =>
      api.request('POST', `${path}/secrets`, { ...rotation, headers: { 'if-match': tag } });
    for (const refused of [
      await send('PUT', { 'if-match': old }, { ...body, disabled: false }),
      await rotate(old),
      await send('DELETE', { 'if-match': old }),
    ]) {
      expect(refused.status).toBe(412);
    }
    expect(await allRows()).toEqual(rows);
    const changed = await send('PUT', { 'if-match': await present() }, body);
    expect(changed.status).toBe(200);
    const rotated = await rotate(etagOf(changed));
    expect(rotated.status).toBe(201);
    expect((await send('DELETE', { 'if-match': etagOf(rotated) })).status).toBe(204);
  });

  test('returns 412 to a change, a rotation and a deletion if If-None-Match names its ETag', async () => {
    const tag = await present();
    const rows = await allRows();
    const rotate = (headers: Record<string, string>) =>
      api.request('POST', `${path}/secrets`, {
        ...{ as: partner, body: { overlap_seconds: 0 }, headers },
      });
    for (const named of ['*', tag, `"0", ${tag}`]) {
      for (const refused of [
        await send('PUT', { 'if-none-match': named }, body),
        await rotate({ 'if-none-match': named }),
        await send('DELETE', { 'if-none-match': named }),
      ]) {
        expect(refused.status, named).toBe(412);
      }
    }
    expect(await allRows()).toEqual(rows);
    const other = { 'if-none-match': '"0"' };
    const changed = await send('PUT', other, body);
    expect(changed.status).toBe(200);
    expect(changed.headers.get('content-location')).toBe(`https://api.test${path}`);
    expect((await rotate(other)).status).toBe(201);
    expect((await send('DELETE', other)).status).toBe(204);
  });

  test('returns 412 to a read if If-Match does not name its ETag', async () => {
    expect((await send('GET', { 'if-match': await present() })).status).toBe(200);
    expect((await send('GET', { 'if-match': '"0"' })).status).toBe(412);
  });

  test('has a new ETag after its last use was recorded', async () => {
    const before = await present();
    await kind.trySecret(api, partner, made);
    expect(await present()).not.toBe(before);
  });

  test('accepts only one of several concurrent changes with the same ETag', async () => {
    const headers = { 'if-match': await present() };
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => send('PUT', headers, { ...body, name })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    const winner = answers.find(({ ok }) => ok) as Response;
    expect(await kind.read(api, partner, made)).toEqual(await winner.json());
  });

  test('is rejected after its expiry is set to a past time, until the expiry is removed', async () => {
    const end = new Date(START).toISOString();
    expect(await kind.change(api, partner, made, { expires_at: end })).toMatchObject({
      expires_at: end,
      disabled: false,
    });
    expect((await kind.trySecret(new TestApi(), partner, made)).ok).toBe(false);
    await kind.change(api, partner, made, { expires_at: null });
    expect((await kind.trySecret(new TestApi(), partner, made)).ok).toBe(true);
  });
});

describe('the scopes of a client', () => {
  const [read, write] = ['prepared-tickets:read', 'prepared-tickets:write'] as const;
  let made: Made;
  let headers: Record<string, string>;

  const createTicket = async (isolate: TestApi) =>
    (await isolate.request('POST', TICKETS, { headers, body: newTicket })).status;

  /** Returns the headers of a request with a token that has all scopes of the client. */
  async function headersOf(client: Made): Promise<Record<string, string>> {
    const proof = basic({ clientId: client.id, clientSecret: client.secret });
    const { access_token } = await (await requestToken(api, proof)).json<Token>();
    return { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
  }

  async function begin(scopes: string[]) {
    made = await clients.make(api, partner, { scopes });
    headers = await headersOf(made);
  }

  test('are removed from its tokens at once for writes, and within 60 seconds for reads where the client is confirmed', async () => {
    await begin([read, write]);
    const warm = new TestApi();
    const list = async (isolate: TestApi) =>
      (await isolate.request('GET', TICKETS, { headers })).status;
    expect(await createTicket(warm)).toBe(201);
    await clients.change(api, partner, made, { scopes: [write] });
    expect(await list(new TestApi())).toBe(403);
    warm.now = START + CACHE_TTL_MS - 1;
    expect(await list(warm)).toBe(200);
    warm.now += 1;
    expect(await list(warm)).toBe(403);
    await clients.change(api, partner, made, { scopes: [read] });
    const before = await allRows();
    expect(await createTicket(warm)).toBe(403);
    expect(await createTicket(new TestApi())).toBe(403);
    expect(await allRows()).toEqual(before);
    expect(await list(warm)).toBe(200);
  });

  test('are not added to tokens that were issued before', async () => {
    await begin([read]);
    await clients.change(api, partner, made, { scopes: [read, write] });
    expect(await createTicket(new TestApi())).toBe(403);
    headers = await headersOf(made);
    expect(await createTicket(new TestApi())).toBe(201);
  });

  test('are restored to its tokens if the client gets them again', async () => {
    await begin([read, write]);
    await clients.change(api, partner, made, { scopes: [read] });
    await clients.change(api, partner, made, { scopes: [write] });
    expect(await createTicket(new TestApi())).toBe(201);
    expect((await new TestApi().request('GET', TICKETS, { headers })).status).toBe(403);
  });

  test('are returned without repetitions, in a fixed order', async () => {
    await begin([read]);
    const answer: Credential = await clients.change(api, partner, made, {
      scopes: ['credentials:manage', write, read, write],
    });
    expect(answer.scopes).toEqual([read, write, 'credentials:manage']);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { newTicket } from '../../support/tickets.ts';
import { basic, requestToken, type Token } from '../../support/token-requests.ts';

const HOUR = 3_600_000;
/** Milliseconds that an isolate believes what D1 said. */
const TRUST = 60_000;

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

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

  test('is replaced in all that its partner chooses, and in nothing else', async () => {
    const before = await kind.read(api, partner, made);
    api.now += 1000;
    const response = await send('PUT', {}, body);
    expect(response.status).toBe(200);
    const after = { ...before, ...body };
    expect(await response.json()).toEqual(after);
    expect(await kind.read(api, partner, made)).toEqual(after);
  });

  test('can be sent back as it was read, which changes nothing but its tag', async () => {
    await kind.change(api, partner, made, { expires_at: '2027-01-01T00:00:00Z', disabled: true });
    const before = await send('GET');
    api.now += HOUR;
    const sent = await before.clone().json<object>();
    const after = await send('PUT', { 'if-match': etagOf(before) }, sent);
    expect(after.status).toBe(200);
    expect(await after.json()).toEqual(sent);
    expect(etagOf(after)).not.toBe(etagOf(before));
  });

  test('has a new tag after each change, which is answered and then read', async () => {
    const seen = [await present()];
    for (const name of ['a', 'b', 'b']) {
      const tag = etagOf(await send('PUT', {}, { ...body, name }));
      expect(await present()).toBe(tag);
      seen.push(tag);
    }
    expect(new Set(seen).size).toBe(4);
  });

  test('is read again only if it changed', async () => {
    const tag = await present();
    const unchanged = await send('GET', { 'if-none-match': tag });
    expect([unchanged.status, await unchanged.text(), etagOf(unchanged)]).toEqual([304, '', tag]);
    await send('PUT', {}, body);
    expect((await send('GET', { 'if-none-match': tag })).status).toBe(200);
  });

  test('is changed, rotated and deleted only under its present tag', async () => {
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

  test('is changed, rotated and deleted only if If-None-Match does not name its tag', async () => {
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

  test('is read only if If-Match names its tag', async () => {
    expect((await send('GET', { 'if-match': await present() })).status).toBe(200);
    expect((await send('GET', { 'if-match': '"0"' })).status).toBe(412);
  });

  test('has a new tag when it was used', async () => {
    const before = await present();
    await kind.trySecret(api, partner, made);
    expect(await present()).not.toBe(before);
  });

  test('of two changes under one tag one is made', async () => {
    const headers = { 'if-match': await present() };
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => send('PUT', headers, { ...body, name })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    const winner = answers.find(({ ok }) => ok) as Response;
    expect(await kind.read(api, partner, made)).toEqual(await winner.json());
  });

  test('may get an end that has passed, which ends it', async () => {
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

  /** The headers of a request with a token of the client, of all its scopes. */
  async function headersOf(client: Made): Promise<Record<string, string>> {
    const proof = basic({ clientId: client.id, clientSecret: client.secret });
    const { access_token } = await (await requestToken(api, proof)).json<Token>();
    return { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
  }

  async function begin(scopes: string[]) {
    made = await clients.make(api, partner, { scopes });
    headers = await headersOf(made);
  }

  test('are taken from its tokens too: at once, and within a minute where they were known', async () => {
    await begin([read, write]);
    const warm = new TestApi();
    expect(await createTicket(warm)).toBe(201);
    await clients.change(api, partner, made, { scopes: [read] });
    expect(await createTicket(new TestApi())).toBe(403);
    warm.now = START + TRUST - 1;
    expect(await createTicket(warm)).toBe(201);
    warm.now += 1;
    const before = await allRows();
    expect(await createTicket(warm)).toBe(403);
    expect(await allRows()).toEqual(before);
    expect((await warm.request('GET', TICKETS, { headers })).status).toBe(200);
  });

  test('that it gets are not those of the tokens that it has', async () => {
    await begin([read]);
    await clients.change(api, partner, made, { scopes: [read, write] });
    expect(await createTicket(new TestApi())).toBe(403);
    headers = await headersOf(made);
    expect(await createTicket(new TestApi())).toBe(201);
  });

  test('that come back are those of its tokens again', async () => {
    await begin([read, write]);
    await clients.change(api, partner, made, { scopes: [read] });
    await clients.change(api, partner, made, { scopes: [write] });
    expect(await createTicket(new TestApi())).toBe(201);
    expect((await new TestApi().request('GET', TICKETS, { headers })).status).toBe(403);
  });

  test('are answered in our order, each once', async () => {
    await begin([read]);
    const answer: Credential = await clients.change(api, partner, made, {
      scopes: ['credentials:manage', write, read, write],
    });
    expect(answer.scopes).toEqual([read, write, 'credentials:manage']);
  });
});

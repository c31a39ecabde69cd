import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../support/api.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { fastestOf } from '../../support/hostile-values.ts';
import { makePartner } from '../../support/partners.ts';
import { newTicket, storedRows } from '../../support/tickets.ts';

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

const post = (key: string) =>
  api.request('POST', TICKETS, {
    as: partner,
    body: newTicket,
    headers: { 'idempotency-key': key },
  });

const idOf = async (response: Response) => (await response.json<{ id: string }>()).id;

describe('two spellings of one key return the same ticket', () => {
  test.each([
    ['with and without quotes', '"8e03978e-40d5"', '8e03978e-40d5'],
    ['with surrounding whitespace', '"k"', '  "k"\t'],
    ['with the same escaped quote', String.raw`"a\"b"`, String.raw`"a\"b"`],
    ['with an escaped backslash and with a plain one', String.raw`"a\\b"`, String.raw`a\b`],
    [
      'with all characters that need no quotes',
      `"!#$%&'()*+-./:;<=>?@[]^_\`{|}~"`,
      "!#$%&'()*+-./:;<=>?@[]^_`{|}~",
    ],
  ])('%s', async (_what, first, second) => {
    const made = await post(first);
    expect(made.status).toBe(201);
    const again = await post(second);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await idOf(again)).toBe(await idOf(made));
  });
});

describe('two keys create two tickets if they', () => {
  test.each([
    ['differ in case', '"key"', '"KEY"'],
    ['differ by a space in the quotes', '"key"', '"key "'],
    ['differ by an escaped backslash', String.raw`"a\\b"`, '"ab"'],
    ['differ by text that looks like SQL', `"a' OR '1'='1"`, '"a"'],
    ['differ by a wildcard', '"a%"', '"ab"'],
  ])('%s', async (_what, first, second) => {
    const made = await post(first);
    const other = await post(second);
    expect([made.status, other.status]).toEqual([201, 201]);
    expect(other.headers.has('idempotent-replayed')).toBe(false);
    expect(await idOf(other)).not.toBe(await idOf(made));
  });
});

describe('a key, whose length counts without quotes and escapes,', () => {
  test.each([
    ['1 character', '"k"'],
    ['255 characters in quotes', `"${'k'.repeat(255)}"`],
    ['255 characters without quotes', 'k'.repeat(255)],
    ['255 quotes, each escaped', `"${'\\"'.repeat(255)}"`],
    ['255 spaces', `"${' '.repeat(255)}"`],
  ])('is accepted with %s', async (_what, key) => {
    const [made, again] = [await post(key), await post(key)];
    expect([made.status, again.status]).toEqual([201, 201]);
    expect(await idOf(again)).toBe(await idOf(made));
  });

  test.each([
    ['256 characters in quotes', `"${'k'.repeat(256)}"`],
    ['256 characters without quotes', 'k'.repeat(256)],
    ['256 quotes, each escaped', `"${'\\"'.repeat(256)}"`],
    ['4,000 characters', 'k'.repeat(4000)],
  ])('is too_long with %s', async (_what, key) => {
    await expectRefused(await post(key), 'too_long');
  });
});

async function expectRefused(response: Response, code: string) {
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    type: '/problems/violations',
    violations: [
      {
        in: 'header',
        name: 'idempotency-key',
        code,
        detail: expect.stringMatching(/^Send 1 to 255 printable ASCII characters.+\.$/),
      },
    ],
  });
  expect(await storedRows()).toEqual({ tickets: [], lines: [] });
}

describe('a malformed key returns 400 and writes nothing', () => {
  test.each([
    ['an empty value', ''],
    ['only whitespace', '   '],
    ['an empty string', '""'],
    ['an unclosed quote', '"abc'],
    ['an unopened quote', 'abc"'],
    ['a single quote character', '"'],
    ['a quote within quotes', '"a"b"'],
    ['an escape of another character', String.raw`"a\n"`],
    ['an escape of the closing quote', String.raw`"a\"`],
    ['two keys in one header', '"a", "b"'],
    ['two keys without quotes, as repeated headers are combined', 'a, b'],
    ['a comma without quotes', 'a,b'],
    ['a space without quotes', 'a b'],
    ['a tab in quotes', '"a\tb"'],
    ['letters that are not ASCII', '"clé"'],
    ['an inner list', '("a")'],
  ])('%s', async (_what, key) => {
    await expectRefused(await post(key), 'invalid_format');
  });
});

test('a very long malformed key is rejected within a second', async () => {
  const key = `"${'\\\\'.repeat(4000)}`;
  const send = async () => expect((await post(key)).status).toBe(400);
  expect(await fastestOf(send, 1000)).toBeLessThan(1000);
});

test('a request that returns 400 does not use up its key', async () => {
  const key = '"9d1c7d1e-0b55-4b5f-8e0a-3a1f3a9d2b44"';
  const headers = { 'idempotency-key': key };
  const wrong = { ...newTicket, vin: 'short' };
  const refused = await api.request('POST', TICKETS, { as: partner, body: wrong, headers });
  expect(refused.status).toBe(400);
  const made = await post(key);
  expect(made.status).toBe(201);
  expect(made.headers.has('idempotent-replayed')).toBe(false);
});

test('a replay after the ticket was deleted returns the original 201, and the ticket stays deleted', async () => {
  const key = '"4a2f0b7e-8c31-4f3d-9a51-0d6b5c1e7f90"';
  const made = await post(key);
  const id = await idOf(made.clone());
  await api.request('DELETE', `${TICKETS}/${id}`, { as: partner });
  const replay = await post(key);
  expect(replay.status).toBe(201);
  expect(replay.headers.get('idempotent-replayed')).toBe('true');
  expect(await replay.json()).toEqual(await made.json());
  const read = await api.request('GET', `${TICKETS}/${id}`, { as: partner });
  expect(read.status).toBe(404);
});

test('clients and API keys share one set of keys, and tickets have another', async () => {
  const manager = await makePartner({ scopes: ['credentials:manage', 'prepared-tickets:write'] });
  const headers = { 'idempotency-key': '"c7a1d2f0-6b9e-4f1a-b3c8-5e7d9a0f1b22"' };
  const create = (path: string, body: object) =>
    api.request('POST', path, { as: manager, body, headers });
  expect((await create('/v2/system/clients', { name: 'One' })).status).toBe(201);
  expect((await create('/v2/system/api-keys', { name: 'One' })).status).toBe(422);
  expect((await create(TICKETS, newTicket)).status).toBe(201);
});

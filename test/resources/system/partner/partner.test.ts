import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { scopes } from '../../../../src/auth/scopes.ts';
import type { Scope } from '../../../../src/policy.ts';
import { START, TestApi } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { makePartner } from '../../../support/partners.ts';

const PATH = '/v2/system/partner';

beforeEach(async () => {
  await makePartnerOf(new TestApi(), { partnerName: 'Werkstatt Köln' });
});

const set = (column: 'created_at' | 'disabled_at', value: number) =>
  env.DB.prepare(`UPDATE partners SET ${column} = ? WHERE id = ?`)
    .bind(value, partner.partnerId)
    .run();

test("returns the name and the creation time of the caller's partner", async () => {
  await set('created_at', Date.parse('2026-03-01T12:34:56.007Z'));
  const response = await api.get(PATH, partner);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    name: 'Werkstatt Köln',
    created_at: '2026-03-01T12:34:56.007Z',
  });
});

test('returns to each partner its own values', async () => {
  const other = await makePartner({ partnerName: 'Other' });
  expect(await (await api.get(PATH, other)).json()).toMatchObject({ name: 'Other' });
  expect(await (await api.get(PATH, partner)).json()).toMatchObject({ name: 'Werkstatt Köln' });
});

test('costs one round trip and one row in an isolate that knows the credentials', async () => {
  await api.get(PATH, partner);
  const cost = (await api.get(PATH, partner)).headers.get('server-timing');
  expect(cost).toContain('trips=1 read=1 written=0');
});

test('returns 401 without credentials, and without one of them', async () => {
  const { authorization = '', 'x-api-key': key = '' } = await partner.headers(api);
  const incomplete: Record<string, string>[] = [{}, { authorization }, { 'x-api-key': key }];
  for (const headers of incomplete) {
    expect((await api.request('GET', PATH, { headers })).status).toBe(401);
  }
});

test('returns 401 to a disabled partner', async () => {
  await set('disabled_at', START);
  expect((await api.get(PATH, partner)).status).toBe(401);
});

test('returns 401 to a deleted partner whose credentials are still cached', async () => {
  expect((await api.get(PATH, partner)).status).toBe(200);
  await env.DB.batch(
    ['api_keys', 'clients'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
  await env.DB.prepare('DELETE FROM partners').run();
  expect((await api.get(PATH, partner)).status).toBe(401);
});

test.each(Object.keys(scopes) as Scope[])(
  'accepts a token whose only scope is %s',
  async (scope) => {
    const headers = await partner.headers(api, [scope]);
    expect((await api.request('GET', PATH, { headers })).status).toBe(200);
  },
);

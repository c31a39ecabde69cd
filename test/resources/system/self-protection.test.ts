import { beforeEach, describe, expect, test } from 'vitest';
import { isoTime, START, TestApi } from '../../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../support/each-test.ts';

/** A partner cannot lock itself out: a request cannot revoke the credentials that authenticate it. */

beforeEach(makeApiAndPartner);

describe.each(kinds)('a $name', (kind) => {
  let present: Credential;
  let used: Made;
  let other: Made;

  beforeEach(async () => {
    used = kind.usedBy(partner);
    present = await kind.read(api, partner, used);
    other = await kind.make(api, partner);
  });

  const send = (method: string, id: string, changes: object, headers = {}, as = partner) =>
    api.request(method, kind.pathOf({ id }), {
      as,
      headers,
      ...(method === 'PUT' && { body: { ...present, ...changes } }),
    });

  async function expectRefused(sent: () => Promise<Response>) {
    const before = await allRows();
    const response = await sent();
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ type: '/problems/credential-in-use' });
    expect(await allRows()).toEqual(before);
  }

  const ends: [what: string, method: string, changes: object][] = [
    ['deleted', 'DELETE', {}],
    ['disabled', 'PUT', { disabled: true }],
    ['expired now', 'PUT', { expires_at: isoTime(START) }],
    ['expired in the past', 'PUT', { expires_at: '2001-01-01T00:00:00Z' }],
    ...(kind === clients
      ? [
          ['deprived of credentials:manage', 'PUT', { scopes: ['prepared-tickets:read'] }] as [
            string,
            string,
            object,
          ],
        ]
      : []),
  ];

  test.each(ends)(
    'cannot be %s by a request that it authenticates',
    async (_what, method, changes) => {
      await expectRefused(() => send(method, used.id, changes));
      await expectRefused(() => send(method, used.id.toUpperCase(), changes));
      await expectRefused(() => send(method, used.id, changes, { 'if-match': '*' }));
    },
  );

  test.each(ends)(
    'can be %s by a request that it does not authenticate',
    async (_what, method, changes) => {
      expect((await send(method, other.id, changes)).ok).toBe(true);
    },
  );

  test.each(ends)(
    'can be %s with another credential of the same kind',
    async (_what, method, changes) => {
      const manager = await kind.make(api, partner, {
        ...(kind === clients && { scopes: ['credentials:manage'] }),
      });
      const as = kind.caller(partner, manager);
      expect((await send(method, used.id, changes, {}, as)).ok).toBe(true);
    },
  );

  test.each(ends)(
    'cannot be %s by a request that its retired secret authenticates',
    async (_what, method, changes) => {
      await kind.rotate(api, partner, used, 3600);
      useApi(new TestApi());
      await expectRefused(() => send(method, used.id, changes));
    },
  );

  test('can be renamed, rotated and given a future expiry by a request that it authenticates', async () => {
    const changes = { name: 'Renamed', expires_at: isoTime(START + 1) };
    const response = await send('PUT', used.id, changes);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(changes);
    await kind.rotate(api, partner, used, 0);
  });
});

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/auth/secrets.ts';
import { START, TICKETS } from '../../support/api.ts';
import { clients, kinds } from '../../support/credentials.ts';
import { runCron } from '../../support/cron.ts';
import { allRows } from '../../support/d1.ts';
import { stillWorld } from '../../support/dependencies.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { labelsOf, report, ScannedApi } from '../../support/leak-reports.ts';
import { makePartner } from '../../support/partners.ts';
import { scannerKeys } from '../../support/scanner.ts';
import { basic, requestToken } from '../../support/token-requests.ts';

/** Dependencies of the scheduled run, which renews the keys of the scanner. */
const idle = { ...stillWorld, fetch: async () => Response.json(scannerKeys) };

beforeEach(() => makePartnerOf(new ScannedApi()));

const list = (isolate = api) => isolate.get(TICKETS, partner);
const token = (secret = partner.clientSecret) =>
  requestToken(api, basic({ clientId: partner.clientId, clientSecret: secret }));

/** Rotates the secret of the partner's client or API key, with an overlap of an hour. */
async function rotate(path: string): Promise<string> {
  const response = await api.request('POST', path, {
    as: partner,
    body: { overlap_seconds: 3600 },
  });
  return (await response.json<{ secret: string }>()).secret;
}

describe('a reported secret', () => {
  test('of an API key is rejected at once, and within 60 seconds where it is cached', async () => {
    expect((await list()).status).toBe(200);
    expect(await labelsOf(api, partner.apiKey)).toEqual(['true_positive']);
    expect((await list(new ScannedApi())).status).toBe(401);
    api.now += 60_000;
    expect((await list()).status).toBe(401);
  });

  test('of a client gets no more tokens, and the tokens of the client are rejected', async () => {
    expect((await list()).status).toBe(200);
    expect(await labelsOf(api, partner.clientSecret)).toEqual(['true_positive']);
    expect((await token()).status).toBe(401);
    api.now += 60_000;
    expect((await list()).status).toBe(401);
  });

  test('is an event of its owner, and a repeated report is none', async () => {
    await report(api, partner.apiKey, partner.clientSecret);
    await report(api, partner.apiKey, partner.clientSecret);
    const { results } = await env.DB.prepare(
      'SELECT type, subject_id AS id, version, client_id FROM events ORDER BY type',
    ).all();
    expect(results).toEqual([
      { type: 'api_key.updated', id: partner.apiKeyId, version: 2, client_id: null },
      { type: 'client.updated', id: partner.clientId, version: 2, client_id: null },
    ]);
  });

  test('stays invalid after its owner is re-enabled', async () => {
    await report(api, partner.apiKey, partner.clientSecret);
    await env.DB.batch(
      ['clients', 'api_keys'].map((table) =>
        env.DB.prepare(`UPDATE ${table} SET disabled_at = NULL`),
      ),
    );
    expect((await list(new ScannedApi())).status).toBe(401);
    expect((await token()).status).toBe(401);
  });

  test('that is retired is revoked alone: its owner stays enabled with the current secret', async () => {
    const secret = await rotate(`/v2/system/clients/${partner.clientId}/secrets`);
    await rotate(`/v2/system/api-keys/${partner.apiKeyId}/secrets`);
    expect(await labelsOf(api, partner.clientSecret, partner.apiKey)).toEqual([
      'true_positive',
      'true_positive',
    ]);
    expect((await token()).status).toBe(401);
    expect((await token(secret)).status).toBe(200);
    expect((await list(new ScannedApi())).status).toBe(401);
    const [key] = (await env.DB.prepare('SELECT disabled_at FROM api_keys').all()).results;
    expect(key).toEqual({ disabled_at: null });
  });

  describe('that is retired revokes the tokens of its client', () => {
    const path = () => `/v2/system/clients/${partner.clientId}/secrets`;
    const rotateWith = (overlap_seconds: number) =>
      api.request('POST', path(), { as: partner, body: { overlap_seconds } });
    /** Returns the status of a request with a token. */
    const statusWith = async (accessToken: string, isolate = new ScannedApi()) => {
      isolate.now = api.now;
      const headers = { authorization: `Bearer ${accessToken}`, 'x-api-key': partner.apiKey };
      return (await isolate.request('GET', TICKETS, { headers })).status;
    };
    const issued = async (secret?: string) =>
      (await (await token(secret)).json<{ access_token: string }>()).access_token;

    test('within 60 seconds everywhere, including tokens that were issued in the same second', async () => {
      api.now = START + 100;
      const old = await issued();
      const secret = await rotate(path());
      api.now = START + 900;
      const late = await issued();
      const warm = new ScannedApi();
      expect([await statusWith(old, warm), await statusWith(late, warm)]).toEqual([200, 200]);
      expect(await labelsOf(api, partner.clientSecret)).toEqual(['true_positive']);
      expect([await statusWith(old), await statusWith(late)]).toEqual([401, 401]);
      const fresh = await issued(secret);
      expect(await statusWith(fresh), 'a new one, of the same second').toBe(200);
      api.now += 60_000;
      expect([await statusWith(old, warm), await statusWith(late, warm)]).toEqual([401, 401]);
      expect(await statusWith(fresh, warm)).toBe(200);
    });

    test.each<[string, end: () => Promise<unknown>]>([
      ['had no overlap', () => rotateWith(0)],
      [
        'has expired and the cleanup has run',
        async () => {
          await rotateWith(60);
          // The last token that could be issued for the secret expires a moment later.
          api.now = START + 3_660_000 - 1;
          await runCron({ ...idle, now: () => api.now });
          return START + 60_998;
        },
      ],
      [
        'was followed by another rotation',
        async () => {
          await rotateWith(60);
          api.now += 120_000;
          await rotateWith(60);
        },
      ],
      [
        'was the oldest of too many retired secrets',
        async () => {
          for (let i = 0; i < 6; i++) {
            api.now += 1;
            await rotateWith(3600);
          }
        },
      ],
    ])('if it %s', async (_what, end) => {
      api.now = START + 999;
      const issuedAt = await end();
      // A token that someone else obtained with the secret while it was valid.
      const stolen = await partner.token(typeof issuedAt === 'number' ? issuedAt : START);
      expect(await statusWith(stolen)).toBe(200);
      expect(await labelsOf(api, partner.clientSecret)).toEqual(['true_positive']);
      expect(await statusWith(stolen)).toBe(401);
    });

    test('only once, however often it is reported', async () => {
      const secret = await rotate(path());
      await report(api, partner.clientSecret);
      api.now += 5000;
      const fresh = await issued(secret);
      expect(await labelsOf(api, partner.clientSecret)).toEqual(['true_positive']);
      expect(await statusWith(fresh)).toBe(200);
    });

    test('but not the tokens of another client', async () => {
      const other = await clients.make(api, partner);
      const proof = basic({ clientId: other.id, clientSecret: other.secret });
      const response = await requestToken(api, proof);
      const { access_token } = await response.json<{ access_token: string }>();
      await rotate(path());
      await report(api, partner.clientSecret);
      expect(await statusWith(access_token)).toBe(200);
    });
  });

  test('is revoked together with the retired secrets of its owner', async () => {
    const secret = await rotate(`/v2/system/clients/${partner.clientId}/secrets`);
    await report(api, secret);
    expect((await token()).status).toBe(401);
  });

  test.each(kinds)(
    'of a $name changes its ETag, so that a stale update cannot enable it',
    async (kind) => {
      const made = await kind.make(api, partner);
      const read = await api.get(kind.pathOf(made), partner);
      const headers = { 'if-match': read.headers.get('etag') as string };
      await report(api, made.secret);
      const stale = { as: partner, headers, body: await read.json<object>() };
      expect((await api.request('PUT', kind.pathOf(made), stale)).status).toBe(412);
      expect(await kind.read(api, partner, made)).toMatchObject({ disabled: true });
    },
  );

  test('is labelled true_positive each time it is reported', async () => {
    const old = partner.clientSecret;
    const secret = await rotate(`/v2/system/clients/${partner.clientId}/secrets`);
    for (let i = 0; i < 3; i++) {
      expect(await labelsOf(api, old, secret, partner.apiKey)).toEqual(
        Array(3).fill('true_positive'),
      );
    }
  });

  test.each(kinds)(
    'of a $name is labelled true_positive until the $name is deleted',
    async (kind) => {
      const made = await kind.make(api, partner);
      await report(api, made.secret);
      await kind.change(api, partner, made, { disabled: false });
      await kind.rotate(api, partner, made, 60);
      api.now += 30 * 24 * 3_600_000;
      await runCron({ ...idle, now: () => api.now });
      expect(await labelsOf(api, made.secret)).toEqual(['true_positive']);
      expect(await kind.read(api, partner, made)).toMatchObject({ disabled: false });
      expect((await api.delete(kind.pathOf(made), partner)).status).toBe(204);
      expect(await labelsOf(api, made.secret)).toEqual(['false_positive']);
      expect((await allRows()).leaked_secrets).toEqual([]);
    },
  );

  test.each(kinds)(
    'of a re-enabled $name is rejected at the cost of an unknown one',
    async (kind) => {
      const made = await kind.make(api, partner);
      await report(api, made.secret);
      await kind.change(api, partner, made, { disabled: false });
      const refused = await kind.trySecret(new ScannedApi(), partner, made);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('server-timing')).toMatch(/trips=1 read=[01] written=0/);
    },
  );

  test('is logged with its partner and its owner, but without the secret', async () => {
    await report(api, partner.apiKey, partner.clientSecret);
    const lines = api.log.filter(({ event }) => event === 'leak');
    expect(lines).toMatchObject([
      { partner: partner.partnerId, api_key: partner.apiKeyId },
      { partner: partner.partnerId, client: partner.clientId },
    ]);
    const text = JSON.stringify(api.log);
    for (const secret of [partner.apiKey, partner.clientSecret]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(await sha256(secret));
    }
  });

  test('of one partner does not affect another partner', async () => {
    const other = await makePartner();
    await report(api, partner.apiKey, partner.clientSecret);
    expect((await new ScannedApi().get(TICKETS, other)).status).toBe(200);
  });
});

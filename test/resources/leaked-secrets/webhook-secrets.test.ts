import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, sha256 } from '../../../src/auth/secrets.ts';
import { configOf } from '../../../src/config.ts';
import {
  newWebhookSecret,
  openSecret,
} from '../../../src/resources/system/webhook-endpoints/secrets.ts';
import { runCron } from '../../support/cron.ts';
import { allRows, WatchedD1 } from '../../support/d1.ts';
import { stillWorld } from '../../support/dependencies.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import {
  type CreatedEndpoint,
  endpointPath,
  makeEndpoint,
  readEndpoint,
  rotateEndpoint,
} from '../../support/endpoints.ts';
import { eventsOfOperator } from '../../support/events.ts';
import { retryAtOnce } from '../../support/faults.ts';
import { FaultyD1 } from '../../support/faulty-d1.ts';
import { labelsOf, report, ScannedApi } from '../../support/leak-reports.ts';
import { runPartner } from '../../support/partner-command.ts';
import { makePartner } from '../../support/partners.ts';
import { scannerKeys } from '../../support/scanner.ts';
import { endpointRow } from '../../support/webhooks.ts';

let made: CreatedEndpoint;

beforeEach(async () => {
  await makePartnerOf(new ScannedApi());
  made = await makeEndpoint(api, partner);
});

/** Runs the scheduled tasks, one of which writes the digests of secrets that were stored without one. */
const runTasks = () =>
  runCron({
    ...stillWorld,
    fetch: async () => Response.json(scannerKeys),
    now: () => api.now,
  });

const eventOf = (action: string, version: number) => ({
  ...{ partner_id: partner.partnerId, type: `webhook_endpoint.${action}` },
  ...{ subject_id: made.id, version },
});

/** Returns the secrets that sign the messages of an endpoint. */
async function signing({ id } = made) {
  const { secret, retired_secret } = await endpointRow({ ...made, id });
  const open = (sealed: unknown) => openSecret(configOf(env).sealingKeys, id, `${sealed}`);
  return Promise.all([secret, retired_secret].filter((sealed) => sealed !== null).map(open));
}

describe('a reported current secret of a webhook endpoint', () => {
  test('is replaced by one that nobody knows, without an overlap, and the endpoint stays enabled', async () => {
    const second = await rotateEndpoint(api, partner, made, 3600);
    const before = await readEndpoint(api, partner, made);
    expect(await labelsOf(api, second)).toEqual(['true_positive']);
    const [unknown, ...others] = await signing();
    expect(others).toEqual([]);
    expect([made.secret, second]).not.toContain(unknown);
    expect(unknown).toMatch(/^whsec_/);
    expect(await endpointRow(made)).toMatchObject({
      ...{ secret_sha256: await sha256(`${unknown}`), retired_sha256: null },
      ...{ retired_expires_at: null, disabled_at: null, version: 3 },
    });
    expect(await readEndpoint(api, partner, made)).toEqual({
      ...before,
      ...('retired_secret_expires_at' in before && { retired_secret_expires_at: null }),
    });
  });

  test('is one event `webhook_endpoint.rotated` without an actor, also if it is reported again', async () => {
    for (let i = 0; i < 2; i++) {
      expect(await labelsOf(api, made.secret, made.secret)).toEqual(Array(2).fill('true_positive'));
    }
    expect(await eventsOfOperator()).toEqual([eventOf('rotated', 2)]);
    const feed = await api.get('/v2/system/events', partner);
    const { result } = await feed.json<{ result: object[] }>();
    expect(result.at(-1)).toMatchObject({
      ...{ type: 'webhook_endpoint.rotated', actor: null },
      subject: { id: made.id, version: 2 },
    });
  });

  test('changes the ETag, so that a stale update fails', async () => {
    const read = await api.get(endpointPath(made), partner);
    const headers = { 'if-match': read.headers.get('etag') as string };
    await report(api, made.secret);
    const stale = { as: partner, headers, body: await read.json<object>() };
    expect((await api.request('PUT', endpointPath(made), stale)).status).toBe(412);
  });

  test('can be rotated by the partner, and the secret of the rotation signs alone', async () => {
    await report(api, made.secret);
    const second = await rotateEndpoint(api, partner, made, 0);
    expect(await signing()).toEqual([second]);
    expect(await labelsOf(api, second)).toEqual(['true_positive']);
    expect(await signing()).not.toContain(second);
  });

  test('ends as a retired one if the partner rotates it during the report', async () => {
    const d1 = new WatchedD1();
    const isolate = new ScannedApi({ DB: d1.db });
    // A first report fetches the keys of the scanner, so that the next batches are those of the report.
    await report(isolate, newApiKey('test'));
    let batches = 0;
    let second = '';
    d1.beforeBatch = async () => {
      batches += 1;
      // The first batch looks the secret up, and the second one would replace it.
      if (batches === 2) {
        second = await rotateEndpoint(api, partner, made, 3600);
      }
    };
    expect(await labelsOf(isolate, made.secret)).toEqual(['true_positive']);
    expect(second).not.toBe('');
    expect(await signing()).toEqual([second]);
    expect(await eventsOfOperator()).toEqual([eventOf('updated', 3)]);
  });
});

test('a leaked secret is replaced in one event if each answer of D1 gets lost once', async () => {
  retryAtOnce();
  const d1 = new FaultyD1();
  const isolate = new ScannedApi({ DB: d1.db });
  // A first report fetches the keys of the scanner.
  await report(isolate);
  d1.plan((call) => (call % 2 === 1 ? 'after' : undefined));
  expect(await labelsOf(isolate, made.secret)).toEqual(['true_positive']);
  expect(d1.calls).toBe(4);
  expect(await eventsOfOperator()).toEqual([eventOf('rotated', 2)]);
  expect(await signing()).not.toContain(made.secret);
});

test('a reported retired secret of a webhook endpoint ends at once, in one event `webhook_endpoint.updated`', async () => {
  const second = await rotateEndpoint(api, partner, made, 3600);
  for (let i = 0; i < 2; i++) {
    expect(await labelsOf(api, made.secret)).toEqual(['true_positive']);
  }
  expect(await signing()).toEqual([second]);
  expect(await endpointRow(made)).toMatchObject({
    ...{ secret_sha256: await sha256(second), retired_sha256: null, retired_expires_at: null },
    ...{ disabled_at: null, version: 3 },
  });
  expect(await eventsOfOperator()).toEqual([eventOf('updated', 3)]);
});

test('both secrets of a webhook endpoint in one report are revoked', async () => {
  const second = await rotateEndpoint(api, partner, made, 3600);
  expect(await labelsOf(api, made.secret, second)).toEqual(Array(2).fill('true_positive'));
  expect(await eventsOfOperator()).toEqual([eventOf('updated', 3), eventOf('rotated', 4)]);
  const signs = await signing();
  expect(signs).toHaveLength(1);
  expect([made.secret, second]).not.toContain(signs[0]);
});

test('secrets of several endpoints, and of a client, are revoked by one report', async () => {
  const other = await makePartner();
  const theirs = await makeEndpoint(api, other);
  const kept = await makeEndpoint(api, other);
  const labels = await labelsOf(api, theirs.secret, partner.clientSecret, made.secret);
  expect(labels).toEqual(Array(3).fill('true_positive'));
  expect(await signing(theirs)).not.toContain(theirs.secret);
  expect(await signing()).not.toContain(made.secret);
  expect(await signing(kept)).toEqual([kept.secret]);
});

test('a secret of another sender of Standard Webhooks is a false positive and changes nothing', async () => {
  const before = await allRows();
  const texts = [newWebhookSecret(), `${made.secret}=`, made.secret.slice(6), 'whsec_'];
  expect(await labelsOf(api, ...texts)).toEqual(Array(4).fill('false_positive'));
  const { scanner_keys: _, ...after } = await allRows();
  const { scanner_keys: __, ...earlier } = before;
  expect(after).toEqual(earlier);
});

test('a secret that was stored without its digest is recognised once the scheduled task has run', async () => {
  await env.DB.prepare('UPDATE webhook_endpoints SET secret_sha256 = NULL').run();
  expect(await labelsOf(api, made.secret)).toEqual(['false_positive']);
  await runTasks();
  expect(await labelsOf(api, made.secret)).toEqual(['true_positive']);
  expect(await signing()).not.toContain(made.secret);
});

test.each<[who: string, remove: () => Promise<unknown>]>([
  ['partner', () => api.delete(endpointPath(made), partner)],
  ['operator', () => runPartner(['endpoints', 'delete', '--endpoint', made.id])],
])(
  'a leaked secret is labelled true_positive until the %s deletes its endpoint',
  async (_who, remove) => {
    await report(api, made.secret);
    await rotateEndpoint(api, partner, made, 60);
    api.now += 30 * 24 * 3_600_000;
    await runTasks();
    expect(await labelsOf(api, made.secret)).toEqual(['true_positive']);
    await remove();
    expect((await allRows()).webhook_endpoints).toEqual([]);
    expect(await labelsOf(api, made.secret)).toEqual(['false_positive']);
    expect((await allRows()).leaked_secrets).toEqual([]);
  },
);

test('a leaked secret is logged with its partner and its endpoint, but without the secret', async () => {
  await report(api, made.secret);
  const lines = api.log.filter(({ event }) => event === 'leak');
  expect(lines).toMatchObject([{ partner: partner.partnerId, endpoint: made.id }]);
  expect(lines[0]).not.toHaveProperty('client');
  expect(lines[0]).not.toHaveProperty('api_key');
  const text = JSON.stringify(api.log);
  expect(text).not.toContain(made.secret);
  expect(text).not.toContain(await sha256(made.secret));
});

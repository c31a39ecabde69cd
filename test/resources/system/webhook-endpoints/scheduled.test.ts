import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { newSealingKeySet, SealingKeys } from '../../../../src/auth/sealing-keys.ts';
import { sha256 } from '../../../../src/auth/secrets.ts';
import type { LogLine } from '../../../../src/context.ts';
import { openSecret } from '../../../../src/resources/system/webhook-endpoints/secrets.ts';
import { DAY_MS, START, TestApi } from '../../../support/api.ts';
import { runCron } from '../../../support/cron.ts';
import { WatchedD1 } from '../../../support/d1.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  endpointPath,
  makeEndpoint,
  rotateEndpoint,
} from '../../../support/endpoints.ts';
import { homes, main } from '../../../support/homes.ts';
import { endpointRow } from '../../../support/webhooks.ts';

const EXPIRY = START + 30 * DAY_MS + 1;
/** Round trips of a run that finds nothing, one of them for the keys of the scanner in `main`. */
const IDLE_CALLS = homes[0] === main ? 9 : 8;

let made: CreatedEndpoint;
let lines: LogLine[];
let d1: WatchedD1;

beforeEach(async () => {
  await makeApiAndPartner();
  made = await makeEndpoint(api, partner);
  lines = [];
  d1 = new WatchedD1();
});

const run = (now: number, bindings: object = {}) =>
  runCron(
    {
      ...stillWorld,
      now: () => now,
      log: (line) => line.home === homes[0].name && lines.push(line),
    },
    { DB: d1.db, ...bindings },
  );

const lineOf = (task: string) => lines.findLast((line) => line.task === task);

/** Writes deliveries that were attempted at the given times. */
async function writeDeliveries(times: readonly number[], { id } = made): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO webhook_deliveries
       SELECT ?1, key + 1, format('00000000-0000-4000-8000-%012d', key), 'client.updated', key + 1, 1, value, 5, 204, NULL, NULL FROM json_each(?2)`,
    ).bind(id, JSON.stringify(times)),
    env.DB.prepare('UPDATE webhook_endpoints SET newest_delivery = ?2 WHERE id = ?1').bind(
      id,
      times.length,
    ),
  ]);
}

async function numbersOf({ id } = made): Promise<number[]> {
  const { results } = await env.DB.prepare(
    'SELECT number FROM webhook_deliveries WHERE endpoint_id = ? ORDER BY number',
  )
    .bind(id)
    .all<{ number: number }>();
  return results.map(({ number }) => number);
}

describe('deliveries', () => {
  test('are removed after 30 days, and the total follows', async () => {
    const other = await makeEndpoint(api, partner);
    await writeDeliveries([START, START, START + DAY_MS]);
    await writeDeliveries([START + DAY_MS], other);
    await run(EXPIRY - 1);
    expect(await numbersOf()).toEqual([1, 2, 3]);
    await run(EXPIRY);
    expect([await numbersOf(), await numbersOf(other)]).toEqual([[3], [1]]);
    expect(lineOf('deliveries')).toMatchObject({ event: 'scheduled', removed: 2 });
    const list = await api.get(endpointPath(made, '/deliveries'), partner);
    expect(await list.json()).toMatchObject({ result: [{ event: { sequence: 3 } }], total: 1 });
    await run(EXPIRY + DAY_MS);
    expect([await numbersOf(), await numbersOf(other)]).toEqual([[], []]);
    expect(await endpointRow(made)).toMatchObject({ newest_delivery: 3, removed_delivery: 3 });
  });

  test('leave no gap if a younger one precedes an expired one', async () => {
    await writeDeliveries([START, START + DAY_MS, START, START + DAY_MS]);
    await run(EXPIRY);
    expect(await numbersOf()).toEqual([2, 3, 4]);
    expect(await endpointRow(made)).toMatchObject({ removed_delivery: 1 });
  });

  test('are removed in batches, each with its count', async () => {
    await writeDeliveries([...Array(1200).fill(START), START + DAY_MS]);
    expect(await d1.cost(() => run(EXPIRY))).toBe(IDLE_CALLS + 3);
    expect(await numbersOf()).toEqual([1201]);
    expect(await endpointRow(made)).toMatchObject({ removed_delivery: 1200 });
  });

  test('of a deleted endpoint are removed, and those of others stay', async () => {
    const kept = await makeEndpoint(api, partner);
    await writeDeliveries(Array(700).fill(START));
    await writeDeliveries([START], kept);
    await api.delete(endpointPath(made), partner);
    expect(await numbersOf()).toHaveLength(700);
    await run(START);
    expect([await numbersOf(), await numbersOf(kept)]).toEqual([[], [1]]);
    expect(lineOf('deliveries')).toMatchObject({ removed: 700 });
  });
});

describe('secrets of webhooks', () => {
  const old = JSON.parse(env.WEBHOOK_KEYS) as ReturnType<typeof newSealingKeySet>;
  const fresh = newSealingKeySet();
  const rotated = { WEBHOOK_KEYS: JSON.stringify({ keys: [...fresh.keys, ...old.keys] }) };
  const sealedSecrets = async () => {
    const { secret, retired_secret } = await endpointRow(made);
    return [secret, retired_secret] as [string, string | null];
  };

  test('are sealed with the current key, so that the old one can be removed', async () => {
    const second = await rotateEndpoint(api, partner, made, 3600);
    await run(START, rotated);
    expect(lineOf('webhook-secrets')).toMatchObject({ event: 'scheduled', removed: 1 });
    const keys = new SealingKeys(fresh);
    const opened = (await sealedSecrets()).map((sealed) => openSecret(keys, made.id, `${sealed}`));
    expect(await Promise.all(opened)).toEqual([second, made.secret]);
    const before = await sealedSecrets();
    await run(START, rotated);
    expect(await sealedSecrets()).toEqual(before);
    expect(lineOf('webhook-secrets')).toMatchObject({ removed: 0 });
    expect(await endpointRow(made), 'the version of the rotation').toMatchObject({ version: 2 });
  });

  test('that were stored without their SHA-256 get it, and stay valid', async () => {
    const second = await rotateEndpoint(api, partner, made, 3600);
    await env.DB.prepare(
      'UPDATE webhook_endpoints SET secret_sha256 = NULL, retired_sha256 = NULL',
    ).run();
    await run(START);
    expect(lineOf('webhook-secrets')).toMatchObject({ removed: 1 });
    expect(await endpointRow(made)).toMatchObject({
      ...{ secret_sha256: await sha256(second), retired_sha256: await sha256(made.secret) },
      version: 2,
    });
    const keys = new SealingKeys(old);
    const opened = (await sealedSecrets()).map((sealed) => openSecret(keys, made.id, `${sealed}`));
    expect(await Promise.all(opened)).toEqual([second, made.secret]);
    await run(START);
    expect(lineOf('webhook-secrets')).toMatchObject({ removed: 0 });
  });

  test('stay as a rotation leaves them that happens meanwhile', async () => {
    await rotateEndpoint(api, partner, made, 3600);
    let batches = 0;
    let third = '';
    d1.beforeBatch = async () => {
      const isOfTask = lines.at(-1)?.task === 'deliveries';
      batches += isOfTask ? 1 : 0;
      // The first batch of the task finds the secrets, and the second one replaces them.
      if (isOfTask && batches === 2) {
        third = await rotateEndpoint(new TestApi(rotated), partner, made, 0);
      }
    };
    await run(START, rotated);
    const [sealed, retired] = await sealedSecrets();
    expect(third).not.toBe('');
    expect(await openSecret(new SealingKeys(fresh), made.id, sealed)).toBe(third);
    expect(retired).toBeNull();
  });

  test('that no key opens stay, fail the run, and keep no others from their turn', async () => {
    const lost = await makeEndpoint(api, partner);
    await env.DB.prepare("UPDATE webhook_endpoints SET secret = 'lost.AAAA.AAAA' WHERE id = ?")
      .bind(lost.id)
      .run();
    await expect(run(START, rotated)).rejects.toThrow('names a key that is missing');
    expect(lineOf('webhook-secrets')).toMatchObject({ event: 'fault' });
    expect((await sealedSecrets())[0]).toMatch(new RegExp(`^${fresh.keys[0]?.kid}\\.`));
    expect(await endpointRow(lost)).toMatchObject({ secret: 'lost.AAAA.AAAA' });
    expect(JSON.stringify(lines)).not.toContain('AAAA');
  });

  test('that a rotation has retired are removed after the overlap', async () => {
    await rotateEndpoint(api, partner, made, 60);
    await run(START + 59_999);
    expect((await sealedSecrets())[1]).not.toBeNull();
    await run(START + 60_000);
    expect(await endpointRow(made)).toMatchObject({
      retired_secret: null,
      retired_sha256: null,
      retired_expires_at: null,
    });
  });
});

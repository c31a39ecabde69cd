import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { callerGate } from '../../src/auth/gate.repository.ts';
import { sha256 } from '../../src/auth/secrets.ts';
import { START } from '../support/api.ts';
import { makeApiAndPartner, partner } from '../support/each-test.ts';

/** Tests the rows that the gate reads, and how it finds them. */

beforeEach(makeApiAndPartner);

/** Builds the gate of the partner for a key. */
async function gateOf(key: string) {
  const { partnerId, clientId } = partner;
  const claimed = { partnerId, clientId, apiKeySha256: await sha256(key), tokenIssuedAt: START };
  const { text, values } = callerGate({ ...claimed, scope: 'events:read', now: START });
  return { text, values };
}

test('reads two rows for a current key value, and at most five during the overlap of a rotation', async () => {
  const current = await gateOf(partner.apiKey);
  const { meta } = await env.DB.prepare(current.text)
    .bind(...current.values)
    .all();
  expect(meta.rows_read).toBe(2);
  await env.DB.batch([
    env.DB.prepare(
      'INSERT INTO retired_secrets (sha256, api_key_id, retired_at, expires_at) VALUES (?, ?, 0, ?)',
    ).bind(await sha256('before'), partner.apiKeyId, START + 1000),
  ]);
  const retired = await gateOf('before');
  const overlap = await env.DB.prepare(retired.text)
    .bind(...retired.values)
    .all<{ valid_until: number }>();
  expect(overlap.results[0]?.valid_until, 'not beyond the overlap').toBe(START + 1000);
  expect(overlap.meta.rows_read).toBeLessThanOrEqual(5);
});

test('searches each table by an index', async () => {
  const { text, values } = await gateOf(partner.apiKey);
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
    .bind(...values)
    .all<{ detail: string }>();
  const details = results.map(({ detail }) => detail);
  expect(details.filter((detail) => detail.startsWith('SCAN'))).toEqual([
    'SCAN CONSTANT ROW',
    'SCAN caller',
  ]);
  expect(details.filter((detail) => detail.startsWith('SEARCH')).length).toBeGreaterThan(3);
});

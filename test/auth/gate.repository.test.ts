import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { callerGate } from '../../src/auth/gate.repository.ts';
import { newApiKey, sha256 } from '../../src/auth/secrets.ts';
import { START } from '../support/api.ts';
import { makeApiAndPartner, partner } from '../support/each-test.ts';
import { homeOf } from '../support/homes.ts';
import { makePartner } from '../support/partners.ts';
import { refuse, refusedCallers } from '../support/refused-callers.ts';

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

/**
 * Returns what a closed gate reads and says. D1 reports no rows for a statement that fails, so the reason is selected, in
 * place of a JSON path that is malformed, and without the columns behind it, which the failure leaves out.
 */
async function readGate(key: string) {
  const { text, values } = await gateOf(key);
  const selected = text.replace("json_extract('{}', CASE", '(CASE');
  const { results, meta } = await env.DB.prepare(`SELECT gate FROM (${selected})`)
    .bind(...values)
    .all<{ gate: string }>();
  return { reason: results[0]?.gate, read: meta.rows_read };
}

const closed = refusedCallers.filter(({ change, headers }) => change && !headers);

test.each(closed)(
  'reads at most two rows, and three if the partner is disabled: $what',
  async (caller) => {
    await refuse(caller, partner, await makePartner({ home: homeOf(partner) }));
    const { reason, read } = await readGate(partner.apiKey);
    expect(reason).not.toBe('$');
    expect(read).toBeLessThanOrEqual(caller.what === 'a disabled partner' ? 3 : 2);
  },
);

test('reads one row for an unknown API key', async () => {
  expect(await readGate(newApiKey('test'))).toEqual({ reason: 'api-key-invalid', read: 1 });
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

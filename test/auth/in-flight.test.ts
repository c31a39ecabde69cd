import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../support/api.ts';
import { callOf, namesSpare, protectedOperations } from '../support/calls.ts';
import { apiKeys, clients, kinds } from '../support/credentials.ts';
import { allRows, WatchedD1 } from '../support/d1.ts';
import { api, makePartnerOf, partner } from '../support/each-test.ts';
import { captureLog, retryAtOnce } from '../support/faults.ts';
import { FaultyD1 } from '../support/faulty-d1.ts';
import { homeOf } from '../support/homes.ts';
import { runPartner } from '../support/partner-command.ts';
import { makePartner, makeSpare, type TestPartner } from '../support/partners.ts';
import { linesPath, newTicket, PRODUCT, putLine, writeTicket } from '../support/tickets.ts';

/**
 * Tests that a request writes nothing if its caller is revoked before the write, although the isolate has confirmed the
 * caller.
 */

let d1: WatchedD1;
let name: string;
let spare: string;
let ticket: string;

beforeEach(async () => {
  d1 = new WatchedD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
  name = `partner ${partner.partnerId}`;
  spare = await makeSpare(partner);
  ticket = (await writeTicket(partner)).id;
});

/** Runs an action once, just before the write of the next request. */
function beforeNextBatch(action: () => Promise<unknown>): void {
  d1.beforeBatch = () => {
    d1.beforeBatch = undefined;
    return action();
  };
}

async function problemOf(response: Response) {
  const { request_id: _id, ...problem } = await response.json<{ request_id: string }>();
  return {
    status: response.status,
    problem,
    challenge: response.headers.get('www-authenticate'),
    replayed: response.headers.get('idempotent-replayed'),
  };
}

type Sent = { body?: unknown; headers?: Record<string, string> };

/**
 * Sends a request of a confirmed caller and runs `revoke` just before its write. Expects the response that an isolate
 * that has not seen the caller gives, and no change in the database.
 */
async function expectRefused(
  revoke: () => Promise<unknown>,
  type: string,
  method: string,
  path: string,
  { body, headers }: Sent = {},
) {
  const sent = { body, headers: { ...(await partner.headers(api)), ...headers } };
  expect((await api.get(TICKETS, partner)).status, 'the caller is confirmed').toBe(200);
  let after: unknown;
  beforeNextBatch(async () => {
    await revoke();
    after = await allRows();
  });
  const response = await problemOf(await api.request(method, path, sent));
  expect(response.problem).toMatchObject({ type: `/problems/${type}` });
  expect(response).toEqual(await problemOf(await new TestApi().request(method, path, sent)));
  expect(after, 'the credentials were revoked').toBeDefined();
  expect(await allRows()).toEqual(after);
  const next = await api.request('GET', TICKETS, { headers: sent.headers });
  expect(next.status, 'a later read in the same isolate').toBe(
    type === 'scope-missing' ? 200 : 401,
  );
}

const disablePartner = () => runPartner(['disable', '--partner', name]);

describe('when the partner of a confirmed caller is disabled before the write', () => {
  const writes = protectedOperations.filter(({ method }) => !['GET', 'HEAD'].includes(method));

  test.each(writes.map((operation) => [operation.operationId, operation] as const))(
    '%s writes nothing and responds as to a caller whom the isolate has not seen',
    async (_name, operation) => {
      await putLine(new TestApi(), partner, ticket, PRODUCT, 1);
      const { method, path, ...sent } = callOf(
        operation,
        namesSpare(operation) ? spare : ticket,
        PRODUCT,
        partner,
      );
      await expectRefused(disablePartner, 'token-invalid', method, path, sent);
    },
  );

  test.each(kinds)('PUT does not enable a $name', async (kind) => {
    const body = { ...(await kind.read(api, partner, { id: spare })), disabled: false };
    const path = kind.pathOf({ id: spare });
    await expectRefused(disablePartner, 'token-invalid', 'PUT', path, { body });
  });

  test('a conditional PUT of a product line writes nothing', async () => {
    await putLine(new TestApi(), partner, ticket, PRODUCT, 1);
    const sent = { body: { quantity: 3 }, headers: { 'if-match': '*' } };
    const path = linesPath(ticket, PRODUCT);
    await expectRefused(disablePartner, 'token-invalid', 'PUT', path, sent);
  });

  test.each([
    ['ticket', TICKETS, newTicket],
    ['client', clients.path, { name: 'x' }],
    ['API key', apiKeys.path, { name: 'x' }],
  ])('a repeated POST of a %s returns no replay', async (_what, path, body) => {
    const headers = { 'idempotency-key': 'once' };
    const first = await api.request('POST', path, { as: partner, body, headers });
    expect(first.status).toBe(201);
    await expectRefused(disablePartner, 'token-invalid', 'POST', path, { body, headers });
  });

  test('the write is not retried', async () => {
    await partner.headers(api);
    await api.get(clients.path, partner);
    beforeNextBatch(disablePartner);
    const sent = () => api.post(clients.path, partner, { name: 'x' });
    expect(await d1.cost(sent)).toBe(1);
  });
});

describe('when credentials of a confirmed caller are revoked before the write', () => {
  const change = (sql: string, ...values: unknown[]) =>
    env.DB.prepare(sql)
      .bind(...values)
      .run();

  const revocations: [what: string, type: string, revoke: () => Promise<unknown>][] = [
    [
      'the client is disabled',
      'token-invalid',
      () => runPartner(['disable', '--client', partner.clientId]),
    ],
    [
      'the client is deleted',
      'token-invalid',
      () => runPartner(['delete', '--client', partner.clientId]),
    ],
    [
      'the client has expired',
      'token-invalid',
      () => change('UPDATE clients SET expires_at = ? WHERE id = ?', START, partner.clientId),
    ],
    [
      'the client loses the scope',
      'scope-missing',
      () =>
        change(
          "UPDATE clients SET scopes = 'prepared-tickets:read' WHERE id = ?",
          partner.clientId,
        ),
    ],
    [
      'the tokens of the client are revoked',
      'token-invalid',
      async () => {
        await runPartner(['disable', '--client', partner.clientId], START + 1000);
        await runPartner(['enable', '--client', partner.clientId], START + 1000);
      },
    ],
    [
      'the API key is disabled',
      'api-key-invalid',
      () => runPartner(['disable', '--key', partner.apiKeyId]),
    ],
    [
      'the API key is deleted',
      'api-key-invalid',
      () => runPartner(['delete', '--key', partner.apiKeyId]),
    ],
    [
      'the API key has expired',
      'api-key-invalid',
      () => change('UPDATE api_keys SET expires_at = ? WHERE id = ?', START, partner.apiKeyId),
    ],
    [
      'the API key is rotated without an overlap',
      'api-key-invalid',
      () => runPartner(['rotate', '--key', partner.apiKeyId, '--overlap', '0']),
    ],
    ['the partner is disabled', 'token-invalid', disablePartner],
    [
      'the partner is disabled, although its client and API key are enabled',
      'token-invalid',
      () => change('UPDATE partners SET disabled_at = ? WHERE id = ?', START, partner.partnerId),
    ],
  ];

  describe.each(kinds)('a $name', (kind) => {
    test.each(revocations)('is not enabled when %s', async (_what, type, revoke) => {
      const body = { ...(await kind.read(api, partner, { id: spare })), disabled: false };
      await expectRefused(revoke, type, 'PUT', kind.pathOf({ id: spare }), { body });
    });

    test.each(revocations)('is not created when %s', async (_what, type, revoke) => {
      await expectRefused(revoke, type, 'POST', kind.path, { body: { name: 'x' } });
    });

    test.each(revocations)('gets no new secret when %s', async (_what, type, revoke) => {
      const path = kind.pathOf({ id: spare });
      await expectRefused(revoke, type, 'POST', `${path}/secrets`, {
        body: { overlap_seconds: 60 },
      });
    });

    test.each(revocations)('is not deleted when %s', async (_what, type, revoke) => {
      await expectRefused(revoke, type, 'DELETE', kind.pathOf({ id: spare }));
    });

    test('is created with a key value during the overlap of its rotation', async () => {
      beforeNextBatch(() => runPartner(['rotate', '--key', partner.apiKeyId, '--overlap', '60']));
      expect((await api.post(kind.path, partner, { name: 'x' })).status).toBe(201);
      expect((await api.post(kind.path, partner, { name: 'x' })).status).toBe(201);
    });
  });
});

test('rotating the API key in use returns 503 when the result of the write is lost', async () => {
  const faulty = new FaultyD1();
  const isolate = new TestApi({ DB: faulty.db });
  const path = `${apiKeys.pathOf({ id: partner.apiKeyId })}/secrets`;
  const log = captureLog();
  retryAtOnce();
  faulty.plan((call) => (call === 1 ? 'after' : undefined));
  const response = await isolate.post(path, partner, { overlap_seconds: 0 });
  // A 401 would claim that nothing was written.
  expect(response.status).toBe(503);
  expect(log.text()).toContain('the outcome of a repeated write is unknown');
});

describe('disabling a partner among 40 concurrent writes', () => {
  const runs = Number(env.RACE_RUNS);

  /** Sends writes that leave credentials enabled, and some that delete others. */
  function writesOf(as: TestPartner, id: string, other: string): Promise<Response>[] {
    const each = kinds.flatMap((kind) => {
      const scopes = kind === clients && { scopes: ['prepared-tickets:read'] };
      const body = { name: 'x', ...scopes, expires_at: null, disabled: false };
      return [
        () => api.put(kind.pathOf({ id }), as, body),
        () => api.post(kind.path, as, { name: 'x' }),
        () => api.post(`${kind.pathOf({ id })}/secrets`, as, { overlap_seconds: 60 }),
      ];
    });
    const deletes = kinds.map((kind) => () => api.delete(kind.pathOf({ id: other }), as));
    return [...Array(6).fill(each), deletes, deletes].flat().map((send) => send());
  }

  test(`leaves nothing enabled, in ${runs} runs`, { timeout: runs * 10_000 }, async () => {
    const outcomes = new Set<number>();
    for (let run = 0; run < runs; run++) {
      const as = await makePartner({ home: homeOf(partner) });
      // The partner is disabled together with one of the 40 writes, a different one in each run.
      let writes = 0;
      let disabling: Promise<unknown> | undefined;
      d1.beforeBatch = () => {
        const write = writes++;
        if (write === (run * 7) % 40) {
          disabling = runPartner(['disable', '--partner', `partner ${as.partnerId}`]);
          return undefined;
        }
        // Some of the writes after it reach the database only when it is done.
        return write % 3 === 0 ? disabling : undefined;
      };
      const sent = writesOf(as, await makeSpare(as), await makeSpare(as));
      expect(sent).toHaveLength(40);
      for (const { status } of await Promise.all(sent)) {
        outcomes.add(status);
      }
      await disabling;
      expect(disabling).toBeDefined();
      const { results } = await env.DB.prepare(
        `SELECT id FROM clients WHERE partner_id = ?1 AND disabled_at IS NULL
         UNION ALL SELECT id FROM api_keys WHERE partner_id = ?1 AND disabled_at IS NULL
         UNION ALL SELECT client_id FROM retired_secrets WHERE expires_at > ${START} AND (
           client_id IN (SELECT id FROM clients WHERE partner_id = ?1)
           OR api_key_id IN (SELECT id FROM api_keys WHERE partner_id = ?1))`,
      )
        .bind(as.partnerId)
        .all();
      expect(results, `enabled after run ${run}`).toEqual([]);
    }
    // The partner was disabled amid the writes: some succeeded and some were rejected.
    expect(outcomes).toContain(201);
    expect(outcomes).toContain(401);
  });
});

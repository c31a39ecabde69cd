import { beforeEach, expect, test, vi } from 'vitest';
import { START } from '../../../../support/api.ts';
import { endpoint, makeReceiver, receiver } from '../../../../support/each-receiver.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { FaultyD1 } from '../../../../support/faulty-d1.ts';
import { databaseOf, workerEnv } from '../../../../support/homes.ts';
import { attemptsOf, endpointRow } from '../../../../support/webhooks.ts';

const EVENTS = 300;

beforeEach(async () => {
  await makeApiAndPartner();
  await makeReceiver();
  await databaseOf(partner)
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
       SELECT ?1, i, format('00000000-0000-4000-8000-%012d', i), 'client.updated', ?3, ?4 FROM n`,
    )
    .bind(partner.partnerId, EVENTS, START, partner.clientId)
    .run();
});

// Each delivery of the tests fails after which its invocation made more queries than it may.
test.each([
  ['', 1, 2],
  [', also if D1 fails twice before each success', 3, 5],
])(
  'an invocation ends before its queries do, records all that it sent, and the next one goes on%s',
  async (_what, attempts, invocations) => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const faulty = new FaultyD1(databaseOf(partner));
    faulty.plan((call) => (call % attempts === 0 ? undefined : 'before'));
    const all = Array.from({ length: EVENTS }, (_, i) => i + 1);
    for (let i = 1; i < invocations; i++) {
      expect(await receiver.deliver(endpoint, workerEnv({ DB: faulty.db }))).toBe(api.now);
      expect(receiver.received.length).toBeGreaterThan(i * 60);
      const recorded = (await attemptsOf(endpoint)).map(({ sequence }) => sequence);
      expect(recorded).toEqual(receiver.sequences);
      expect(await endpointRow(endpoint)).toMatchObject({ position: recorded.length });
    }
    expect(await receiver.deliver(endpoint, workerEnv({ DB: faulty.db }))).toBeNull();
    expect(receiver.sequences).toEqual(all);
    expect((await attemptsOf(endpoint)).map(({ status }) => status)).toEqual(all.map(() => 204));
  },
);

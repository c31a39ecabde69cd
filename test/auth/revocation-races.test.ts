import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { BATCHES, TestApi, TICKETS } from '../support/api.ts';
import { apiKeys, clients } from '../support/credentials.ts';
import { rowsAfter, WatchedD1 } from '../support/d1.ts';
import { databaseOf, homes } from '../support/homes.ts';
import { makePartner, makeSpare, type TestPartner } from '../support/partners.ts';
import {
  newTicket,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeTicket,
} from '../support/tickets.ts';

const WRITERS = 50;
const RUNS = Math.ceil(Number(env.RACE_RUNS) / 5);

/** Sends the write of one of the writers. */
type Write = (isolate: TestApi, as: TestPartner) => Promise<Response>;

/** Returns writes of each kind in turn: of tickets one by one and in a batch, and of credentials. */
function writesTo(ticket: Ticket, spare: string): Write[] {
  const renamed = { name: 'x', expires_at: null, disabled: false };
  const kinds: Write[] = [
    (isolate, as) => isolate.post(TICKETS, as, newTicket),
    (isolate, as) => isolate.put(ticketPath(ticket.id), as, ticketUpdate),
    (isolate, as) => isolate.put(referencePath(crypto.randomUUID()), as, withoutReference),
    (isolate, as) => isolate.post(BATCHES, as, { prepared_tickets: [newTicket, newTicket] }),
    (isolate, as) => isolate.put(apiKeys.pathOf({ id: spare }), as, renamed),
    (isolate, as) =>
      isolate.post(`${clients.pathOf({ id: spare })}/secrets`, as, { overlap_seconds: 60 }),
  ];
  return Array.from({ length: WRITERS }, (_, i) => kinds[i % kinds.length] as Write);
}

const { preparer_external_reference: _reference, ...withoutReference } = newTicket;

test.each([
  ['a client', 'UPDATE clients SET disabled_at = 1 WHERE id = ?1', ({ clientId }) => clientId],
  ['an API key', 'UPDATE api_keys SET disabled_at = 1 WHERE id = ?1', ({ apiKeyId }) => apiKeyId],
  ['a partner', 'UPDATE partners SET disabled_at = 1 WHERE id = ?1', ({ partnerId }) => partnerId],
] satisfies [string, string, (partner: TestPartner) => unknown][])(
  `nothing is written after the revocation of %s among ${WRITERS} writers`,
  { timeout: RUNS * 60_000 },
  async (_what, revocation, idOf) => {
    const statuses = new Set<number>();
    for (let run = 0; run < RUNS; run++) {
      const partner = await makePartner({ home: homes[0] });
      const database = databaseOf(partner);
      const writes = writesTo(await writeTicket(partner), await makeSpare(partner));
      const d1 = new WatchedD1();
      // Three isolates trust the caller for reads, and one has never seen it.
      const isolates = Array.from({ length: 4 }, () => new TestApi({ DB: d1.db }));
      for (const isolate of isolates.slice(1)) {
        expect((await isolate.get(TICKETS, partner)).status).toBe(200);
      }
      // The revocation begins together with one of the writes, a different one in each run.
      let begun = 0;
      let revoked: ReturnType<typeof rowsAfter> | undefined;
      d1.beforeBatch = () => {
        if (begun++ === 10 + ((run * 7) % 30)) {
          revoked = rowsAfter(database, database.prepare(revocation).bind(idOf(partner)));
        }
        return undefined;
      };
      const responses = await Promise.all(
        writes.map((write, i) => write(isolates[i % isolates.length] as TestApi, partner)),
      );
      for (const { status } of responses) {
        statuses.add(status);
      }
      expect(revoked, 'the caller was revoked amid the writes').toBeDefined();
      const left = await rowsAfter(database, database.prepare('SELECT 1'));
      expect(left, `run ${run}`).toEqual(await revoked);
    }
    expect([...statuses].sort(), 'some took place, and each other one was refused').toEqual([
      ...[200, 201, 401],
    ]);
  },
);

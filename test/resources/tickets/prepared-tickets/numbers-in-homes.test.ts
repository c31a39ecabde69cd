import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { eu, main, twoHomes, useEu } from '../../../support/homes.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { createTicket, listTickets, type Ticket, ticketPath } from '../../../support/tickets.ts';

useEu();

/** How many partners create tickets at once: one of each home. */
const CREATORS = 50;
/** How often the race is run: often in CI, and a few times in a default run. */
const RUNS = Math.max(1, Math.round(Number(env.RACE_RUNS) / 10));

let api: TestApi;
let partners: readonly TestPartner[];

beforeEach(async () => {
  api = new TestApi(twoHomes);
  partners = [await makePartner({ home: eu }), await makePartner({ home: main })];
});

async function removeNewest(as: TestPartner): Promise<void> {
  const [newest] = (await listTickets(api, as, { limit: 1 })).result;
  // Another creator can have deleted it in the meantime.
  expect([204, 404]).toContain((await api.delete(ticketPath(`${newest?.id}`), as)).status);
}

/** Creates a ticket as one of many at once. Every third one deletes the newest ticket then. */
async function createAmongOthers(as: TestPartner, i: number): Promise<Ticket> {
  const ticket = await createTicket(api, as);
  if (i % 3 === 0) {
    await removeNewest(as);
  }
  return ticket;
}

test.each(Array.from({ length: RUNS }, (_, run) => run))(
  '50 creators at once in each of two homes get the numbers 1 to 50 there, while the newest tickets are deleted (run %d)',
  async () => {
    const creators = Array.from({ length: CREATORS }, (_, i) => i);
    const all = creators.flatMap((i) => partners.map((as) => ({ as, i })));
    const created = await Promise.all(
      all.map(async ({ as, i }) => ({ as, ticket: await createAmongOthers(as, i) })),
    );
    for (const partner of partners) {
      const own = created.filter(({ as }) => as === partner);
      const numbers = own.map(({ ticket }) => ticket.ticket_number).sort((a, b) => a - b);
      expect(numbers, `partner ${partner.partnerId}`).toEqual(creators.map((i) => i + 1));
      expect((await createTicket(api, partner)).ticket_number).toBe(CREATORS + 1);
    }
  },
);

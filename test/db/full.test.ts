import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../support/api.ts';
import { sendBatch } from '../support/batches.ts';
import { allRows, WatchedD1 } from '../support/d1.ts';
import { captureLog } from '../support/faults.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import type { ProblemBody } from '../support/problems.ts';
import { createTicket, newTicket, type Ticket, ticketPath } from '../support/tickets.ts';
import { basic, requestToken } from '../support/token-requests.ts';

let d1: WatchedD1;
let api: TestApi;
let partner: TestPartner;
let ticket: Ticket;
let message: string;

/** Makes every statement that writes fail, as D1 does when the database or the account is full. */
function refuseWrites(): D1Database {
  const refused = async () => {
    throw new Error(`D1_ERROR: ${message}`);
  };
  const isWrite = (query: string) => /^\s*(?:INSERT|UPDATE|DELETE|WITH)/i.test(query);
  const session = (real: D1DatabaseSession): D1DatabaseSession => {
    let writes = false;
    return new Proxy(real, {
      get(_target, name) {
        if (name === 'prepare') {
          return (query: string) => {
            writes ||= isWrite(query);
            const statement = real.prepare(query);
            return isWrite(query)
              ? Object.assign(statement, { bind: () => statement, all: refused })
              : statement;
          };
        }
        if (name === 'batch') {
          return (statements: D1PreparedStatement[]) =>
            writes ? refused() : real.batch(statements);
        }
        const value = Reflect.get(real, name);
        return typeof value === 'function' ? value.bind(real) : value;
      },
    });
  };
  return new Proxy(d1.db, {
    get: (target, name) =>
      name === 'withSession'
        ? (constraint?: string) => session(target.withSession(constraint))
        : Reflect.get(target, name),
  });
}

beforeEach(async () => {
  captureLog();
  d1 = new WatchedD1();
  // The last use is long ago, so that each authenticated request would record it.
  partner = await makePartner({ lastUsedAt: 0 });
  ticket = await createTicket(new TestApi(), partner);
  await env.DB.prepare('UPDATE clients SET last_used_at = 0').run();
  await env.DB.prepare('UPDATE api_keys SET last_used_at = 0').run();
});

const faults = () => api.log.filter(({ event }) => event === 'fault');

test.each([
  ['database', 'Exceeded maximum DB size.'],
  ['database', 'database or disk is full: SQLITE_FULL'],
  ['account', "Your account has exceeded D1's maximum account storage limit"],
])(
  'while the %s is full, writes return 503 with Retry-After and reads go on: %s',
  async (full, words) => {
    message = words;
    api = new TestApi({ DB: refuseWrites() });
    expect((await api.get(ticketPath(ticket.id), partner)).status).toBe(200);
    expect((await api.get(TICKETS, partner)).status).toBe(200);
    expect((await requestToken(api, basic(partner))).status).toBe(200);
    expect(faults()).toEqual([]);
    const before = await allRows();
    for (const send of [
      () => api.post(TICKETS, partner, newTicket),
      () => sendBatch(api, partner, [newTicket], { isLenient: true }),
      () => api.delete(ticketPath(ticket.id), partner),
    ]) {
      const response = await send();
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      const { request_id: _id, ...problem } = await response.json<ProblemBody>();
      expect(JSON.stringify(problem)).not.toMatch(/full|exceeded|SQLITE|D1/i);
    }
    expect(await allRows()).toEqual(before);
    expect(faults()).toHaveLength(3);
    for (const line of faults()) {
      expect(line).toMatchObject({ error: 'DatabaseFull', full, message: `D1_ERROR: ${words}` });
    }
  },
);

test('a write to a full database is not repeated at once', async () => {
  api = new TestApi({ DB: d1.db });
  await api.get(TICKETS, partner);
  d1.fault = new Error('D1_ERROR: Exceeded maximum DB size.');
  const cost = await d1.cost(async () => {
    expect((await api.post(TICKETS, partner, newTicket)).status).toBe(503);
  });
  expect(cost).toBe(1);
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scopes } from '../../src/auth/scopes.ts';
import { newApiKey } from '../../src/auth/secrets.ts';
import type { Scope } from '../../src/policy.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { callOf, protectedOperations, scopeOf, subjectOf } from '../support/calls.ts';
import { allRows, together, WatchedD1 } from '../support/d1.ts';
import type { DocumentedOperation } from '../support/document.ts';
import { databaseOf } from '../support/homes.ts';
import { matchingFilters } from '../support/list-filters.ts';
import { makePartner, makeSpare, nextPartner, type TestPartner } from '../support/partners.ts';
import { type PickedUpTicket, writePickedUp } from '../support/picked-up-tickets.ts';
import type { ProblemBody } from '../support/problems.ts';
import { tablesWith } from '../support/tables.ts';
import {
  createTicket,
  listTickets,
  PRODUCT,
  putLine,
  type Ticket,
  writeLine,
  writeTicket,
} from '../support/tickets.ts';
import { someFaultyTokens } from '../support/tokens.ts';

const REALM =
  'Bearer realm="prepared-tickets", resource_metadata="https://api.test/.well-known/oauth-protected-resource"';
const INVALID_TOKEN = `${REALM}, error="invalid_token"`;

const scopedOperations = protectedOperations.filter((each) => scopeOf(each) !== undefined);
/** The operations for which both credentials are enough. */
const unscopedOperations = protectedOperations.filter((each) => scopeOf(each) === undefined);

const d1 = new WatchedD1();
/** The app of most tests. Its caches hold no data of a new partner. */
const shared = new TestApi({ DB: d1.db });
let api: TestApi;
let partner: TestPartner;
let other: TestPartner;
let ticket: Ticket;
let pickedUp: PickedUpTicket;
/** The id of both a client and an API key of the partner. */
let spare: string;
let before: Awaited<ReturnType<typeof allRows>>;

beforeEach(async () => {
  api = shared;
  [partner, other] = [nextPartner(), nextPartner()];
  const batch = together(5);
  [ticket, pickedUp, spare] = await Promise.all([
    writeTicket(partner, {}, batch),
    writePickedUp(partner, {}, batch),
    makeSpare(partner, undefined, batch),
    makePartner({}, batch, partner),
    makePartner({}, batch, other),
  ]);
  await writeLine(ticket.id, PRODUCT);
  before = await allRows();
});

/** Returns the problem without the request id, and the challenge. */
async function summarize(response: Response) {
  const { request_id: _id, ...problem } = await response.json<ProblemBody>();
  return { problem, challenge: response.headers.get('www-authenticate') };
}

test('the document requires a token and an API key for every protected operation', () => {
  expect(protectedOperations.length).toBeGreaterThanOrEqual(9);
  for (const operation of protectedOperations) {
    const scope = scopeOf(operation);
    expect(operation.security).toEqual([
      { OAuth2: scope === undefined ? [] : [scope], ApiKey: [] },
    ]);
  }
  // An operation that lost its scope by mistake would appear here.
  expect(unscopedOperations.map(({ operationId }) => operationId)).toEqual(['getPartner']);
});

/** Calls an operation with these headers, by default on a ticket or credential of the partner. */
function callWith(
  operation: DocumentedOperation,
  headers: Record<string, string | undefined>,
  id = subjectOf(operation, { ticket, pickedUp, spare }),
  caller = partner,
) {
  const { method, path, body, headers: type } = callOf(operation, id, PRODUCT, caller);
  const sent = Object.entries({ ...type, ...headers }).filter(([, value]) => value !== undefined);
  return api.request(method, path, {
    body,
    headers: Object.fromEntries(sent) as Record<string, string>,
  });
}

function expectRefused(response: Response, status: number, fault: string) {
  expect(response.status, fault).toBe(status);
  return summarize(response);
}

/** Expects that the rejected requests wrote nothing. */
const expectUnwritten = async () => expect(await allRows()).toEqual(before);

describe.each(protectedOperations)('$operationId', (operation) => {
  const call = (headers: Record<string, string | undefined>) => callWith(operation, headers);

  afterEach(expectUnwritten);

  test('returns 401 without a token and without an API key', async () => {
    const { authorization, 'x-api-key': apiKey } = await partner.headers(api);
    for (const headers of [
      {},
      { 'x-api-key': apiKey },
      { 'x-api-key': apiKey, authorization: '' },
      { 'x-api-key': apiKey, authorization: `Basic ${btoa('a:b')}` },
      // The first word of the header is the scheme (RFC 9110 §11.4).
      { 'x-api-key': apiKey, authorization: await partner.token(api.now) },
    ]) {
      const { challenge } = await expectRefused(await call(headers), 401, 'no token');
      expect(challenge, 'a challenge without an error code (RFC 6750 §3.1)').toBe(REALM);
    }
    const { challenge } = await expectRefused(await call({ authorization }), 401, 'no key');
    expect(challenge).toBe(REALM);
  });

  test('gives every faulty token the same response, without a D1 call', async () => {
    const { 'x-api-key': apiKey } = await partner.headers(api);
    const headers: Record<string, string> = {
      'scheme only': 'Bearer',
      'two tokens': `Bearer ${await partner.token(api.now)} ${await partner.token(api.now)}`,
      'list of tokens': `Bearer ${await partner.token(api.now)}, Bearer a.b.c`,
      'character outside of b64token': 'Bearer a"b',
    };
    for (const [fault, forge] of someFaultyTokens) {
      headers[`token ${fault}`] = `Bearer ${await forge(partner, api.now)}`;
    }
    const responses = new Set<string>();
    const calls = d1.calls;
    for (const [fault, authorization] of Object.entries(headers)) {
      const response = await call({ authorization, 'x-api-key': apiKey });
      expect(response.status, fault).toBe(401);
      responses.add(JSON.stringify(await summarize(response)));
    }
    expect(d1.calls - calls).toBe(0);
    const [first, ...others] = [...responses].map((text) => JSON.parse(text));
    expect(others, 'a response reveals the fault').toEqual([]);
    expect(first.challenge).toBe(INVALID_TOKEN);
  });

  test('gives every faulty API key the same response, and looks up only a well-formed one', async () => {
    const { authorization } = await partner.headers(api);
    const last = partner.apiKey.at(-1) === '0' ? '1' : '0';
    const malformed = {
      'of a wrong checksum': partner.apiKey.slice(0, -1) + last,
      'that is empty': '',
      'of another prefix': partner.apiKey.replace('ptk_test', 'ptk_demo'),
      'that is too long': `${partner.apiKey}0`,
      'sent twice': `${partner.apiKey}, ${partner.apiKey}`,
    };
    const responses = new Set<string>();
    for (const [fault, apiKey] of Object.entries(malformed)) {
      const calls = d1.calls;
      const response = await call({ authorization, 'x-api-key': apiKey });
      responses.add(JSON.stringify(await expectRefused(response, 401, `key ${fault}`)));
      expect(d1.calls - calls, `key ${fault}`).toBe(0);
    }
    const response = await call({ authorization, 'x-api-key': newApiKey('test') });
    responses.add(JSON.stringify(await expectRefused(response, 401, 'unknown key')));
    const [first, ...others] = [...responses].map((text) => JSON.parse(text));
    expect(others, 'a response reveals the fault').toEqual([]);
    expect(first.challenge).toBe(REALM);
  });
});

describe.each(scopedOperations)('$operationId', (operation) => {
  afterEach(expectUnwritten);

  test('returns 403 and names the scope if the token lacks it', async () => {
    const scope = scopeOf(operation) as Scope;
    const rest = Object.keys(scopes).filter((name) => name !== scope) as Scope[];
    for (const sent of [rest, [], ['tickets:admin', `${scope}x`] as unknown as Scope[]]) {
      const response = await callWith(operation, await partner.headers(api, sent));
      const { challenge, problem } = await expectRefused(response, 403, `scope ${sent}`);
      expect(challenge).toBe(`${REALM}, error="insufficient_scope", scope="${scope}"`);
      expect(problem.detail).toContain(scope);
    }
  });
});

test.each(unscopedOperations)(
  '$operationId accepts a token with any single scope, or with none',
  async (operation) => {
    for (const sent of [[], ...Object.keys(scopes).map((name) => [name as Scope])]) {
      const response = await callWith(operation, await partner.headers(api, sent));
      expect(response.status, `scope ${sent}`).toBe(200);
    }
    await expectUnwritten();
  },
);

// A PUT by reference creates a ticket that does not exist.
test.each(protectedOperations.filter(({ responses }) => '404' in responses))(
  "$operationId returns the same 404 for another partner's resource as for an unknown one",
  async (operation) => {
    const headers = await other.headers(api);
    const foreign = await callWith(operation, headers, undefined, other);
    const unknown = await callWith(operation, headers, crypto.randomUUID(), other);
    const names = (response: Response) => [...response.headers.keys()];
    expect(names(foreign)).toEqual(names(unknown));
    const expected = await expectRefused(unknown, 404, 'unknown');
    expect(await expectRefused(foreign, 404, 'foreign')).toEqual(expected);
    await expectUnwritten();
  },
);

test("another partner's ticket appears in no list, regardless of the filters", async () => {
  const matching = matchingFilters(ticket);
  const filters: Record<string, string | number>[] = [
    {},
    ...Object.entries(matching).map(([name, value]) => ({ [name]: value })),
    { created_after: '2000-01-01T00:00:00Z', created_before: '2100-01-01T00:00:00Z' },
    { limit: 0 },
    { customer_id: ticket.customer_id, product_id: PRODUCT, vin: ticket.vin as string },
    matching,
  ];
  for (const filter of filters) {
    const what = JSON.stringify(filter);
    expect((await listTickets(api, partner, filter)).total, what).toBe(1);
    expect(await listTickets(api, other, filter), what).toMatchObject({ result: [], total: 0 });
  }
  const own = await createTicket(api, other);
  expect((await listTickets(api, other)).result).toEqual([own]);
});

test.each(['listOAuthClients', 'listApiKeys'])(
  "another partner's credentials do not appear in %s",
  async (operationId) => {
    const operation = protectedOperations.find((each) => each.operationId === operationId);
    const listed = async (as: TestPartner) => {
      const response = await callWith(operation as DocumentedOperation, await as.headers(api));
      return response.json<{ result: { id: string }[]; total: number }>();
    };
    const own = await listed(partner);
    expect(own.total).toBe(2);
    const others = await listed(other);
    expect(others.total).toBe(1);
    expect([other.clientId, other.apiKeyId]).toContain(others.result[0]?.id);
  },
);

test("another partner's events and picked-up tickets appear in no list", async () => {
  const pickUp = { customer_id: ticket.customer_id };
  await api.post(`${TICKETS}/${ticket.id}/pick-up`, partner, pickUp);
  const own = await createTicket(api, other);
  for (const type of ['', '&type=prepared_ticket.created', '&type=prepared_ticket.picked_up']) {
    const path = `/v2/system/events?limit=1000${type}`;
    const text = await (await api.get(path, other)).text();
    expect(text).not.toContain(ticket.id);
    expect(text).not.toContain(partner.clientId);
    expect(text.includes(own.id)).toBe(!type.endsWith('picked_up'));
    expect(await (await api.get(path, partner)).text()).toContain(ticket.id);
  }
  const filters = [
    '',
    `?customer_id=${ticket.customer_id}`,
    `?ticket_number=${ticket.ticket_number}`,
  ];
  for (const query of filters) {
    const list = await api.get(`/v2/tickets/tickets${query}`, other);
    expect(await list.json(), query).toMatchObject({ result: [], total: 0 });
  }
});

test('a partner with every scope cannot change data of another partner with any operation', async () => {
  const rowsOf = async ({ partnerId }: TestPartner) => {
    const database = databaseOf({ partnerId });
    const found = await database.batch(
      tablesWith('partner_id').map(({ name }) =>
        database.prepare(`SELECT * FROM ${name} WHERE partner_id = ?`).bind(partnerId),
      ),
    );
    return found.map(({ results }) => results);
  };
  const untouched = await rowsOf(partner);
  const own = {
    ticket: await createTicket(api, other),
    pickedUp: await writePickedUp(other),
    spare: await makeSpare(other),
  };
  await putLine(api, other, own.ticket.id, PRODUCT);
  const deletesLast = protectedOperations.toSorted(
    (a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'),
  );
  for (const operation of deletesLast) {
    const headers = await other.headers(api);
    const ownId = subjectOf(operation, own);
    await callWith(operation, headers, undefined, other);
    await callWith(operation, headers, ownId, other);
  }
  expect(await rowsOf(partner)).toEqual(untouched);
  expect(await rowsOf(other)).not.toEqual(untouched);
});

test('HEAD requires credentials like GET', async () => {
  expect((await api.request('HEAD', TICKETS)).status).toBe(401);
  expect((await api.request('HEAD', TICKETS, { as: partner })).status).toBe(200);
});

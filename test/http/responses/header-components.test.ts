import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../support/api.ts';
import { operations, validatorOf } from '../../support/document.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { createTicket, newTicket, ticketPath } from '../../support/tickets.ts';

/** The API enforces exactly the schemas of header parameters in the document. */

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

function isDocumented(operationId: string, header: string, value: string): boolean {
  const { parameters = [] } = operations.find((one) => one.operationId === operationId) ?? {};
  const parameter = parameters.find(({ name }) => name === header);
  return validatorOf(parameter?.schema as object).validate(value).valid;
}

describe('an Idempotency-Key is accepted if and only if it matches its schema', () => {
  test.each([
    ...['', '""', '"k"', 'k', '"a b"', 'a b', 'a,b', '"a,b"', '"a', 'a"', '"a"b"', '"é"', 'é'],
    ...[String.raw`"a\"b"`, String.raw`"a\\"`, String.raw`"a\b"`, String.raw`a\b`],
    ...[255, 256].flatMap((length) => ['k'.repeat(length), `"${'k'.repeat(length)}"`]),
    ...[255, 256].map((length) => `"${'\\"'.repeat(length)}"`),
  ])('%j', async (key) => {
    const response = await api.request('POST', TICKETS, {
      as: partner,
      body: newTicket,
      headers: { 'idempotency-key': key },
    });
    expect(response.status === 201).toBe(
      isDocumented('createPreparedTicket', 'Idempotency-Key', key),
    );
  });
});

/** Deletes a new ticket with an If-Match header. */
async function deleteIf(tags: string): Promise<Response> {
  const { id } = await createTicket(api, partner);
  return api.request('DELETE', ticketPath(id), { as: partner, headers: { 'if-match': tags } });
}

test('the schema of If-Match limits its length to 8,192 characters', async () => {
  const longest = `${'"x", '.repeat(1638)}"x"`;
  expect(longest).toHaveLength(8193);
  expect(isDocumented('deletePreparedTicket', 'If-Match', longest)).toBe(false);
  expect(isDocumented('deletePreparedTicket', 'If-Match', longest.slice(5))).toBe(true);
  expect((await deleteIf(longest.slice(5))).status).toBe(412);
});

describe('an If-Match header is accepted if and only if it matches its schema', () => {
  test.each([
    ...[
      '*',
      '"1-1"',
      'W/"1-1"',
      '"1-1", "1-2"',
      '"1-1","1-2"',
      ', "1-1" ,',
      '""',
      '"a b"',
      '1',
      '"1',
      'w/"1-1"',
    ],
    ...['"1-1" "1-2"', '*, "1-1"', '"1-1";', ','],
  ])('%j', async (tags) => {
    expect((await deleteIf(tags)).status !== 400).toBe(
      isDocumented('deletePreparedTicket', 'If-Match', tags),
    );
  });
});

test.each(['nonsense', '00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683', '"'])(
  'a bookmark of %j is never rejected, and its schema allows it',
  async (bookmark) => {
    expect(isDocumented('listPreparedTickets', 'x-d1-bookmark', bookmark)).toBe(true);
    const response = await api.request('GET', TICKETS, {
      as: partner,
      headers: { 'x-d1-bookmark': bookmark },
    });
    expect(response.status).toBe(200);
  },
);

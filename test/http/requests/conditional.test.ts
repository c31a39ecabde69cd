import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { allRows } from '../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { fastestOf } from '../../support/hostile-values.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeLine,
} from '../../support/tickets.ts';

const shared = new TestApi();
let ticket: Ticket;

beforeEach(async () => {
  await makePartnerOf(shared);
  ticket = await createTicket(api, partner);
  await writeLine(ticket.id, PRODUCT);
});

const conditional = [
  ['GET', () => ticketPath(ticket.id), undefined],
  ['PUT', () => ticketPath(ticket.id), ticketUpdate],
  ['DELETE', () => ticketPath(ticket.id), undefined],
  ['GET', () => linesPath(ticket.id, PRODUCT), undefined],
  ['PUT', () => linesPath(ticket.id, PRODUCT), { quantity: 2 }],
  ['DELETE', () => linesPath(ticket.id, PRODUCT), undefined],
] as const;

describe('a conditional header that is not a list of entity tags returns 400 and writes nothing', () => {
  test.each([
    ['an empty value', ''],
    ['a version without quotes', '1'],
    ['a word without quotes', 'x'],
    ['an unclosed quote', '"1'],
    ['two tags without a separator', '"1-1""1-2"'],
    ['tags separated by a space', '"1-1" "1-2"'],
    ['only commas', ', ,'],
    ['an asterisk before a tag', '*, "1-1"'],
    ['an asterisk after a tag', '"1-1", *'],
    ['two asterisks', '**'],
    ['a lower-case weakness indicator', 'w/"1-1"'],
    ['a space after the weakness indicator', 'W/ "1-1"'],
    ['a space in the tag', '"1 2"'],
    ['an unquoted tag in the list', '"1-1", 2'],
    ['a date', 'Sun, 01 Mar 2026 12:00:00 GMT'],
  ])('%s', async (_what, header) => {
    for (const [method, path, body] of conditional) {
      for (const name of ['if-match', 'if-none-match']) {
        const before = await allRows();
        const options = { as: partner, body, headers: { [name]: header } };
        const response = await api.request(method, path(), options);
        await expectViolations(response, [`header ${name} invalid_format`]);
        expect(await allRows()).toEqual(before);
      }
    }
  });
});

test.each(['if-match', 'if-none-match'])(
  'a %s header beyond its documented length returns 400, even if it names the current version',
  async (name) => {
    for (const [method, path, body] of conditional) {
      const before = await allRows();
      const header = `"1-1",${' '.repeat(8192 - 10)}"1-2"`;
      const options = { as: partner, body, headers: { [name]: header } };
      const response = await api.request(method, path(), options);
      await expectViolations(response, [`header ${name} too_long`]);
      expect(await allRows()).toEqual(before);
    }
  },
);

test('an If-None-Match header of its documented length is evaluated', async () => {
  const header = `"1-2",${' '.repeat(8192 - 11)}"1-1"`;
  const headers = { 'if-none-match': header };
  const response = await api.request('GET', ticketPath(ticket.id), { as: partner, headers });
  expect(header).toHaveLength(8192);
  expect(response.status).toBe(304);
});

describe('a long malformed header is rejected within 500 ms', () => {
  test.each([
    ['spaces between commas', `"1-1"${' , '.repeat(5000)}x`],
    ['spaces at the end', `"1-1"${' '.repeat(15_000)}x`],
    ['spaces at the start', `${' '.repeat(15_000)}x`],
    ['commas at the start', `${', '.repeat(7000)}x`],
    ['quotes', '"'.repeat(15_000)],
    ['weakness indicators', 'W/'.repeat(7000)],
    ['tags', `${'"1-1",'.repeat(3500)}x`],
  ])('%s', async (_what, header) => {
    const options = { as: partner, headers: { 'if-none-match': header } };
    const send = async () => {
      const { status } = await api.request('GET', ticketPath(ticket.id), options);
      expect(status).toBe(400);
    };
    expect(await fastestOf(send, 500)).toBeLessThan(500);
  });
});

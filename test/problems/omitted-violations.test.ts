import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../support/api.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import type { ProblemBody } from '../support/problems.ts';
import { newTicket } from '../support/tickets.ts';

const LIMIT = 64 * 1024;

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

/** The name of a member; undefined when there are no more. */
type NameAt = (index: number) => string | undefined;

/** A body whose unknown members have these names, as many as fit into 64 KiB. */
function bodyOf(nameAt: NameAt): { body: string; count: number } {
  const members: string[] = [];
  let length = 2;
  for (let i = 0; ; i++) {
    const name = nameAt(i);
    const member = `${JSON.stringify(name)}:1`;
    length += new TextEncoder().encode(member).length + 1;
    if (name === undefined || length > LIMIT) {
      return { body: `{${members.join(',')}}`, count: members.length };
    }
    members.push(member);
  }
}

async function problemOf(body: unknown): Promise<{ problem: ProblemBody; bytes: number }> {
  const response = await api.post(TICKETS, partner, body);
  expect(response.status).toBe(400);
  const text = await response.text();
  return { problem: JSON.parse(text), bytes: new TextEncoder().encode(text).length };
}

describe('a problem', () => {
  test('with 100 violations lists all of them and omits none', async () => {
    const names = Array.from({ length: 100 }, (_, i) => [`x${i}`, 1]);
    const { problem } = await problemOf({ ...newTicket, ...Object.fromEntries(names) });
    expect(problem.violations).toHaveLength(100);
    expect(problem).not.toHaveProperty('omitted_violations');
  });

  test('with more lists 100, and says how many more there are', async () => {
    const names = Array.from({ length: 101 }, (_, i) => [`x${i}`, 1]);
    const { problem } = await problemOf({ ...newTicket, ...Object.fromEntries(names) });
    expect(problem.violations).toHaveLength(100);
    expect(problem.omitted_violations).toBe(1);
  });

  test('of the query does so too', async () => {
    const query = Array.from({ length: 300 }, (_, i) => `x${i}=1`).join('&');
    const response = await api.get(`${TICKETS}?${query}`, partner);
    const { violations, omitted_violations } = await response.json<ProblemBody>();
    expect([violations?.length, omitted_violations]).toEqual([100, 200]);
  });
});

describe('64 KiB of members that are wrong get less than 60 KB, and every violation is counted', () => {
  test.each<[string, NameAt]>([
    ['short names', (i) => `_${i.toString(36)}`],
    ['names of 600 characters', (i) => `${i}`.padEnd(600, 'x')],
    ['names of 200 characters that a pointer encodes', (i) => `${i}`.padEnd(200, '\u20ac')],
    ['names of quotes', (i) => `${i}`.padEnd(200, '"')],
    ['names of 20 KB', (i) => `${i}`.padEnd(20_000, 'x')],
    ['one name of 64 KB', (i) => (i === 0 ? 'x'.repeat(60_000) : undefined)],
    ['one name that a pointer encodes', (i) => (i === 0 ? '\u20ac'.repeat(20_000) : undefined)],
  ])('%s', async (_what, nameAt) => {
    const { body, count } = bodyOf(nameAt);
    const { problem, bytes } = await problemOf(body);
    expect(bytes).toBeLessThan(60_000);
    const { violations = [], omitted_violations: omitted = 0 } = problem;
    // Of the members that a ticket must have, three are missing; `vin` is one more.
    expect(violations.length + omitted).toBe(count + 4);
  });

  test('a member whose name is longer than 255 characters is pointed at by its parent', async () => {
    const { problem } = await problemOf({ ...newTicket, ['x'.repeat(256)]: 1 });
    expect(problem.violations).toMatchObject([{ pointer: '#', code: 'unknown_member' }]);
    const { problem: shorter } = await problemOf({ ...newTicket, ['x'.repeat(255)]: 1 });
    expect(shorter.violations).toMatchObject([{ pointer: `#/${'x'.repeat(255)}` }]);
  });

  test('the name of a parameter is cut after 255 characters', async () => {
    const response = await api.get(`${TICKETS}?${'x'.repeat(3000)}=1`, partner);
    const { violations } = await response.json<ProblemBody>();
    expect(violations).toMatchObject([{ name: 'x'.repeat(255), code: 'unknown_parameter' }]);
  });
});

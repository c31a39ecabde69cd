import { beforeEach, describe, expect, test } from 'vitest';
import { TICKETS } from '../support/api.ts';
import { api, makeApiAndPartner, partner } from '../support/each-test.ts';
import type { ProblemBody } from '../support/problems.ts';
import { newTicket } from '../support/tickets.ts';

const LIMIT = 64 * 1024;

beforeEach(makeApiAndPartner);

/** Returns the name of a member, or undefined after the last one. */
type NameAt = (index: number) => string | undefined;

/** Returns a body with as many unknown members of the given names as fit into 64 KiB. */
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

describe('a violations problem', () => {
  test('lists all of 100 violations', async () => {
    const names = Array.from({ length: 100 }, (_, i) => [`x${i}`, 1]);
    const { problem } = await problemOf({ ...newTicket, ...Object.fromEntries(names) });
    expect(problem.violations).toHaveLength(100);
    expect(problem).not.toHaveProperty('omitted_violations');
  });

  test('lists the first 100 of more violations and counts the others in omitted_violations', async () => {
    const names = Array.from({ length: 101 }, (_, i) => [`x${i}`, 1]);
    const { problem } = await problemOf({ ...newTicket, ...Object.fromEntries(names) });
    expect(problem.violations).toHaveLength(100);
    expect(problem.omitted_violations).toBe(1);
  });

  test('lists the first 100 violations of a query too', async () => {
    const query = Array.from({ length: 300 }, (_, i) => `x${i}=1`).join('&');
    const response = await api.get(`${TICKETS}?${query}`, partner);
    const { violations, omitted_violations } = await response.json<ProblemBody>();
    expect([violations?.length, omitted_violations]).toEqual([100, 200]);
  });
});

describe('a body of 64 KiB of unknown members', () => {
  test.each<[string, NameAt]>([
    ['short names', (i) => `_${i.toString(36)}`],
    ['names of 600 characters', (i) => `${i}`.padEnd(600, 'x')],
    ['names of 200 characters that a pointer has to encode', (i) => `${i}`.padEnd(200, '\u20ac')],
    ['names of quotes', (i) => `${i}`.padEnd(200, '"')],
    ['names of 20 KB', (i) => `${i}`.padEnd(20_000, 'x')],
    ['one name of 64 KB', (i) => (i === 0 ? 'x'.repeat(60_000) : undefined)],
    [
      'one name that a pointer has to encode',
      (i) => (i === 0 ? '\u20ac'.repeat(20_000) : undefined),
    ],
  ])('returns less than 60 KB and counts every violation: %s', async (_what, nameAt) => {
    const { body, count } = bodyOf(nameAt);
    const { problem, bytes } = await problemOf(body);
    expect(bytes).toBeLessThan(60_000);
    const { violations = [], omitted_violations: omitted = 0 } = problem;
    // The body also lacks the four required members of a ticket.
    expect(violations.length + omitted).toBe(count + 4);
  });

  test('reports a member name of more than 255 characters at the parent of the member', async () => {
    const { problem } = await problemOf({ ...newTicket, ['x'.repeat(256)]: 1 });
    expect(problem.violations).toMatchObject([{ pointer: '#', code: 'unknown_member' }]);
    const { problem: shorter } = await problemOf({ ...newTicket, ['x'.repeat(255)]: 1 });
    expect(shorter.violations).toMatchObject([{ pointer: `#/${'x'.repeat(255)}` }]);
  });

  test('truncates the name of a query parameter to 255 characters', async () => {
    const response = await api.get(`${TICKETS}?${'x'.repeat(3000)}=1`, partner);
    const { violations } = await response.json<ProblemBody>();
    expect(violations).toMatchObject([{ name: 'x'.repeat(255), code: 'unknown_parameter' }]);
  });
});

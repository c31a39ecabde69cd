import { beforeEach, describe, expect, test } from 'vitest';
import { violationsOf } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { exportPath, linesOf, nextOf, writeTickets } from '../../../support/exports.ts';
import { makePartner } from '../../../support/partners.ts';
import { CUSTOMER } from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

async function expectViolation(path: string, violation: string, as = partner): Promise<void> {
  const response = await api.get(path, as);
  expect(response.status, path).toBe(400);
  expect(await violationsOf(response)).toEqual([violation]);
}

test.each([
  ['limit=0', 'limit out_of_range'],
  ['limit=10001', 'limit out_of_range'],
  ['limit=-1', 'limit out_of_range'],
  ['limit=1e3', 'limit invalid_format'],
  ['limit=', 'limit empty_parameter'],
  ['limit=1&limit=2', 'limit repeated_parameter'],
  ['offset=0', 'offset unknown_parameter'],
  ['colour=red', 'colour unknown_parameter'],
  ['customer_id=', 'customer_id empty_parameter'],
  ['vin=x', 'vin too_short'],
  ['after=', 'after empty_parameter'],
  ['after=a&after=b', 'after repeated_parameter'],
  ['after=a.b', 'after invalid_character'],
  [`after=${'a'.repeat(201)}`, 'after too_long'],
  ['after=nonsense', 'after invalid_format'],
  ['after=a', 'after invalid_format'],
  // Base64url of "1.2", which has no digest, and of "..".
  ['after=MS4y', 'after invalid_format'],
  ['after=Li4', 'after invalid_format'],
])('%s is the violation %s', async (query, violation) => {
  await expectViolation(`${exportPath()}${query}`, violation);
});

test('1 and 10000 are limits', async () => {
  for (const limit of [1, 10_000]) {
    expect((await api.get(exportPath({ limit }), partner)).status).toBe(200);
  }
});

describe('a cursor', () => {
  const wrong = 'after invalid_format';

  /** The path of the second page, of one ticket. */
  async function secondPage(query: Record<string, string> = {}): Promise<string> {
    await writeTickets(partner, 3);
    return nextOf(await api.get(exportPath({ ...query, limit: 1 }), partner)) as string;
  }

  const cursorIn = (path: string) => new URLSearchParams(path.split('?')[1]).get('after') as string;

  test('that was altered in any character is refused', async () => {
    const path = await secondPage();
    const cursor = cursorIn(path);
    for (let i = 0; i < cursor.length; i++) {
      const other = cursor[i] === 'A' ? 'B' : 'A';
      const altered = cursor.slice(0, i) + other + cursor.slice(i + 1);
      await expectViolation(path.replace(cursor, altered), wrong);
    }
    for (const altered of [cursor.slice(1), cursor.slice(0, -1), `${cursor}A`]) {
      await expectViolation(path.replace(cursor, altered), wrong);
    }
  });

  test('of a place that was made up is refused', async () => {
    const path = await secondPage();
    const cursor = cursorIn(path);
    const [time, number, digest] = atob(cursor.replaceAll('-', '+').replaceAll('_', '/')).split(
      '.',
    );
    const madeUp = btoa(`${time}.${Number(number) + 1}.${digest}`).replaceAll('=', '');
    await expectViolation(path.replace(cursor, madeUp), wrong);
  });

  test('of another partner is refused', async () => {
    const path = await secondPage();
    const stranger = await makePartner();
    await expectViolation(path, wrong, stranger);
  });

  test.each([
    [{}, { customer_id: CUSTOMER }],
    [{ customer_id: CUSTOMER }, {}],
    [{ vin: '' }, {}],
    [{ customer_id: CUSTOMER }, { customer_id: crypto.randomUUID() }],
    [{ created_after: '2020-01-01T00:00:00Z' }, { created_before: '2020-01-01T00:00:00Z' }],
  ])('of %j is refused with %j', async (before, after) => {
    const cursor = cursorIn(await secondPage(before as Record<string, string>));
    await expectViolation(exportPath({ ...after, limit: 1, after: cursor }), wrong);
  });

  test('goes on with another limit, and with the same filters spelt in another way', async () => {
    const path = await secondPage({ customer_id: CUSTOMER });
    const after = cursorIn(path);
    const again = exportPath({ limit: 7, after, customer_id: CUSTOMER.toUpperCase() });
    expect(await linesOf(await api.get(again, partner))).toHaveLength(2);
  });

  test('stays valid: the same page can be read again', async () => {
    const path = await secondPage();
    const [first, second] = [await api.get(path, partner), await api.get(path, partner)];
    expect(await first.text()).toBe(await second.text());
  });
});

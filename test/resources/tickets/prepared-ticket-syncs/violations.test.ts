import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN, SYNCS, TestApi } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  deletionOf,
  order,
  outcomesOf,
  type SyncResult,
  sendSync,
  sync,
} from '../../../support/syncs.ts';
import { expectViolations, NOBODY, PRODUCT, type ViolationName } from '../../../support/tickets.ts';

const MIB = 1024 * 1024;
const shared = new TestApi();
let before: unknown;

beforeEach(async () => {
  await makePartnerOf(shared);
  before = await allRows();
});

const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    product_id: `22222222-2222-4222-8222-${String(i).padStart(12, '0')}`,
    quantity: 1,
  }));

/** Items with so many lines altogether. */
const heavy = (count: number) =>
  Array.from({ length: Math.ceil(count / 50) }, (_, i) =>
    order(`${i}`, { product_lines: lines(Math.min(50, count - 50 * i)) }),
  );

/** The violations of each result, as `pointer code`. */
const violationsOf = (results: readonly SyncResult[]) =>
  results.map((result) =>
    'violations' in result
      ? result.violations.map(({ pointer, code }) => `${pointer} ${code}`)
      : [],
  );

describe('a body that is no sync is refused for the whole', () => {
  test.each<[string, unknown, ...ViolationName[]]>([
    ['no list', {}, 'body #/prepared_tickets required'],
    ['a list of null', { prepared_tickets: null }, 'body #/prepared_tickets invalid_type'],
    ['an empty list', { prepared_tickets: [] }, 'body #/prepared_tickets out_of_range'],
    [
      '501 items',
      { prepared_tickets: Array(501).fill({}) },
      'body #/prepared_tickets out_of_range',
    ],
    ['2,001 lines', { prepared_tickets: heavy(2001) }, 'body #/prepared_tickets out_of_range'],
    ['an unknown member', { prepared_tickets: [order('A')], x: 1 }, 'body #/x unknown_member'],
    ['a list itself', [order('A')], 'body # invalid_type'],
  ])('%s', async (_what, body, ...expected) => {
    await expectViolations(await sendSync(api, partner, JSON.stringify(body)), expected);
    expect(await allRows()).toEqual(before);
  });

  test('1 MiB and one byte is 413, and 1 MiB is not', async () => {
    const text = JSON.stringify({ prepared_tickets: [order('A')] });
    const ofBytes = (bytes: number) => text + ' '.repeat(bytes - text.length);
    expect((await sendSync(api, partner, ofBytes(MIB + 1))).status).toBe(413);
    expect(await allRows()).toEqual(before);
    const chunked = new Request(new URL(SYNCS, ORIGIN), {
      method: 'POST',
      headers: { ...(await partner.headers(api)), 'content-type': 'application/json' },
      body: new Blob([ofBytes(MIB + 1)]).stream(),
    });
    expect((await api.send(chunked)).status).toBe(413);
    expect((await sendSync(api, partner, ofBytes(MIB))).status).toBe(200);
  });

  test('2,000 lines are accepted', async () => {
    expect(outcomesOf(await sync(api, partner, ...heavy(2000)))).toEqual(
      Array(40).fill('201 changed'),
    );
  });
});

describe('an invalid item is not saved, and the others are', () => {
  const at = '#/prepared_tickets/1';

  test.each<[string, unknown, string | null, ...string[]]>([
    ['null', null, null, `${at} invalid_type`],
    ['a list', [], null, `${at} invalid_type`],
    [
      'an empty object',
      {},
      null,
      ...['customer_id', 'vehicle_model_id', 'vin', 'preparer_external_reference'].map(
        (name) => `${at}/${name} required`,
      ),
    ],
    ['an empty reference', order(''), null, `${at}/preparer_external_reference too_short`],
    ['256 characters', order('x'.repeat(256)), null, `${at}/preparer_external_reference too_long`],
    [
      'a reference with NUL',
      order('\0'),
      null,
      `${at}/preparer_external_reference invalid_character`,
    ],
    [
      'a number for a reference',
      order(1 as never),
      null,
      `${at}/preparer_external_reference invalid_type`,
    ],
    ['a short VIN', order('B', { vin: 'short' }), 'B', `${at}/vin too_short`],
    ['an unknown member', order('B', { colour: 'red' }), 'B', `${at}/colour unknown_member`],
    ['another type for deleted', order('B', { deleted: 'yes' }), 'B', `${at}/deleted invalid_type`],
    ['null for deleted', order('B', { deleted: null }), 'B', `${at}/deleted invalid_type`],
    [
      'a deletion without a reference',
      { deleted: true },
      null,
      `${at}/preparer_external_reference required`,
    ],
    [
      'a product twice',
      order('B', {
        product_lines: [
          { product_id: PRODUCT, quantity: 1 },
          { product_id: PRODUCT.toUpperCase(), quantity: 0 },
        ],
      }),
      'B',
      `${at}/product_lines/1/quantity out_of_range`,
      `${at}/product_lines/1/product_id repeated_item`,
    ],
    ['51 lines', order('B', { product_lines: lines(51) }), 'B', `${at}/product_lines out_of_range`],
  ])('%s', async (_what, item, reference, ...expected) => {
    const results = await sync(api, partner, order('A'), item, deletionOf('C'));
    expect(outcomesOf(results)).toEqual(['201 changed', '400', '204']);
    expect(results[1]?.preparer_external_reference).toBe(reference);
    expect(violationsOf(results)[1]).toEqual(expected);
  });

  test('a reference that stands twice is a violation of each of its items', async () => {
    const results = await sync(
      api,
      partner,
      ...[order('A'), order('B'), deletionOf('A'), order('A', { vin: 'short' }), order('C')],
    );
    expect(outcomesOf(results)).toEqual(['400', '201 changed', '400', '400', '201 changed']);
    const repeated = (i: number) =>
      `#/prepared_tickets/${i}/preparer_external_reference repeated_item`;
    expect(violationsOf(results)).toEqual([
      [repeated(0)],
      [],
      [repeated(2)],
      ['#/prepared_tickets/3/vin too_short', repeated(3)],
      [],
    ]);
  });

  test('references that differ in case or in their code points are two', async () => {
    const references = ['a', 'A', '\u00e9', 'e\u0301', ' a'];
    const results = await sync(api, partner, ...references.map((reference) => order(reference)));
    expect(outcomesOf(results)).toEqual(Array(5).fill('201 changed'));
  });

  test('another customer is immutable, whatever else differs', async () => {
    await sync(api, partner, order('A'), order('B'));
    before = await allRows();
    const other = { customer_id: NOBODY, vehicle_model_id: 8 };
    const results = await sync(api, partner, order('A'), order('B', other));
    expect(violationsOf(results)).toEqual([[], ['#/prepared_tickets/1/customer_id immutable']]);
    expect(await allRows()).toEqual(before);
  });

  test('a sync without a valid item returns 200 and writes nothing', async () => {
    expect(outcomesOf(await sync(api, partner, {}, 1))).toEqual(['400', '400']);
    expect(await allRows()).toEqual(before);
  });

  test('the response lists 100 violations in the order of the items, and counts the others', async () => {
    await sync(api, partner, order('A'));
    const bad = (i: number) =>
      order(`${i}`, { vin: 'short', vehicle_model_id: -1, voucher_code: 'x' });
    const items = Array.from({ length: 40 }, (_, i) => bad(i));
    const immutable = order('A', { customer_id: NOBODY });
    const response = await sendSync(api, partner, [immutable, ...items, order('B')]);
    const { result, omitted_violations } = await response.json<{
      result: SyncResult[];
      omitted_violations: number;
    }>();
    expect(violationsOf(result).map(({ length }) => length)).toEqual([
      1,
      ...Array(33).fill(3),
      ...Array(8).fill(0),
    ]);
    expect(omitted_violations).toBe(21);
    expect(outcomesOf(result)).toEqual([...Array(41).fill('400'), '201 changed']);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { BATCHES, TestApi } from '../../../support/api.ts';
import { itemsOf, sendBatch } from '../../../support/batches.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import type { ProblemBody } from '../../../support/problems.ts';
import {
  expectViolations,
  newTicket,
  PRODUCT,
  type ViolationName,
} from '../../../support/tickets.ts';

const MIB = 1024 * 1024;
const shared = new TestApi();
let before: unknown;

beforeEach(async () => {
  await makePartnerOf(shared);
  before = await allRows();
});

/** Sends items that must be refused, in which nothing may be written. */
async function expectRefused(items: unknown[] | string, ...expected: ViolationName[]) {
  await expectViolations(await sendBatch(api, partner, items), expected);
  expect(await allRows()).toEqual(before);
}

/** A valid item with these lines. */
const withLines = (product_lines: unknown) => ({ ...newTicket, product_lines });
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    product_id: `22222222-2222-4222-8222-${String(i).padStart(12, '0')}`,
    quantity: 1,
  }));

describe.each([
  ['atomic', false],
  ['lenient', true],
])('a body that is no batch, %s', (_mode, isLenient) => {
  test.each<[string, unknown, ...ViolationName[]]>([
    ['no list', {}, 'body #/prepared_tickets required'],
    ['a list of null', { prepared_tickets: null }, 'body #/prepared_tickets invalid_type'],
    ['an object for a list', { prepared_tickets: {} }, 'body #/prepared_tickets invalid_type'],
    ['an empty list', { prepared_tickets: [] }, 'body #/prepared_tickets out_of_range'],
    [
      '501 items, which are not looked at',
      { prepared_tickets: Array(501).fill({}) },
      'body #/prepared_tickets out_of_range',
    ],
    [
      'an unknown member',
      { prepared_tickets: [newTicket], extra: 1 },
      'body #/extra unknown_member',
    ],
    ['a list itself', [newTicket], 'body # invalid_type'],
  ])('%s', async (_what, body, ...expected) => {
    const response = await sendBatch(api, partner, JSON.stringify(body), { isLenient });
    await expectViolations(response, expected);
    expect(await allRows()).toEqual(before);
  });
});

describe.each([
  ['atomic', false],
  ['lenient', true],
])('the lines of a batch altogether, %s', (_mode, isLenient) => {
  const heavy = (count: number) => [
    ...Array.from({ length: count / 50 }, () => withLines(lines(50))),
    ...(count % 50 === 0 ? [] : [withLines(lines(count % 50))]),
  ];

  test('may be 2,000', async () => {
    const response = await sendBatch(api, partner, heavy(2000), { isLenient });
    expect(response.status).toBe(isLenient ? 200 : 201);
  });

  test.each<[string, unknown[]]>([
    ['2,001', heavy(2001)],
    ['2,001, of which most are not valid', [withLines(Array(2000).fill(null)), ...heavy(1)]],
    ['2,001 in more than 500 items', [...heavy(2001), ...itemsOf(500)]],
  ])('are refused for the whole: %s', async (_what, items) => {
    const response = await sendBatch(api, partner, items, { isLenient });
    await expectViolations(response, ['body #/prepared_tickets out_of_range']);
    expect(await allRows()).toEqual(before);
  });
});

describe('an item', () => {
  test.each(['null', '1', '"x"', '[]', 'true'])('%s is no object', async (item) => {
    const body = `{"prepared_tickets":[${JSON.stringify(newTicket)},${item}]}`;
    await expectRefused(body, 'body #/prepared_tickets/1 invalid_type');
  });

  test('499 is pointed at, and the 499 valid ones before it are not written', async () => {
    const items = [...itemsOf(499), { ...newTicket, vin: 'short' }];
    await expectRefused(items, 'body #/prepared_tickets/499/vin too_short');
  });

  test('breaks the rules of a single ticket', async () => {
    await expectRefused(
      [
        newTicket,
        {
          customer_id: 'x',
          vehicle_model_id: -1,
          vin: 'JH4KA7630-C007649',
          voucher_code: 'lower',
          extra: 1,
          'a/b': 2,
        },
        {},
      ],
      'body #/prepared_tickets/1/customer_id invalid_format',
      'body #/prepared_tickets/1/vehicle_model_id out_of_range',
      'body #/prepared_tickets/1/vin invalid_character',
      'body #/prepared_tickets/1/voucher_code invalid_character',
      'body #/prepared_tickets/1/preparer_external_reference required',
      'body #/prepared_tickets/1/extra unknown_member',
      'body #/prepared_tickets/1/a~1b unknown_member',
      'body #/prepared_tickets/2/customer_id required',
      'body #/prepared_tickets/2/vehicle_model_id required',
      'body #/prepared_tickets/2/vin required',
      'body #/prepared_tickets/2/preparer_external_reference required',
    );
  });
});

describe('product lines', () => {
  const at = '#/prepared_tickets/0/product_lines' as const;
  test.each<[string, unknown, ...ViolationName[]]>([
    ['null', null, `body ${at} invalid_type`],
    ['an object', {}, `body ${at} invalid_type`],
    ['51 lines, which are not looked at', Array(51).fill({}), `body ${at} out_of_range`],
    ['a line that is no object', [null], `body ${at}/0 invalid_type`],
    [
      'a line without its members',
      [{}],
      `body ${at}/0/product_id required`,
      `body ${at}/0/quantity required`,
    ],
    [
      'an unknown member',
      [{ ...lines(1)[0], ticket_id: 1 }],
      `body ${at}/0/ticket_id unknown_member`,
    ],
    [
      'a quantity of 0',
      [{ product_id: PRODUCT, quantity: 0 }],
      `body ${at}/0/quantity out_of_range`,
    ],
    [
      'a product twice, in another case',
      [
        { product_id: PRODUCT, quantity: 1 },
        ...lines(2),
        { product_id: PRODUCT.toUpperCase(), quantity: 1 },
      ],
      `body ${at}/3/product_id repeated_item`,
    ],
    [
      'a product twice beside another violation',
      [...lines(1), { product_id: 'x', quantity: 1 }, ...lines(1)],
      `body ${at}/1/product_id invalid_format`,
      `body ${at}/2/product_id repeated_item`,
    ],
  ])('%s', async (_what, product_lines, ...expected) => {
    await expectRefused([withLines(product_lines)], ...expected);
  });

  test('of 50 products are accepted', async () => {
    expect((await sendBatch(api, partner, [withLines(lines(50))])).status).toBe(201);
  });
});

describe('many violations', () => {
  const violationsOf = async (items: unknown[] | string) => {
    const response = await sendBatch(api, partner, items);
    expect(response.status).toBe(400);
    expect(await allRows()).toEqual(before);
    return response.json<ProblemBody>();
  };

  test('of 600, the first 100 are listed and 500 are counted', async () => {
    const { violations, omitted_violations } = await violationsOf(
      itemsOf(300).map((item) => ({ ...item, vin: 'short', vehicle_model_id: -1 })),
    );
    expect(violations).toHaveLength(100);
    expect(violations?.at(-1)).toMatchObject({ pointer: '#/prepared_tickets/49/vin' });
    expect(omitted_violations).toBe(500);
  });

  test('that fill 1 MiB are counted, and get a small response', async () => {
    const item = `{${Array.from({ length: 90_000 }, (_, i) => `"_${i.toString(36)}":0`).join(',')}}`;
    const { omitted_violations } = await violationsOf(`{"prepared_tickets":[${item}]}`);
    expect(omitted_violations).toBe(90_000 + 4 - 100);
  });
});

describe('the size of a body', () => {
  /** A batch of one item that is this many bytes long. */
  const ofBytes = (bytes: number) => {
    const text = JSON.stringify({ prepared_tickets: [newTicket] });
    return text + ' '.repeat(bytes - text.length);
  };

  test('of 1 MiB exactly is accepted', async () => {
    expect((await sendBatch(api, partner, ofBytes(MIB))).status).toBe(201);
  });

  test.each(['with its length announced', 'in chunks'])(
    'of 1 MiB and one byte is 413, %s',
    async (what) => {
      const body = ofBytes(MIB + 1);
      const request = new Request(new URL(BATCHES, 'https://api.test'), {
        method: 'POST',
        headers: { ...(await partner.headers(api)), 'content-type': 'application/json' },
        body: what === 'in chunks' ? new Blob([body]).stream() : body,
      });
      const response = await api.send(request);
      expect(response.status).toBe(413);
      expect((await response.json<ProblemBody>()).detail).toContain('1 MiB');
      expect(await allRows()).toEqual(before);
    },
  );

  test('of 500 full items with lines fits', async () => {
    const items = itemsOf(500).map((item, i) => ({
      ...item,
      preparer_external_reference: String(i).padStart(255, 'x'),
      product_lines: lines(4),
    }));
    expect((await sendBatch(api, partner, items)).status).toBe(201);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  itemsOf,
  type LenientBatch,
  sendBatch,
  storedReferences,
} from '../../../support/batches.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { newTicket, PRODUCT } from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

afterEach(() => expectExactCounts());

async function sendLenient(items: unknown[]): Promise<LenientBatch> {
  const response = await sendBatch(api, partner, items, { isLenient: true });
  expect(response.status).toBe(200);
  expect(response.headers.get('preference-applied')).toBe('handling=lenient');
  return response.json<LenientBatch>();
}

test('writes the valid items and says what is wrong with the others, in their order', async () => {
  const [first, second, third] = itemsOf(3);
  const { result, omitted_violations } = await sendLenient([
    { ...first, vin: 'short' },
    { ...second, product_lines: [{ product_id: PRODUCT, quantity: 1 }] },
    null,
    third,
    { ...newTicket, colour: 'red', product_lines: [{ product_id: PRODUCT }] },
  ]);
  expect(result).toMatchObject([
    {
      status: 400,
      violations: [{ in: 'body', pointer: '#/prepared_tickets/0/vin', code: 'too_short' }],
    },
    { status: 201, prepared_ticket: second },
    { status: 400, violations: [{ pointer: '#/prepared_tickets/2', code: 'invalid_type' }] },
    { status: 201, prepared_ticket: third },
    {
      status: 400,
      violations: [
        { pointer: '#/prepared_tickets/4/product_lines/0/quantity', code: 'required' },
        { pointer: '#/prepared_tickets/4/colour', code: 'unknown_member' },
      ],
    },
  ]);
  expect(omitted_violations).toBeUndefined();
  expect(await storedReferences()).toEqual(['ITEM-1', 'ITEM-2']);
});

test('of valid items only creates all', async () => {
  const { result } = await sendLenient(itemsOf(500));
  expect(result.every(({ status }) => status === 201)).toBe(true);
  expect(await storedReferences()).toHaveLength(500);
});

test('in which nothing is valid returns 200 and writes no ticket', async () => {
  const { result } = await sendLenient([{}, 1]);
  expect(result.map(({ status }) => status)).toEqual([400, 400]);
  expect(await storedReferences()).toEqual([]);
});

test('lists 100 violations in the whole response, and counts the others', async () => {
  const bad = { ...newTicket, vin: 'short', vehicle_model_id: -1, voucher_code: 'x' };
  const { result, omitted_violations } = await sendLenient([...Array(40).fill(bad), newTicket]);
  const listed = result.map((item) => (item.status === 400 ? item.violations.length : 0));
  expect(listed).toEqual([...Array(33).fill(3), 1, ...Array(6).fill(0), 0]);
  expect(omitted_violations).toBe(20);
  expect(await storedReferences()).toHaveLength(1);
});

describe('the header Prefer', () => {
  test.each([
    ['handling=lenient', 200],
    ['HANDLING=Lenient', 200],
    ['handling="lenient"', 200],
    ['respond-async, wait=10, handling=lenient; x=1', 200],
    ['foo="a, handling=strict", handling=lenient', 200],
    ['handling=lenient, handling=strict', 200],
    ['handling=strict, handling=lenient', 400],
    ['handling=strict', 400],
    ['handling=other, handling=lenient', 400],
    ['handling', 400],
    ['return=minimal', 400],
    ['lenient', 400],
    ['foo="handling=lenient"', 400],
    ['"', 400],
    [',;=', 400],
    ['', 400],
  ])('%j: %d', async (prefer, status) => {
    const response = await sendBatch(api, partner, [newTicket, {}], { prefer });
    expect(response.status).toBe(status);
    expect(response.headers.has('preference-applied')).toBe(status === 200);
    expect(await storedReferences()).toHaveLength(status === 200 ? 1 : 0);
  });
});

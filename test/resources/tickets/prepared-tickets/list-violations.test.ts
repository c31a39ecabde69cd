import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  type ViolationName,
} from '../../../support/tickets.ts';

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

async function expectRefused(query: string, ...expected: ViolationName[]): Promise<void> {
  await expectViolations(await api.get(`${TICKETS}?${query}`, partner), expected);
}

const integers: [string, string][] = [
  ['1.5', 'invalid_format'],
  ['1.0', 'invalid_format'],
  ['1e3', 'invalid_format'],
  ['01', 'invalid_format'],
  ['-0', 'invalid_format'],
  ['+1', 'invalid_format'],
  ['%2B1', 'invalid_format'],
  ['%201', 'invalid_format'],
  ['1%00', 'invalid_format'],
  ['0x10', 'invalid_format'],
  ['1_000', 'invalid_format'],
  ['1,000', 'invalid_format'],
  ['NaN', 'invalid_format'],
  ['Infinity', 'invalid_format'],
  ['null', 'invalid_format'],
  ['%D9%A1', 'invalid_format'],
  ['-1', 'out_of_range'],
  ['9007199254740992', 'out_of_range'],
  [`1${'0'.repeat(400)}`, 'out_of_range'],
  ['', 'empty_parameter'],
];

describe.each(['limit', 'offset', 'ticket_number'])('%s', (name) => {
  test.each(integers)('with the value %s has the violation %s', async (value, code) => {
    await expectRefused(`${name}=${value}`, `query ${name} ${code}`);
  });
});

test('a limit of 1001 is out_of_range', () =>
  expectRefused('limit=1001', 'query limit out_of_range'));

test('a query of more than 1,000 parameters has one violation', () =>
  expectRefused('a&'.repeat(1000).concat('b'), 'query b unknown_parameter'));

describe.each(['customer_id', 'product_id'])('%s', (name) => {
  test.each([
    ['x', 'invalid_format'],
    ['160c0c4b99664dc1a9168407eb10d74e', 'invalid_format'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74e,160c0c4b-9966-4dc1-a916-8407eb10d74e', 'invalid_format'],
    ['null', 'invalid_format'],
    ['%00', 'invalid_character'],
    ['', 'empty_parameter'],
  ])('with the value %s has the violation %s', async (value, code) => {
    await expectRefused(`${name}=${value}`, `query ${name} ${code}`);
  });
});

describe('vin', () => {
  test.each([
    ['JH4KA7630PC00764', 'too_short'],
    ['%20', 'too_short'],
    ['null', 'too_short'],
    ['JH4KA7630PC0076491', 'too_long'],
    ['JH4KA7630-C007649', 'invalid_character'],
    ['JH4KA7630PC00764%C5%BF', 'invalid_character'],
    ['JH4KA7630PC00764%00', 'invalid_character'],
  ])('with the value %s has the violation %s', async (value, code) => {
    await expectRefused(`vin=${value}`, `query vin ${code}`);
  });
});

describe('preparer_external_reference', () => {
  test.each([
    ['256 characters', 'x'.repeat(256), 'too_long'],
    ['NUL', 'a%00b', 'invalid_character'],
  ])('with %s is rejected', async (_what, value, code) => {
    await expectRefused(
      `preparer_external_reference=${value}`,
      `query preparer_external_reference ${code}`,
    );
  });
});

describe('a repeated parameter', () => {
  test.each([
    ['limit', '1'],
    ['offset', '0'],
    ['ticket_number', '1'],
    ['customer_id', '160c0c4b-9966-4dc1-a916-8407eb10d74e'],
    ['product_id', '160c0c4b-9966-4dc1-a916-8407eb10d74e'],
    ['created_after', '2026-03-01T12:00:00Z'],
    ['created_before', '2026-03-01T12:00:00Z'],
    ['vin', 'JH4KA7630PC007649'],
    ['vin', ''],
    ['preparer_external_reference', ''],
  ])('is rejected even with equal values: %s=%s', async (name, value) => {
    const violation: ViolationName = `query ${name} repeated_parameter`;
    await expectRefused(`${name}=${value}&${name}=${value}`, violation);
    await expectRefused(`${name}=&${name}=${value}`, violation);
  });
});

describe('an unknown parameter', () => {
  test.each([
    ['page=2', 'page'],
    ['Limit=3', 'Limit'],
    ['limit%20=3', 'limit '],
    ['limit[]=3', 'limit[]'],
    ['quantity=1', 'quantity'],
    ['id=160c0c4b-9966-4dc1-a916-8407eb10d74e', 'id'],
    ['partner_id=1', 'partner_id'],
    ['constructor=1', 'constructor'],
    ['toString=', 'toString'],
    ['__proto__=1', '__proto__'],
    ['vin%00=', 'vin\0'],
    ['%E2%82%AC', '€'],
  ])('is rejected by its name: %s', async (query, name) => {
    await expectRefused(query, `query ${name} unknown_parameter`);
  });

  test('is rejected even without a name', () => expectRefused('=x', 'query  unknown_parameter'));
});

describe('a parameter that is not percent-encoded UTF-8', () => {
  test.each([
    ['preparer_external_reference=%FF', 'preparer_external_reference'],
    ['preparer_external_reference=%ED%A0%80', 'preparer_external_reference'],
    ['preparer_external_reference=100%', 'preparer_external_reference'],
    ['vin=%', 'vin'],
    ['limit=%1', 'limit'],
  ])('is an invalid_format: %s', (query, name) =>
    expectRefused(query, `query ${name} invalid_format`),
  );
});

describe('several violations', () => {
  test('are all reported in one response', async () => {
    await expectRefused(
      'limit=-1&offset=x&created_after=&created_before=now&customer_id=1&product_id=2&ticket_number=1&ticket_number=2&vin=3&preparer_external_reference=%00&a=1&b=2',
      'query limit out_of_range',
      'query offset invalid_format',
      'query created_after empty_parameter',
      'query created_before invalid_format',
      'query customer_id invalid_format',
      'query product_id invalid_format',
      'query ticket_number repeated_parameter',
      'query vin too_short',
      'query preparer_external_reference invalid_character',
      'query a unknown_parameter',
      'query b unknown_parameter',
    );
  });

  test('each say what to send instead', async () => {
    const response = await api.get(`${TICKETS}?limit=1001&vin=x&sort=asc`, partner);
    const { violations } = await response.json<{ violations: object[] }>();
    expect(violations).toEqual([
      {
        in: 'query',
        name: 'limit',
        code: 'out_of_range',
        detail: 'Send an integer from 0 to 1000, in decimal digits.',
      },
      {
        in: 'query',
        name: 'vin',
        code: 'too_short',
        detail:
          'Send the 17 letters and digits of the VIN, or an empty value for tickets without a VIN.',
      },
      {
        in: 'query',
        name: 'sort',
        code: 'unknown_parameter',
        detail:
          'Leave this parameter out. The reference of the operation lists those that it accepts.',
      },
    ]);
  });
});

describe('the list of product lines', () => {
  test.each(integers)('rejects a limit and an offset of %s as %s', async (value, code) => {
    const { id } = await createTicket(api, partner);
    const response = await api.get(`${linesPath(id)}?limit=${value}&offset=${value}`, partner);
    await expectViolations(response, [`query limit ${code}`, `query offset ${code}`]);
  });

  test.each([
    ['limit=1001', 'limit out_of_range'],
    ['limit=1&limit=1', 'limit repeated_parameter'],
    ['product_id=c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3', 'product_id unknown_parameter'],
    ['vin=', 'vin unknown_parameter'],
  ])('rejects %s', async (query, violation) => {
    const { id } = await createTicket(api, partner);
    const response = await api.get(`${linesPath(id)}?${query}`, partner);
    await expectViolations(response, [`query ${violation}` as ViolationName]);
  });
});

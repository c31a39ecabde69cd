import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  expectViolations,
  newTicket,
  storedRows,
  type ViolationName,
} from '../../../support/tickets.ts';

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

/** Sends a body, of which the text is given when no JavaScript value has it. */
async function expectRefused(body: unknown, ...expected: ViolationName[]): Promise<void> {
  await expectViolations(await api.post(TICKETS, partner, body), expected);
  expect((await storedRows()).tickets).toEqual([]);
}

/** The text of a valid body but for one member, given as JSON text. */
function textWith(member: string, json: string): string {
  return JSON.stringify({ ...newTicket, [member]: '@' }).replace('"@"', json);
}

const required = ['customer_id', 'vehicle_model_id', 'vin', 'preparer_external_reference'] as const;

describe('a required member of the body', () => {
  test.each(required)('returns `required` if %s is missing', async (member) => {
    const { [member]: _left, ...body } = newTicket;
    await expectRefused(body, `body #/${member} required`);
  });

  test.each(['customer_id', 'vehicle_model_id', 'preparer_external_reference'])(
    'returns `invalid_type` if %s is null',
    async (member) => {
      await expectRefused({ ...newTicket, [member]: null }, `body #/${member} invalid_type`);
    },
  );
});

describe('a member of the wrong type', () => {
  const values: [string, string[]][] = [
    ['customer_id', ['1', 'true', '{}', '[]', '["x"]']],
    ['vehicle_model_id', ['"1"', '""', 'true', '{}', '[]', '[1]']],
    ['vin', ['1', 'false', '{}', '[]', '12345678901234567']],
    ['voucher_code', ['1234', 'true', '{}', '[]']],
    ['preparer_external_reference', ['1', 'true', '{}', '[]', '["x"]']],
  ];
  test.each(values.flatMap(([member, texts]) => texts.map((json) => [member, json])))(
    'returns `invalid_type` if %s is %s',
    async (member, json) => {
      await expectRefused(textWith(member, json), `body #/${member} invalid_type`);
    },
  );
});

describe('customer_id', () => {
  test.each([
    [''],
    ['x'],
    ['160c0c4b99664dc1a9168407eb10d74e'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74ea'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74g'],
    ['{160c0c4b-9966-4dc1-a916-8407eb10d74e}'],
    ['urn:uuid:160c0c4b-9966-4dc1-a916-8407eb10d74e'],
    [' 160c0c4b-9966-4dc1-a916-8407eb10d74e'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74e\n'],
    ['160c0c4b‐9966‐4dc1‐a916‐8407eb10d74e'],
  ])('returns `invalid_format` for %j', async (id) => {
    await expectRefused({ ...newTicket, customer_id: id }, 'body #/customer_id invalid_format');
  });
});

describe('vehicle_model_id', () => {
  test.each([
    ['-1', 'out_of_range'],
    ['9007199254740992', 'out_of_range'],
    ['9007199254740993', 'out_of_range'],
    ['1e300', 'out_of_range'],
    ['1e400', 'out_of_range'],
    ['-1e400', 'out_of_range'],
    ['1.5', 'invalid_type'],
    ['1e-7', 'invalid_type'],
  ])('returns for %s the code %s', async (json, code) => {
    await expectRefused(textWith('vehicle_model_id', json), `body #/vehicle_model_id ${code}`);
  });
});

describe('vin', () => {
  test.each([
    ['', 'too_short'],
    ['JH4KA7630PC00764', 'too_short'],
    ['JH4KA7630PC0076491', 'too_long'],
    ['JH4KA7630PC007649\n', 'too_long'],
    ['JH4KA7630-C007649', 'invalid_character'],
    ['JH4KA7630 C007649', 'invalid_character'],
    ['JH4KA7630PC00764\u0660', 'invalid_character'],
    ['JH4KA7630PC00764\u017f', 'invalid_character'],
    ['JH4KA7630PC00764\u0000', 'invalid_character'],
    ['JH4KA7630PC00764🚗', 'invalid_character'],
  ])('returns for %j the code %s', async (vin, code) => {
    await expectRefused({ ...newTicket, vin }, `body #/vin ${code}`);
  });
});

describe('voucher_code', () => {
  test.each([
    ['', 'too_short'],
    ['ABC', 'too_short'],
    ['ABCDEFGH1', 'too_long'],
    ['WQ4mM3', 'invalid_character'],
    ['WQ4-M3', 'invalid_character'],
    ['WQ4 M3', 'invalid_character'],
    ['WQ4MÜ3', 'invalid_character'],
  ])('returns for %j the code %s', async (code, violation) => {
    await expectRefused({ ...newTicket, voucher_code: code }, `body #/voucher_code ${violation}`);
  });
});

describe('preparer_external_reference', () => {
  test.each([
    ['256 letters', JSON.stringify('x'.repeat(256)), 'too_long'],
    ['256 characters outside the BMP', JSON.stringify('🚗'.repeat(256)), 'too_long'],
    ['a lone high surrogate', '"a\\ud800b"', 'invalid_character'],
    ['a lone low surrogate', '"\\udc00"', 'invalid_character'],
    ['surrogates in the wrong order', '"\\udc00\\ud800"', 'invalid_character'],
    ['NUL', '"a\\u0000b"', 'invalid_character'],
  ])('rejects %s', async (_what, json, code) => {
    const body = textWith('preparer_external_reference', json);
    await expectRefused(body, `body #/preparer_external_reference ${code}`);
  });
});

describe('an unknown member', () => {
  test.each([
    ['vehicle_modelid', '#/vehicle_modelid'],
    ['VIN', '#/VIN'],
    ['partner_id', '#/partner_id'],
    ['constructor', '#/constructor'],
    ['toString', '#/toString'],
    ['__proto__', '#/__proto__'],
    ['', '#/'],
    ['a/b~c', '#/a~1b~0c'],
    ['über uns', '#/%C3%BCber%20uns'],
    ['\ud800', '#/%EF%BF%BD'],
  ])('is named by its JSON pointer: %j', async (member, pointer) => {
    const body = `${JSON.stringify(newTicket).slice(0, -1)},${JSON.stringify(member)}:{"id":1}}`;
    await expectRefused(body, `body ${pointer} unknown_member`);
  });
});

describe('several violations', () => {
  test('are all reported in one response', async () => {
    await expectRefused(
      {
        customer_id: 'x',
        vehicle_model_id: -1,
        vin: 'short',
        voucher_code: 'lower',
        preparer_external_reference: '\0',
        extra: 1,
        more: 2,
      },
      'body #/customer_id invalid_format',
      'body #/vehicle_model_id out_of_range',
      'body #/vin too_short',
      'body #/voucher_code invalid_character',
      'body #/preparer_external_reference invalid_character',
      'body #/extra unknown_member',
      'body #/more unknown_member',
    );
  });

  test('include every required member for an empty object', async () => {
    await expectRefused({}, ...required.map((member) => `body #/${member} required` as const));
  });

  test('each say what to send instead', async () => {
    const response = await api.post(TICKETS, partner, { ...newTicket, vin: 'short', vim: null });
    const { violations } = await response.json<{ violations: object[] }>();
    expect(violations).toEqual([
      {
        in: 'body',
        pointer: '#/vin',
        code: 'too_short',
        detail: 'Send the 17 letters and digits of the VIN, or null.',
      },
      {
        in: 'body',
        pointer: '#/vim',
        code: 'unknown_member',
        detail:
          'Leave this member out. The reference of the operation lists the members of the body.',
      },
    ]);
  });
});

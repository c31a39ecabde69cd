import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN, TICKETS } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import {
  expectViolations,
  newTicket,
  PRODUCT,
  referencePath,
  storedRows,
  type Ticket,
  type ViolationName,
} from '../../../../support/tickets.ts';

const BY_REFERENCE = `${TICKETS}/by-reference`;
const NAME = 'preparer_external_reference';

beforeEach(makeApiAndPartner);

const { preparer_external_reference: _reference, ...body } = newTicket;

describe('any reference works, percent-encoded', () => {
  test.each([
    'two words',
    'a/b//c',
    '/',
    '?a=b&c#d',
    '100%',
    '%2F',
    '%252F',
    '%C3%A9',
    'a+b',
    'Müller & Söhne; 自動車 🚗',
    'quote \' and " and \\ back',
    'line\nbreak\ttab',
    '…',
    '. .',
    'product-lines',
    '497f6eca-6276-4993-bfeb-53cbbbba6f08',
    'R'.repeat(255),
    '🚗'.repeat(255),
  ])('%j', async (reference) => {
    const path = referencePath(reference);
    const created = await api.put(path, partner, body);
    expect(created.status).toBe(201);
    const ticket = await created.json<Ticket>();
    expect(ticket.preparer_external_reference).toBe(reference);
    const self = created.headers.get('content-location') as string;
    expect(self).toBe(ORIGIN + path);
    expect(await (await api.get(self, partner)).json()).toEqual(ticket);
    // Every byte percent-encoded names the same.
    const bytes = [...new TextEncoder().encode(reference)];
    const encoded = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const found = await api.get(`${BY_REFERENCE}/${encoded}`, partner);
    expect(await found.json()).toEqual(ticket);
    expect((await api.put(path, partner, { ...body, [NAME]: reference })).status).toBe(200);
    expect((await api.delete(path, partner)).status).toBe(204);
    expect((await storedRows()).tickets).toEqual([]);
  });

  test('two references that differ in case or composition are two', async () => {
    for (const reference of ['a', 'A', 'é', 'e\u0301']) {
      expect((await api.put(referencePath(reference), partner, body)).status).toBe(201);
    }
  });
});

describe('a reference that cannot be', () => {
  const paths: [string, string, string][] = [
    ['invalid UTF-8', `${BY_REFERENCE}/%FF`, 'invalid_format'],
    ['an overlong sequence', `${BY_REFERENCE}/a%C0%AF`, 'invalid_format'],
    ['half a character', `${BY_REFERENCE}/%C3`, 'invalid_format'],
    ['a surrogate', `${BY_REFERENCE}/%ED%A0%80`, 'invalid_format'],
    ['a percent sign alone', `${BY_REFERENCE}/100%`, 'invalid_format'],
    ['no hexadecimal digits', `${BY_REFERENCE}/%zz`, 'invalid_format'],
    ['NUL', `${BY_REFERENCE}/a%00`, 'invalid_character'],
    ['256 characters', referencePath('R'.repeat(256)), 'too_long'],
    ['256 characters of four bytes', referencePath('🚗'.repeat(256)), 'too_long'],
    ['nothing', `${BY_REFERENCE}/`, 'too_short'],
  ];

  test.each(paths)('%s is a violation, and nothing is written', async (_what, path, code) => {
    const expected: ViolationName[] = [`path ${NAME} ${code}`];
    await expectViolations(await api.get(path, partner), expected);
    await expectViolations(await api.put(path, partner, body), expected);
    await expectViolations(await api.delete(path, partner), expected);
    expect((await storedRows()).tickets).toEqual([]);
  });

  // The last ones are also the ends of paths below a ticket, whose id could be `by-reference`.
  describe.each(['x', 'pick-up', 'readiness', 'product-lines'])('the reference %s', (reference) => {
    const path = referencePath(reference);
    const allow = 'GET, HEAD, PUT, DELETE, OPTIONS';

    test.each(['POST', 'PATCH'])('%s is no method of it', async (method) => {
      const body = { customer_id: newTicket.customer_id };
      const response = await api.request(method, path, { as: partner, body });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
    });

    test('OPTIONS lists its methods', async () => {
      const response = await api.request('OPTIONS', path);
      expect(response.status).toBe(204);
      expect(response.headers.get('allow')).toBe(allow);
    });

    test('is one like any other', async () => {
      expect((await api.put(path, partner, body)).status).toBe(201);
      expect(await (await api.get(path, partner)).json()).toMatchObject({ [NAME]: reference });
      expect((await api.request('HEAD', path, { as: partner })).status).toBe(200);
      expect((await api.put(path, partner, body)).status).toBe(200);
      expect((await api.delete(path, partner)).status).toBe(204);
    });
  });
});

describe('a body that breaks a rule', () => {
  const line = { product_id: PRODUCT, quantity: 1 };
  const other = (i: number) => `10000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
  const many = Array.from({ length: 51 }, (_, i) => ({ product_id: other(i), quantity: 1 }));

  test.each<[string, object, ViolationName[]]>([
    ['another reference', { [NAME]: 'b' }, [`body #/${NAME} immutable`]],
    ['an empty reference', { [NAME]: '' }, [`body #/${NAME} immutable`]],
    ['no reference but null', { [NAME]: null }, [`body #/${NAME} invalid_type`]],
    ['no customer', { customer_id: undefined }, ['body #/customer_id required']],
    ['51 lines', { product_lines: many }, ['body #/product_lines out_of_range']],
    [
      'a product twice',
      { product_lines: [line, { ...line, product_id: PRODUCT.toUpperCase() }] },
      ['body #/product_lines/1/product_id repeated_item'],
    ],
    ['no list', { product_lines: line }, ['body #/product_lines invalid_type']],
    ['null', { product_lines: null }, ['body #/product_lines invalid_type']],
    ['lines that are no objects', { product_lines: [1] }, ['body #/product_lines/0 invalid_type']],
    [
      'lines of wrong members',
      { product_lines: [line, { product_id: 'x', quantity: 0, colour: 'red' }] },
      [
        'body #/product_lines/1/colour unknown_member',
        'body #/product_lines/1/product_id invalid_format',
        'body #/product_lines/1/quantity out_of_range',
      ],
    ],
    [
      'a line of nothing',
      { product_lines: [{}] },
      ['body #/product_lines/0/product_id required', 'body #/product_lines/0/quantity required'],
    ],
    ['an unknown member', { colour: 'red' }, ['body #/colour unknown_member']],
  ])('%s', async (_what, values, expected) => {
    const response = await api.put(referencePath('a'), partner, { ...body, ...values });
    await expectViolations(response, expected);
    expect((await storedRows()).tickets).toEqual([]);
  });
});

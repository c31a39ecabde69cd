import { beforeEach, describe, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { EXPORT, exportPath, linesOf } from '../../../support/exports.ts';
import { textOf } from '../../../support/texts.ts';
import { createTicket, newTicket, PRODUCT, putLine } from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

const get = (accept?: string, path: string = EXPORT) =>
  api.request('GET', path, { as: partner, ...(accept !== undefined && { headers: { accept } }) });

const HEADER =
  'id,created_at,customer_id,ticket_number,vehicle_model_id,vin,voucher_code,preparer_external_reference';

describe('NDJSON', () => {
  test('has the eight members of each ticket and its product lines, oldest first', async () => {
    const first = await createTicket(api, partner, { vin: null, voucher_code: null });
    api.now += 1000;
    const second = await createTicket(api, partner);
    const other = 'a1fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';
    await putLine(api, partner, second.id, PRODUCT, 3);
    await putLine(api, partner, second.id, other, 2);
    const response = await get();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await linesOf(response)).toEqual([
      { ...first, product_lines: [] },
      {
        ...second,
        product_lines: [
          { product_id: other, quantity: 2 },
          { product_id: PRODUCT, quantity: 3 },
        ],
      },
    ]);
  });

  test('is empty without a ticket', async () => {
    expect(await textOf(await get())).toBe('');
  });
});

/** Reads CSV as RFC 4180 defines it, written without a look at the code that writes it. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let [record, field, quoted]: [string[], string, boolean] = [[], '', false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (quoted) {
      if (character !== '"') {
        field += character;
      } else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else {
        quoted = false;
      }
    } else if (character === '"' && field === '') {
      quoted = true;
    } else if (character === ',') {
      record.push(field);
      field = '';
    } else if (character === '\r' && text[i + 1] === '\n') {
      records.push([...record, field]);
      [record, field] = [[], ''];
      i++;
    } else {
      expect(character, 'outside of quotes').not.toMatch(/["\r\n]/);
      field += character;
    }
  }
  expect([record, field, quoted], 'after the last record').toEqual([[], '', false]);
  return records;
}

describe('CSV', () => {
  test('has a header line and the eight members of each ticket, with CRLF after every line', async () => {
    const ticket = await createTicket(api, partner);
    await putLine(api, partner, ticket.id, PRODUCT);
    const response = await get('text/csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(await response.text()).toBe(
      `${HEADER}\r\n${ticket.id},${ticket.created_at},${ticket.customer_id},${ticket.ticket_number},0,JH4KA7630PC007649,WQ4MM3,DYNAMICS_ERP_3454662\r\n`,
    );
  });

  test('has the header line only, without a ticket', async () => {
    expect(await (await get('text/csv')).text()).toBe(`${HEADER}\r\n`);
  });

  test('has an empty field for null', async () => {
    await createTicket(api, partner, { vin: null, voucher_code: null });
    expect(await (await get('text/csv')).text()).toMatch(/,0,,,DYNAMICS_ERP_3454662\r\n$/);
  });

  test.each([
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'say "hi"', '"say ""hi"""'],
    ['only a quote', '"', '""""'],
    ['a line feed', 'a\nb', '"a\nb"'],
    ['a carriage return', 'a\rb', '"a\rb"'],
    ['CRLF', 'a\r\nb', '"a\r\nb"'],
    ['a leading space', ' a', '" a"'],
    ['a trailing space', 'a ', '"a "'],
    ['a tab at its end', 'a\t', '"a\t"'],
    ['nothing to quote', "it's a; b", "it's a; b"],
    ['nothing', '', ''],
    ['letters of many scripts', 'Zürich 東京 🚗', 'Zürich 東京 🚗'],
    ['a formula', '=1+1', '=1+1'],
  ])(
    'writes a reference with %s so that it is read as it was sent',
    async (_what, reference, field) => {
      await createTicket(api, partner, { preparer_external_reference: reference });
      const text = await (await get('text/csv')).text();
      expect(text.slice(HEADER.length + 2).endsWith(`,${field}\r\n`)).toBe(true);
      const [names, values] = parseCsv(text);
      expect(names).toEqual(HEADER.split(','));
      expect(values?.at(-1)).toBe(reference);
      expect(values).toHaveLength(8);
      expect((await linesOf(await get()))[0]?.preparer_external_reference).toBe(reference);
    },
  );

  test('leads to a following page in the format that is asked for then', async () => {
    await createTicket(api, partner);
    await createTicket(api, partner);
    const { headers } = await get('text/csv', exportPath({ limit: 1 }));
    const next = /<https:\/\/api\.test([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    expect(await linesOf(await get(undefined, next))).toHaveLength(1);
    expect((await (await get('text/csv', next)).text()).split('\r\n')).toHaveLength(3);
  });
});

describe('Accept', () => {
  test.each([
    [undefined, 'application/x-ndjson'],
    ['*/*', 'application/x-ndjson'],
    ['application/*', 'application/x-ndjson'],
    ['text/csv', 'text/csv; charset=utf-8'],
    ['text/*;q=0.1', 'text/csv; charset=utf-8'],
    ['application/x-ndjson;q=0.2, text/csv;q=0.3', 'text/csv; charset=utf-8'],
    ['application/x-ndjson;q=0, */*', 'text/csv; charset=utf-8'],
  ])('%s gets %s', async (accept, type) => {
    const { status, headers } = await get(accept);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('vary')).toBe('Accept');
    expect(headers.get('cache-control')).toBe('private, no-cache');
  });

  test('a header beyond 1,000 characters is treated as absent', async () => {
    const accept = (length: number) => 'text/csv, image/png;x='.padEnd(length, 'x');
    const typeOf = async (length: number) =>
      (await get(accept(length))).headers.get('content-type');
    expect(await typeOf(1000)).toBe('text/csv; charset=utf-8');
    expect(await typeOf(1001)).toBe('application/x-ndjson');
  });

  test.each(['application/json', 'text/html', '*/*;q=0', 'text/csv;q=0', 'nonsense'])(
    '%s is 406',
    async (accept) => {
      const response = await get(accept);
      expect(response.status).toBe(406);
      expect(response.headers.get('vary')).toBe('Accept');
      expect(await response.json()).toMatchObject({
        type: 'about:blank',
        title: 'Not Acceptable',
        detail: 'No offered media type is acceptable. Accept application/x-ndjson or text/csv.',
      });
    },
  );

  test('a violation precedes what is not acceptable', async () => {
    expect((await get('image/png', exportPath({ limit: 0 }))).status).toBe(400);
  });
});

describe('HEAD', () => {
  test.each([undefined, 'text/csv'])(
    'answers like GET without a body and without the next link, for %s',
    async (accept) => {
      await createTicket(api, partner, newTicket);
      await createTicket(api, partner, newTicket);
      const path = exportPath({ limit: 1 });
      const headers = accept === undefined ? undefined : { accept };
      const response = await api.request('HEAD', path, {
        as: partner,
        ...(headers && { headers }),
      });
      const ofGet = await get(accept, path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
      for (const name of ['content-type', 'vary', 'cache-control']) {
        expect(response.headers.get(name), name).toBe(ofGet.headers.get(name));
      }
      const next = /^<[^>]+>; rel="next", /;
      const link = ofGet.headers.get('link') ?? '';
      expect(link).toMatch(next);
      expect(response.headers.get('link')).toBe(link.replace(next, ''));
    },
  );
});

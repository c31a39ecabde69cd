import { beforeEach, describe, expect, test } from 'vitest';
import { violationsOf } from '../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import {
  EXPORT,
  exportPath,
  linesOf,
  nextOf,
  TICKET_EXPORT,
  writePickedUpTickets,
  writeTickets,
} from '../../support/exports.ts';
import { CUSTOMER, createTicket, PRODUCT, putLine, ticketPath } from '../../support/tickets.ts';

beforeEach(makeApiAndPartner);

const OTHER = 'a1fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

const send = (path: string, accept = 'text/csv') =>
  api.request('GET', path, { as: partner, headers: { accept } });

/** Creates a ticket with two lines, of which the one that is put first comes last. */
async function makeTicket(): Promise<string> {
  const { id } = await createTicket(api, partner);
  await putLine(api, partner, id, PRODUCT, 3);
  await putLine(api, partner, id, OTHER, 2);
  return id;
}

/** Each export: its path, how it gets a ticket with two lines, many tickets, and the name of its file. */
const exports = [
  [EXPORT, makeTicket, writeTickets, 'prepared-tickets'],
  [
    TICKET_EXPORT,
    async () => {
      const id = await makeTicket();
      await api.post(`${ticketPath(id)}/pick-up`, partner, { customer_id: CUSTOMER });
    },
    writePickedUpTickets,
    'tickets',
  ],
] as const;

describe.each(exports)('%s', (path, makeOne, writeMany, fileName) => {
  const get = (query: Record<string, string | number> = {}, accept?: string) =>
    send(exportPath(query, path), accept);
  const linesIn = async (response: Response) => (await response.text()).split('\r\n');

  test('columns=product_lines adds the lines to CSV as a last column in JSON, ordered by product_id', async () => {
    await makeOne();
    const plain = await linesIn(await get());
    const [head, record, ...rest] = await linesIn(await get({ columns: 'product_lines' }));
    expect(head).toBe(`${plain[0]},product_lines`);
    const field = `[{""product_id"":""${OTHER}"",""quantity"":2},{""product_id"":""${PRODUCT}"",""quantity"":3}]`;
    expect(record).toBe(`${plain[1]},"${field}"`);
    expect(rest).toEqual(['']);
  });

  test('columns=product_lines has an empty list for a ticket without lines', async () => {
    await writeMany(partner, 1);
    expect((await linesIn(await get({ columns: 'product_lines' })))[1]).toMatch(/,\[\]$/);
  });

  test('header=false leaves the header line out, also without a ticket', async () => {
    const without = await get({ header: 'false' });
    expect([without.status, await without.text()]).toEqual([200, '']);
    await makeOne();
    const [, ...records] = await linesIn(await get());
    expect(await linesIn(await get({ header: 'false' }))).toEqual(records);
  });

  test('columns and header have no effect on NDJSON', async () => {
    await makeOne();
    const query = { columns: 'product_lines', header: 'false' };
    const chosen = await linesOf(await get(query, 'application/x-ndjson'));
    expect(chosen).toHaveLength(1);
    expect(chosen).toEqual(await linesOf(await get({}, 'application/x-ndjson')));
  });

  test('columns and header stay in the link to the next page, whose cursor is valid without them too', async () => {
    await writeMany(partner, 3);
    const query = { columns: 'product_lines', header: 'false', limit: 1 };
    const next = nextOf(await get(query)) as string;
    const { after, ...kept } = Object.fromEntries(new URLSearchParams(next.split('?')[1]));
    expect(kept).toEqual({ ...query, limit: '1' });
    const second = await linesIn(await send(next));
    expect(second).toEqual([expect.stringMatching(/,\[\]$/), '']);
    const [head, record] = await linesIn(await get({ limit: 1, after: after as string }));
    expect(head).toMatch(/^id,/);
    expect(`${record},[]`).toBe(second[0]);
  });

  test.each([
    ['columns=vin', 'columns invalid_format'],
    ['columns=product_lines,vin', 'columns invalid_format'],
    ['columns=', 'columns empty_parameter'],
    ['columns=product_lines&columns=product_lines', 'columns repeated_parameter'],
    ['header=true', 'header invalid_format'],
    ['header=FALSE', 'header invalid_format'],
    ['header=', 'header empty_parameter'],
    ['header=false&header=false', 'header repeated_parameter'],
  ])('%s is the violation %s, whatever the format', async (query, violation) => {
    for (const accept of ['text/csv', 'application/x-ndjson']) {
      const response = await send(`${path}?${query}`, accept);
      expect(response.status).toBe(400);
      expect(await violationsOf(response)).toEqual([violation]);
    }
  });

  test.each([
    ['text/csv', 'csv'],
    ['application/x-ndjson', 'ndjson'],
  ])(
    '%s is to be saved in a file, which a web page of another origin can name',
    async (accept, extension) => {
      const { headers } = await get({}, accept);
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="${fileName}.${extension}"`,
      );
      expect(headers.get('access-control-expose-headers')?.split(',')).toContain(
        'Content-Disposition',
      );
    },
  );
});

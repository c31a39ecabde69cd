import { afterEach, beforeEach, expect, test } from 'vitest';
import { repairCounts } from '../../../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { everywhere } from '../../../support/homes.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { deletionOf, order, outcomesOf, type SyncResult, sync } from '../../../support/syncs.ts';

/**
 * D1 stores no value of more than 2,000,000 bytes, and a sync keeps its plan as one value. The local runtime has no such
 * limit, so a trigger has it here.
 */

/** The most orders of a sync, and the most lines of a ticket and of the orders of a sync, for each. */
const [ORDERS, LINES, LINES_OF_ORDER] = [500, 50, 4];
/** The quantity whose text is longest. */
const quantity = 2 ** 31 - 1;

/** The longest references: 255 characters, of which each takes six bytes in JSON. */
const references = Array.from({ length: ORDERS }, (_, i) => String(i).padEnd(255, '\u0001'));

beforeEach(makeApiAndPartner);
beforeEach(() =>
  everywhere(`CREATE TRIGGER limit_values BEFORE INSERT ON idempotency_keys
    WHEN octet_length(NEW.result) > 2000000
    BEGIN SELECT RAISE(ABORT, 'string or blob too big'); END`),
);
afterEach(() => everywhere('DROP TRIGGER limit_values'));

const productIdOf = (i: number) => `22222222-2222-4222-8222-${String(i).padStart(12, '0')}`;
const lines = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ product_id: productIdOf(first + i), quantity }));

/** Gives each ticket the lines that it may have in addition to those of its order. */
async function addLines(): Promise<void> {
  await everywhere(
    `WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)
     INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
     SELECT ticket_number, format('22222222-2222-4222-8222-%012d', i), partner_id, created_at, ?3
     FROM prepared_tickets CROSS JOIN n`,
    LINES_OF_ORDER,
    LINES,
    quantity,
  );
  for (const statement of repairCounts) {
    await everywhere(statement);
  }
}

test('creates, replaces and deletes 500 tickets with the longest references and 25,000 lines', async () => {
  const syncAll = async (values: object) => {
    const items = references.map((reference) => order(reference, values));
    const results = await sync(api, partner, ...items);
    return { outcomes: new Set(outcomesOf(results)), last: results.at(-1) as SyncResult };
  };
  const created = await syncAll({ product_lines: lines(0, LINES_OF_ORDER) });
  expect(created.outcomes).toEqual(new Set(['201 changed']));
  await addLines();
  const changed = await syncAll({ vin: 'JH4KA7630PC007649' });
  expect(changed.outcomes).toEqual(new Set(['200 changed']));
  const preparer_external_reference = references.at(-1);
  expect(changed.last).toMatchObject({
    preparer_external_reference,
    prepared_ticket: { preparer_external_reference, product_lines: lines(0, LINES) },
  });
  const fewer = await syncAll({ product_lines: lines(LINES - 1, LINES_OF_ORDER) });
  expect(fewer.last).toMatchObject({
    changed: true,
    prepared_ticket: { product_lines: lines(LINES - 1, LINES_OF_ORDER) },
  });
  await expectExactCounts();
  const deleted = outcomesOf(await sync(api, partner, ...references.map(deletionOf)));
  expect(new Set(deleted)).toEqual(new Set(['204 changed']));
});

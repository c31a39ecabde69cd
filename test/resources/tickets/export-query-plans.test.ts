import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import {
  EXPORT,
  exportPath,
  linesOf,
  nextOf,
  TICKET_EXPORT,
  writePickedUpTickets,
  writeTickets,
} from '../../support/exports.ts';
import { PICKED_UP } from '../../support/picked-up-tickets.ts';
import { expectSearches, ListeningD1 } from '../../support/query-plans.ts';
import { CUSTOMER, PRODUCT, putLine } from '../../support/tickets.ts';

const d1 = new ListeningD1();
const shared = new TestApi({ DB: d1.db });

beforeEach(async () => {
  await makePartnerOf(shared);
  // The pages of each filter are more than one, so that the second one begins after a cursor.
  for (const { id } of (await writeTickets(partner, 12)).slice(0, 2)) {
    await putLine(api, partner, id, PRODUCT);
  }
  await writePickedUpTickets(partner, 12);
  // The credentials are looked up before any statement of an export.
  await api.get(PICKED_UP, partner);
});

const reference = { preparer_external_reference: 'REFERENCE_1' };
const customer = { customer_id: CUSTOMER };
const since = '2020-01-01T00:00:00Z';

/** The filters, and whether SQLite chooses among the paths of several, for which it sorts their costs. */
test.each<[path: string, query: Record<string, string>, chooses?: boolean]>([
  [EXPORT, {}],
  [EXPORT, { created_after: since }],
  [EXPORT, customer],
  [EXPORT, { vin: '' }],
  [EXPORT, reference],
  [EXPORT, { product_id: PRODUCT, created_after: since }],
  [EXPORT, { ...customer, ...reference, vin: '' }, true],
  [TICKET_EXPORT, {}],
  [TICKET_EXPORT, { picked_up_after: since }],
  [TICKET_EXPORT, customer],
  [TICKET_EXPORT, reference],
  [TICKET_EXPORT, { ...customer, ...reference, picked_up_after: since }, true],
  [TICKET_EXPORT, { ticket_number: '3' }],
])('%s with %j searches an index, in its order', async (path, query, chooses = false) => {
  const lines = path === EXPORT ? 'product_lines' : 'ticket_lines';
  let next: string | undefined = exportPath({ ...query, limit: 1 }, path);
  for (let page = 1; page <= 2 && next !== undefined; page++) {
    d1.statements.length = 0;
    const response = await api.get(next, partner);
    const tickets = await linesOf(response);
    next = nextOf(response);
    const { searches, sorts } = await expectSearches(d1.statements, `${path} ${page}`);
    expect(sorts.length, sorts.join('; ')).toBeLessThanOrEqual(chooses ? 2 : 0);
    const ofLines = searches.filter((step) => step.startsWith(`SEARCH ${lines} USING PRIMARY`));
    // This search finds the lines of a ticket in the order of their products.
    const inOrder = `SEARCH ${lines} USING PRIMARY KEY (partner_id=? AND ticket_number=?)`;
    expect(ofLines.length > 0 && ofLines.every((step) => step.startsWith(inOrder))).toBe(
      tickets.length > 0,
    );
  }
});

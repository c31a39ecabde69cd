import { beforeEach, expect, test } from 'vitest';
import type { FilterName } from '../../../../src/resources/tickets/tickets/filters.ts';
import { TestApi } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { PICKED_UP } from '../../../support/picked-up-tickets.ts';
import { expectSearches, ListeningD1 } from '../../../support/query-plans.ts';
import { CUSTOMER } from '../../../support/tickets.ts';

const d1 = new ListeningD1();
const shared = new TestApi({ DB: d1.db });

beforeEach(async () => {
  await makePartnerOf(shared);
  await api.get(PICKED_UP, partner);
});

const filters = Object.entries({
  customer_id: CUSTOMER,
  picked_up_after: '2026-03-01T12:00:00Z',
  picked_up_before: '2026-03-02T12:00:00Z',
  preparer_external_reference: 'A',
  ticket_number: '7',
} satisfies Record<FilterName, string>);

test.each(
  Array.from({ length: 2 ** filters.length }, (_, bits) =>
    filters.filter((_entry, i) => bits & (1 << i)),
  ).map((chosen) => [chosen.map(([name]) => name).join(', '), chosen] as const),
)('the list with the filters [%s] searches an index', async (_names, chosen) => {
  const paths = chosen.filter(([name]) => !name.startsWith('picked_up_'));
  const isCounted = paths.length === 0 || (paths.length === 1 && paths[0]?.[0] === 'customer_id');
  for (const offset of [0, 40]) {
    d1.statements.length = 0;
    const page = new URLSearchParams([...chosen, ['offset', String(offset)]]);
    expect((await api.get(`${PICKED_UP}?${page}`, partner)).status).toBe(200);
    const { searches, sorts } = await expectSearches(d1.statements, `${page}`);
    expect(searches.length).toBeGreaterThan(0);
    const isChosen = paths.length > 1 && !page.has('ticket_number');
    expect(sorts.length).toBeLessThanOrEqual(isCounted ? Number(offset > 0) : isChosen ? 4 : 1);
  }
});

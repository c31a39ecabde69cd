import { afterEach, beforeEach, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { deletionOf, order, outcomesOf, sync } from '../../../support/syncs.ts';

beforeEach(makeApiAndPartner);

afterEach(() => expectExactCounts());

test('smoke', async () => {
  expect(outcomesOf(await sync(api, partner, order('A'), order('B'), deletionOf('C')))).toEqual([
    '201 changed',
    '201 changed',
    '204',
  ]);
  const r = await sync(
    api,
    partner,
    order('A'),
    order('B', { vin: 'jh4ka7630pc007649' }),
    deletionOf('C'),
    order('D', { vin: 'x' }),
    null,
    {},
    order('A', { deleted: 'x' }),
  );
});

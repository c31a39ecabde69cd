import { beforeEach, describe, expect, test } from 'vitest';
import { START, TICKETS } from '../../../support/api.ts';
import { api, makeApiAndPartner, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  createTicket,
  expectViolations,
  listTickets,
  type TicketList,
} from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

/** The milliseconds after START of the tickets that a query finds. */
async function found(query: Record<string, string>): Promise<number[]> {
  const { result, total } = await listTickets(api, partner, query);
  expect(total).toBe(result.length);
  return result.map(({ created_at }) => Date.parse(created_at) - START);
}

describe('created_after and created_before', () => {
  beforeEach(async () => {
    for (const time of [-1, 0, 1]) {
      api.now = START + time;
      await createTicket(api, partner);
    }
  });

  test('are both exclusive to the millisecond', async () => {
    expect(await found({ created_after: '2026-03-01T11:59:59.998Z' })).toEqual([1, 0, -1]);
    expect(await found({ created_after: '2026-03-01T11:59:59.999Z' })).toEqual([1, 0]);
    expect(await found({ created_after: '2026-03-01T12:00:00Z' })).toEqual([1]);
    expect(await found({ created_after: '2026-03-01T12:00:00.001Z' })).toEqual([]);
    expect(await found({ created_before: '2026-03-01T12:00:00.002Z' })).toEqual([1, 0, -1]);
    expect(await found({ created_before: '2026-03-01T12:00:00.001Z' })).toEqual([0, -1]);
    expect(await found({ created_before: '2026-03-01T12:00:00Z' })).toEqual([-1]);
    expect(await found({ created_before: '2026-03-01T11:59:59.999Z' })).toEqual([]);
  });

  test('apply together, even if no time lies between them', async () => {
    const between = (created_after: string, created_before: string) =>
      found({ created_after, created_before });
    expect(await between('2026-03-01T11:59:59.999Z', '2026-03-01T12:00:00.001Z')).toEqual([0]);
    expect(await between('2026-03-01T12:00:00Z', '2026-03-01T12:00:00.001Z')).toEqual([]);
    expect(await between('2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z')).toEqual([]);
    expect(await between('2027-01-01T00:00:00Z', '2025-01-01T00:00:00Z')).toEqual([]);
    expect(await between('0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z')).toEqual([1, 0, -1]);
  });

  test('are exact even between two milliseconds', async () => {
    expect(await found({ created_after: '2026-03-01T11:59:59.9999Z' })).toEqual([1, 0]);
    expect(await found({ created_after: '2026-03-01T12:00:00.0000001Z' })).toEqual([1]);
    expect(await found({ created_before: '2026-03-01T12:00:00.0000001Z' })).toEqual([0, -1]);
    expect(await found({ created_before: '2026-03-01T12:00:00.0000000Z' })).toEqual([-1]);
    expect(await found({ created_before: '2026-03-01T11:59:59.9999Z' })).toEqual([-1]);
  });

  test('split the tickets at midnight, UTC', async () => {
    await makePartnerOf(api);
    for (const time of [-43_200_001, -43_200_000, 0, 43_199_999, 43_200_000]) {
      api.now = START + time;
      await createTicket(api, partner);
    }
    const midnight = '2026-03-01T00:00:00Z';
    expect(await found({ created_before: midnight })).toEqual([-43_200_001]);
    expect(
      await found({ created_after: midnight, created_before: '2026-03-02T00:00:00Z' }),
    ).toEqual([43_199_999, 0]);
    expect(await found({ created_after: '2026-03-01T23:59:59.999Z' })).toEqual([43_200_000]);
  });
});

describe.each(['created_after', 'created_before'])('%s', (name) => {
  test.each([
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00.5Z', '2026-03-01T12:00:00.500Z'],
    ['2026-03-01T14:00:00%2B02:00', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T06:30:00-05:30', '2026-03-01T12:00:00.000Z'],
    ['2026-02-28T23:00:00-13:00', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00-00:00', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01%2012:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('accepts %s and echoes it as %s', async (sent, echoed) => {
    const response = await api.get(`${TICKETS}?${name}=${sent}`, partner);
    expect((await response.json<TicketList>()).query).toEqual({
      limit: 25,
      offset: 0,
      [name]: echoed,
    });
  });

  test.each([
    ['no zone', '2026-03-01T12:00:00'],
    ['no time', '2026-03-01'],
    ['no seconds', '2026-03-01T12:00Z'],
    ['a plus that is not encoded', '2026-03-01T12:00:00+02:00'],
    ['30 February', '2026-02-30T00:00:00Z'],
    ['29 February of no leap year', '2026-02-29T00:00:00Z'],
    ['31 April', '2026-04-31T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['day 0', '2026-03-00T00:00:00Z'],
    ['24:00', '2026-03-01T24:00:00Z'],
    ['minute 60', '2026-03-01T12:60:00Z'],
    ['a leap second that never can be', '2026-03-01T12:00:60Z'],
    ['second 61', '2016-12-31T23:59:61Z'],
    ['an offset of 24 hours', '2026-03-01T12:00:00%2B24:00'],
    ['an offset without minutes', '2026-03-01T12:00:00%2B02'],
    ['a basic form', '20260301T120000Z'],
    ['a week date', '2026-W09-7T12:00:00Z'],
    ['milliseconds since 1970', '1772366400000'],
    ['words', 'yesterday'],
    ['five digits of a year', '12026-03-01T12:00:00Z'],
    ['a comma for the fraction', '2026-03-01T12:00:00,5Z'],
    ['no digit of a fraction', '2026-03-01T12:00:00.Z'],
    ['white space around it', '%202026-03-01T12:00:00Z'],
  ])('rejects %s', async (_what, sent) => {
    const response = await api.get(`${TICKETS}?${name}=${sent}`, partner);
    await expectViolations(response, [`query ${name} invalid_format`]);
  });

  test.each([['0000-01-01T00:00:00%2B00:01'], ['9999-12-31T23:59:59-00:01']])(
    'rejects %s, whose year in UTC does not have four digits',
    async (sent) => {
      const response = await api.get(`${TICKETS}?${name}=${sent}`, partner);
      await expectViolations(response, [`query ${name} out_of_range`]);
    },
  );
});

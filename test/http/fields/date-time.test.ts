import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dateTimeParameter,
  formatDateTime,
  parseDateTime,
} from '../../../src/http/fields/date-time.ts';

const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
const instants = fc.integer({ min: FIRST, max: LAST });

/** Returns an instant as a date-time with an offset in minutes. */
function writtenAt(milliseconds: number, offset: number): string {
  const local = formatDateTime(milliseconds + offset * 60_000).slice(0, -1);
  const minutes = Math.abs(offset);
  const part = (value: number) => String(value).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${local}${sign}${part(Math.floor(minutes / 60))}:${part(minutes % 60)}`;
}

describe('parseDateTime', () => {
  test.each([
    ['2019-08-24T14:15:22Z', '2019-08-24T14:15:22.000Z'],
    ['2019-08-24T14:15:22.1Z', '2019-08-24T14:15:22.100Z'],
    ['2019-08-24T14:15:22.12Z', '2019-08-24T14:15:22.120Z'],
    ['2019-08-24T14:15:22.123Z', '2019-08-24T14:15:22.123Z'],
    ['2019-08-24t14:15:22z', '2019-08-24T14:15:22.000Z'],
    ['2019-08-24 14:15:22Z', '2019-08-24T14:15:22.000Z'],
    ['2019-08-24T14:15:22+00:00', '2019-08-24T14:15:22.000Z'],
    ['2019-08-24T14:15:22-00:00', '2019-08-24T14:15:22.000Z'],
    ['2019-08-24T00:15:22+02:00', '2019-08-23T22:15:22.000Z'],
    ['2019-08-24T14:15:22+23:59', '2019-08-23T14:16:22.000Z'],
    ['2019-12-31T23:15:22-05:30', '2020-01-01T04:45:22.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
    ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s as %s', (text, expected) => {
    const instant = parseDateTime(text);
    expect(formatDateTime(instant?.milliseconds as number)).toBe(expected);
    expect(instant?.exact).toBe(true);
  });

  test.each([
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2015-06-30T23:59:60Z', '2015-07-01T00:00:00.000Z'],
    ['2015-06-30T23:59:60.5Z', '2015-07-01T00:00:00.500Z'],
    ['2016-12-31T15:59:60-08:00', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T05:29:60+05:30', '2017-01-01T00:00:00.000Z'],
  ])('reads the leap second %s as the second that follows', (text, expected) => {
    expect(formatDateTime(parseDateTime(text)?.milliseconds as number)).toBe(expected);
  });

  test.each([
    ['2019-08-24T14:15:22.1234Z', 123, false],
    ['2019-08-24T14:15:22.9999Z', 999, false],
    ['2019-08-24T14:15:22.000000000001Z', 0, false],
    ['2019-08-24T14:15:22.123000000000Z', 123, true],
    [`2019-08-24T14:15:22.${'0'.repeat(500)}Z`, 0, true],
  ])(
    'truncates %s to the millisecond and reports whether it was exact',
    (text, fraction, exact) => {
      const milliseconds = Date.parse('2019-08-24T14:15:22Z') + fraction;
      expect(parseDateTime(text)).toEqual({ milliseconds, exact });
    },
  );

  test.each([
    ['an empty text', ''],
    ['a date-time without an offset', '2019-08-24T14:15:22'],
    ['a date without a time', '2019-08-24'],
    ['a time without seconds', '2019-08-24T14:15Z'],
    ['a date-time without separators', '20190824T141522Z'],
    ['an offset without a colon', '2019-08-24T14:15:22+0200'],
    ['an offset without minutes', '2019-08-24T14:15:22+02'],
    ['an offset of 24 hours', '2019-08-24T14:15:22+24:00'],
    ['an offset of 60 minutes', '2019-08-24T14:15:22+01:60'],
    ['a typographic minus sign', '2019-08-24T14:15:22\u221202:00'],
    ['a time zone name', '2019-08-24T14:15:22 UTC'],
    ['two offsets', '2019-08-24T14:15:22Z+02:00'],
    ['month 0', '2019-00-24T14:15:22Z'],
    ['month 13', '2019-13-24T14:15:22Z'],
    ['day 0', '2019-08-00T14:15:22Z'],
    ['day 32', '2019-08-32T14:15:22Z'],
    ['30 February', '2019-02-30T14:15:22Z'],
    ['29 February outside a leap year', '2019-02-29T14:15:22Z'],
    ['29 February 1900', '1900-02-29T14:15:22Z'],
    ['31 June', '2019-06-31T14:15:22Z'],
    ['hour 24', '2019-08-24T24:00:00Z'],
    ['minute 60', '2019-08-24T14:60:22Z'],
    ['second 61', '2016-12-31T23:59:61Z'],
    ['second 60 in the middle of the day', '2016-12-31T12:59:60Z'],
    ['second 60 at the end of March', '2016-03-31T23:59:60Z'],
    ['second 60 at the end of a local day', '2016-12-31T23:59:60+01:00'],
    ['a comma before the fraction', '2019-08-24T14:15:22,5Z'],
    ['a decimal point without digits', '2019-08-24T14:15:22.Z'],
    ['leading whitespace', ' 2019-08-24T14:15:22Z'],
    ['a trailing line break', '2019-08-24T14:15:22Z\n'],
    ['two spaces instead of the T', '2019-08-24  14:15:22Z'],
    ['Arabic digits', '٢٠١٩-08-24T14:15:22Z'],
    ['a sign before the year', '+2019-08-24T14:15:22Z'],
    ['a year of five digits', '12019-08-24T14:15:22Z'],
    ['an hour of one digit', '2019-08-24T4:15:22Z'],
  ])('rejects %s', (_what, text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });

  test('parses the output of formatDateTime for every instant', () => {
    fc.assert(
      fc.property(instants, (milliseconds) => {
        const text = formatDateTime(milliseconds);
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(parseDateTime(text)).toEqual({ milliseconds, exact: true });
      }),
    );
  });

  test('parses the same instant with every offset', () => {
    const day = 86_400_000;
    const inside = fc.integer({ min: FIRST + day, max: LAST - day });
    const offsets = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(inside, offsets, (milliseconds, offset) => {
        expect(parseDateTime(writtenAt(milliseconds, offset))?.milliseconds).toBe(milliseconds);
      }),
    );
  });

  test('accepts exactly the days that exist according to Date', () => {
    const digits = (max: number, length: number) =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(length, '0'));
    fc.assert(
      fc.property(digits(9999, 4), digits(14, 2), digits(33, 2), (year, month, day) => {
        const text = `${year}-${month}-${day}T00:00:00.000Z`;
        const platform = new Date(text);
        const exists = !Number.isNaN(platform.getTime()) && platform.toISOString() === text;
        expect(parseDateTime(text) !== undefined).toBe(exists);
      }),
    );
  });

  test('never throws, for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\d:TZ.+-]{15,30}$/)),
        (text) => {
          parseDateTime(text);
        },
      ),
    );
  });
});

test('formatDateTime formats every instant of the years 0 to 9999 as Date does', () => {
  const first = Date.parse('0000-01-01T00:00:00Z');
  const last = Date.parse('9999-12-31T23:59:59.999Z');
  fc.assert(
    fc.property(fc.integer({ min: first, max: last }), (milliseconds) => {
      expect(formatDateTime(milliseconds)).toBe(new Date(milliseconds).toISOString());
    }),
  );
  for (const edge of [first, last, 0, -1, 86_399_999, 86_400_000]) {
    expect(formatDateTime(edge)).toBe(new Date(edge).toISOString());
  }
});

describe.each(['down', 'up'] as const)('a date-time parameter that rounds %s', (round) => {
  test.each([
    '9999-12-31T23:59:59.9999Z',
    '0000-01-01T00:00:00.0001Z',
    `2019-08-24T14:15:22.${'1'.repeat(40)}Z`,
  ])('parses %s into an instant that can be formatted', (text) => {
    const { data } = dateTimeParameter(round).safeParse(text);
    expect(data).toBeTypeOf('number');
    expect(parseDateTime(formatDateTime(data as number))?.milliseconds).toBe(data);
  });
});

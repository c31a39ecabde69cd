import { z } from '@hono/zod-openapi';
import type { ViolationCode } from '../../problems/violation-codes.ts';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const MINUTE_MS = 60_000;
/** The first and the last instant with a year of four digits in UTC, in milliseconds since 1970. */
const FIRST_INSTANT_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** An instant with a precision of one millisecond. */
export interface Instant {
  /** Milliseconds since 1970 in UTC. Further digits of the text are truncated, not rounded. */
  readonly milliseconds: number;
  /** Whether truncation lost nothing, because the text had no non-zero digits beyond milliseconds. */
  readonly exact: boolean;
}

/**
 * Returns whether second 60 of a minute can be a leap second. Leap seconds occur only at the end of June
 * and of December in UTC (RFC 3339 §5.7).
 *
 * @param minuteStart milliseconds since 1970.
 */
function isLeapSecond(minuteStart: number): boolean {
  const next = new Date(minuteStart + MINUTE_MS);
  return (
    next.getTime() % 86_400_000 === 0 && next.getUTCDate() === 1 && next.getUTCMonth() % 6 === 0
  );
}

/**
 * Parses an RFC 3339 §5.6 date-time. A leap second is parsed as the second that follows it.
 *
 * @returns undefined if the text has another form or names a date or time that does not exist.
 */
export function parseDateTime(text: string): Instant | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match.slice(7);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 &&
    Number(offsetHour) <= 23 &&
    Number(offsetMinute) <= 59;
  if (!exists) {
    return undefined;
  }
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const minuteStart = date.getTime() + (hour * 60 + minute - offset) * MINUTE_MS;
  if (second === 60 && !isLeapSecond(minuteStart)) {
    return undefined;
  }
  return {
    milliseconds: minuteStart + second * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)),
    exact: /^0*$/.test(fraction.slice(3)),
  };
}

/** The schema in the document of what `formatDateTime` returns. */
export const dateTimeSchema = { format: 'date-time' } as const;

const DAY_MS = 24 * 60 * MINUTE_MS;
/**
 * The day that was formatted last, and its text. Most times of a page fall on the same day, and creating
 * a `Date` costs more than the rest of the formatting.
 */
let lastDay: number | undefined;
let lastDate = '';

const digits = (value: number, length: number) => String(Math.floor(value)).padStart(length, '0');

/**
 * Formats an instant as an RFC 3339 date-time in UTC with milliseconds.
 *
 * @param milliseconds milliseconds since 1970, within the years 0 to 9999.
 * @example formatDateTime(1_566_656_122_000) // '2019-08-24T14:15:22.000Z'
 */
export function formatDateTime(milliseconds: number): string {
  const day = Math.floor(milliseconds / DAY_MS);
  if (day !== lastDay) {
    lastDay = day;
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
  }
  const time = milliseconds - day * DAY_MS;
  const hours = digits(time / (60 * MINUTE_MS), 2);
  const minutes = digits((time / MINUTE_MS) % 60, 2);
  const seconds = digits((time / 1000) % 60, 2);
  return `${lastDate}${hours}:${minutes}:${seconds}.${digits(time % 1000, 3)}Z`;
}

/** Returns a zod schema that parses a date-time of the years 0 to 9999 into milliseconds since 1970. */
function dateTime(expected: string, round: 'down' | 'up') {
  return z.string({ error: expected }).transform((text, context) => {
    const refuse = (code: ViolationCode) => {
      context.addIssue({ code: 'custom', message: expected, params: { code } });
      return z.NEVER;
    };
    const instant = parseDateTime(text);
    if (instant === undefined) {
      return refuse('invalid_format');
    }
    const { milliseconds, exact } = instant;
    if (milliseconds < FIRST_INSTANT_MS || milliseconds > LAST_INSTANT_MS) {
      return refuse('out_of_range');
    }
    // Rounding up must not leave the supported years, so it stops at their last millisecond.
    return round === 'up' && !exact ? Math.min(milliseconds + 1, LAST_INSTANT_MS) : milliseconds;
  });
}

/**
 * Returns a zod schema for a date-time parameter that bounds a range. It parses into milliseconds since
 * 1970. Times are stored to the millisecond, so a bound between two milliseconds has to be rounded.
 *
 * @param round the direction in which rounding does not change which times are within the bound.
 */
export function dateTimeParameter(round: 'down' | 'up') {
  return dateTime(
    'Send a valid RFC 3339 date-time with its offset, for example 2019-08-24T14:15:22Z. Write the plus sign of an offset as %2B.',
    round,
  ).openapi({ type: 'string', format: 'date-time' });
}

/**
 * Returns a zod schema for a member of a JSON body that is a date-time or null. It parses a date-time
 * into milliseconds since 1970, truncated to the millisecond.
 */
export function dateTimeMember() {
  return dateTime(
    'Send a valid RFC 3339 date-time with its offset, for example 2019-08-24T14:15:22Z, or send null.',
    'down',
  )
    .nullable()
    .openapi({ type: ['string', 'null'], format: 'date-time' });
}

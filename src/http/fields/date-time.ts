import { z } from '@hono/zod-openapi';
import type { ViolationCode } from '../../problems/catalogue.ts';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const MINUTE = 60_000;
/** The instants that four digits of a year can name, in UTC. */
const FIRST = Date.parse('0000-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** An instant to the millisecond; `exact` is false when the text had more digits than that. */
export interface Instant {
  /** Milliseconds since 1970, UTC; cut, not rounded. */
  readonly milliseconds: number;
  readonly exact: boolean;
}

/** Leap seconds are the last of June or December, UTC; they are read as the second that follows. */
function isLeapSecond(minuteStart: number): boolean {
  const next = new Date(minuteStart + MINUTE);
  return (
    next.getTime() % 86_400_000 === 0 && next.getUTCDate() === 1 && next.getUTCMonth() % 6 === 0
  );
}

/** Parses a date-time of RFC 3339 §5.6; undefined when it has another form or does not exist. */
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
  const minuteStart = date.getTime() + (hour * 60 + minute - offset) * MINUTE;
  if (second === 60 && !isLeapSecond(minuteStart)) {
    return undefined;
  }
  return {
    milliseconds: minuteStart + second * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)),
    exact: /^0*$/.test(fraction.slice(3)),
  };
}

/** What the document says of `formatDateTime`. */
export const dateTimeSchema = { format: 'date-time' } as const;

const DAY = 24 * 60 * MINUTE;
/** The day formatted last: most times of a page share one, and a Date costs more than the rest. */
let lastDay: number | undefined;
let lastDate = '';

const digits = (value: number, length: number) => String(Math.floor(value)).padStart(length, '0');

/**
 * Milliseconds since 1970 as RFC 3339 in UTC with milliseconds: `2019-08-24T14:15:22.000Z`. For the
 * years 0 to 9999.
 */
export function formatDateTime(milliseconds: number): string {
  const day = Math.floor(milliseconds / DAY);
  if (day !== lastDay) {
    lastDay = day;
    lastDate = new Date(day * DAY).toISOString().slice(0, 11);
  }
  const time = milliseconds - day * DAY;
  const hours = digits(time / (60 * MINUTE), 2);
  const minutes = digits((time / MINUTE) % 60, 2);
  const seconds = digits((time / 1000) % 60, 2);
  return `${lastDate}${hours}:${minutes}:${seconds}.${digits(time % 1000, 3)}Z`;
}

/** A text that is a date-time, as milliseconds since 1970 within the years that four digits can name. */
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
    if (milliseconds < FIRST || milliseconds > LAST) {
      return refuse('out_of_range');
    }
    // Rounding up must not leave the last year: nothing is newer than its last millisecond.
    return round === 'up' && !exact ? Math.min(milliseconds + 1, LAST) : milliseconds;
  });
}

/**
 * A zod schema for a date-time parameter, in milliseconds since 1970. Tickets are stored to the
 * millisecond, so a bound between two milliseconds moves to the one that keeps its meaning.
 */
export function dateTimeParameter(round: 'down' | 'up') {
  return dateTime(
    'Send an existing date and time as of RFC 3339 with its offset, such as 2019-08-24T14:15:22Z; write the plus of an offset as %2B.',
    round,
  ).openapi({ type: 'string', format: 'date-time' });
}

/**
 * A zod schema for a date-time in a JSON body, or null, in milliseconds since 1970; cut to the
 * millisecond.
 */
export function dateTimeMember() {
  return dateTime(
    'Send an existing date and time as of RFC 3339 with its offset, such as 2019-08-24T14:15:22Z, or null.',
    'down',
  )
    .nullable()
    .openapi({ type: ['string', 'null'], format: 'date-time' });
}

/** The initial time of the test clock in milliseconds since 1970. */
export const START = Date.parse('2026-03-01T12:00:00.000Z');

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Returns a time in milliseconds since 1970 as the API writes it. */
export const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();

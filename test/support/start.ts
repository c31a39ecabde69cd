/** The initial time of the test clock in milliseconds since 1970. */
export const START = Date.parse('2026-03-01T12:00:00.000Z');

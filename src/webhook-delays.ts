/** The delays between the attempts of one event in Standard Webhooks, in seconds: 75 hours in all. */
export const STANDARD_DELAYS_S = [
  5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
] as const;

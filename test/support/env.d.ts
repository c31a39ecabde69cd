declare namespace Cloudflare {
  interface Env {
    /** The migrations under `drizzle/`, given to tests by vitest.config.ts. */
    MIGRATIONS: import('cloudflare:test').D1Migration[];
    /** How often a test of concurrent requests repeats its race, given by vitest.config.ts. */
    RACE_RUNS: string;
    /** A database without tables, given by vitest.config.ts. */
    DB_FRESH: D1Database;
  }
}

/** A file as text. */
declare module '*?raw' {
  const text: string;
  export = text;
}

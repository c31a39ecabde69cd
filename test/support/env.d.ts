declare namespace Cloudflare {
  interface Env {
    /** The migrations in `drizzle/`. vitest.config.ts sets this binding. */
    MIGRATIONS: import('cloudflare:test').D1Migration[];
    /** The guides in `docs/guides`, as they are written. vitest.config.ts sets this binding. */
    GUIDES: import('../../scripts/build/guides/guides.ts').GuideFiles;
    /** How often a test of concurrent requests repeats its race. vitest.config.ts sets this binding. */
    RACE_RUNS: string;
    /** A database without tables. vitest.config.ts sets this binding. */
    DB_FRESH: D1Database;
    /** The database of the home `eu`. vitest.config.ts sets this binding. */
    DB_EU: D1Database;
    /** The database of the home `main`, only with two homes. Then `DB` is the same database as `DB_EU`. */
    DB_MAIN?: D1Database;
  }
}

interface Env {
  /** A secret that the Worker reads if it is set. wrangler.toml names only required ones. */
  SCANNER_TOKEN?: string;
  /** The database of a home that the variable HOMES of a test names. */
  DB_EU?: D1Database;
}

/** The content of a file as text. */
declare module '*?raw' {
  const text: string;
  export = text;
}

interface ImportMeta {
  /** Returns the contents of the files that match a pattern as texts, by path. Vite replaces each call. */
  glob(
    pattern: string,
    options: { query: '?raw'; import: 'default'; eager: true },
  ): Record<string, string>;
}

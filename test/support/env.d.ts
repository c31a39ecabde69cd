declare namespace Cloudflare {
  interface Env {
    /** The migrations under `drizzle/`, given to tests by vitest.config.ts. */
    MIGRATIONS: import('cloudflare:test').D1Migration[];
  }
}

/** A file as text. */
declare module '*?raw' {
  const text: string;
  export = text;
}

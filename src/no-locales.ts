/** Stands in for zod's messages in 64 languages, which nothing here asks for (see `[alias]` in wrangler.toml). */
export {};

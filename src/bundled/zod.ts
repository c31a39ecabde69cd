/**
 * Replaces zod in the Worker. The `z` of zod is a namespace with all of its members, of which a bundler
 * cannot remove any, such as its messages in 64 languages.
 *
 * @see `[alias]` in wrangler.toml
 */
export * as z from './zod-members.ts';

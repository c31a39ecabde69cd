/**
 * Stands in for parts of zod that nothing here asks for, and that its one namespace would bring along
 * (see `[alias]` in wrangler.toml): messages in 64 languages, the compiler, which needs code that
 * Workers may not generate, and the reader of JSON Schema.
 */
export const fromJSONSchema = undefined;
export const INVALID = undefined;
export const compile = undefined;
export const withParser = undefined;
export const ZodCompileAsyncError = undefined;
export const ZodCompileUnsupportedError = undefined;

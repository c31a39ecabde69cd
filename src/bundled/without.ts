/**
 * Replaces parts of zod that this API does not use, but that the namespace import of zod would bundle:
 * messages in 64 languages, the compiler, which generates code and so cannot run on Workers, and the
 * JSON Schema reader.
 *
 * @see `[alias]` in wrangler.toml
 */
export const fromJSONSchema = undefined;
export const INVALID = undefined;
export const compile = undefined;
export const withParser = undefined;
export const ZodCompileAsyncError = undefined;
export const ZodCompileUnsupportedError = undefined;

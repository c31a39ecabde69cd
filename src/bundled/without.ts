/**
 * Replaces the JSON Schema writer of zod, which every schema has as a method. This API does not use it:
 * `@asteasolutions/zod-to-openapi` writes the document.
 *
 * @see `[alias]` in wrangler.toml
 */
export const toJSONSchema = undefined;
export const createToJSONSchemaMethod = () => undefined;
export const createStandardJSONSchemaMethod = () => undefined;

/**
 * Replaces the JSON Schema writer of zod, which every schema has as a method, and of drizzle the columns of
 * PostgreSQL and the relational queries. This API uses none of them: `@asteasolutions/zod-to-openapi` writes the
 * document, the database is SQLite, and the repositories write their joins themselves.
 *
 * @see `[alias]` in wrangler.toml
 */
export const toJSONSchema = undefined;
export const createToJSONSchemaMethod = () => undefined;
export const createStandardJSONSchemaMethod = () => undefined;
export const isPgEnum = () => false;
export const getOperators = undefined;
export const getOrderByOperators = undefined;
export const Many = undefined;
export const normalizeRelation = undefined;
export const One = undefined;

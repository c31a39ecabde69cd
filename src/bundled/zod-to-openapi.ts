/**
 * Replaces `@asteasolutions/zod-to-openapi` in the Worker. Only the build writes the document, so the
 * Worker does not need the generators.
 *
 * @see `[alias]` in wrangler.toml
 */
export {
  extendZodWithOpenApi,
  getOpenApiMetadata,
  OpenAPIRegistry,
  // @ts-expect-error The package has types only for its name, which the alias replaces.
} from '../../node_modules/@asteasolutions/zod-to-openapi/dist/index.mjs';
export const OpenApiGeneratorV3 = undefined;
export const OpenApiGeneratorV31 = undefined;

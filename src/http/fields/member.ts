import type { z } from '@hono/zod-openapi';
import { type ReadOnlyMember, readOnly, withDefault } from './object.ts';

/** The schemas of a member in responses and in requests. */
interface Schemas<R extends z.ZodType, S extends z.ZodType> {
  readonly response: R;
  readonly request: S;
}

/**
 * Returns a member of a resource: its schemas in responses and requests, with the same description.
 *
 * @param schemas the two schemas, and what else the resource tells of the member.
 */
export function member<R extends z.ZodType, S extends z.ZodType, const More>(
  description: string,
  { response, request, ...more }: Schemas<R, S> & More,
) {
  return {
    ...(more as Omit<More, keyof Schemas<R, S>>),
    description,
    response: response.openapi({ description }),
    request: request.openapi({ description }),
  };
}

/**
 * Returns a member that only the server sets. Its value in a request is ignored.
 *
 * @param form the schema of the member in the document.
 */
export function readOnlyMember<R extends z.ZodType, const E = undefined>(
  description: string,
  { response, form, example }: { response: R; form: ReadOnlyMember; example?: E },
) {
  return {
    writable: 'never' as const,
    example: example as E,
    description,
    response: response.openapi({ ...form, type: form.type as 'string' | 'integer', description }),
    request: readOnly(description, form),
  };
}

/**
 * Returns the schema in requests of a member that a creation may leave out.
 *
 * @param standard the default value.
 * @param shown the default value in the description.
 */
export function optional<S extends z.ZodType>(
  { description, request }: { readonly description: string; readonly request: S },
  standard: z.output<S>,
  shown: string = String(standard),
) {
  return withDefault(request, standard, `${description} Default: ${shown}.`);
}

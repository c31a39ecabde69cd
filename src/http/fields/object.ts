import { z } from '@hono/zod-openapi';

/**
 * A zod schema for a JSON body that has these members and no other: a typo must not be lost silently.
 *
 * @param what the object is, for the sentence of a violation.
 */
export function bodyOf<S extends z.ZodRawShape>(shape: S, what = 'the body') {
  const members = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `Leave this member out; ${what} has ${members}.`
        : 'Send a JSON object.',
  });
}

/**
 * A zod schema for a query that has these parameters and no other. They stand in alphabetical order,
 * because generated clients may take them by position.
 */
export function queryOf<S extends z.ZodRawShape>(shape: S) {
  const names = Object.keys(shape).sort();
  const parameters = names.join(', ');
  return z.strictObject(pick(shape, names) as S, {
    error: () => `Leave this parameter out; the operation knows ${parameters}.`,
  });
}

/** What the document says of a member that only responses set. */
export interface ReadOnlyMember {
  readonly type: 'string' | 'integer' | readonly ['string', 'null'];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * A zod schema for a member that the server sets. A request may repeat it, and any value is ignored.
 * The document still gives it the type of the response, so that generated clients can send back what
 * they read.
 */
export function readOnly(description: string, { type, ...schema }: ReadOnlyMember) {
  return z
    .unknown()
    .optional()
    .openapi({
      type: typeof type === 'string' ? type : [...type],
      ...schema,
      description: `Read-only: ignored, so that what was read can be sent back. ${description}`,
    });
}

/**
 * A zod schema for an optional member with a default, which the document prints in the description.
 * As the keyword `default` it would make generators treat the member as always present, and require
 * it in requests.
 *
 * @param schema the member, with its description.
 */
export function withDefault<S extends z.ZodType>(
  schema: S,
  standard: z.output<S>,
  description: string,
) {
  return schema
    .optional()
    .transform((value) => (value === undefined ? standard : value) as z.output<S>)
    .openapi({ description });
}

/**
 * Returns one part of each entry of a table, under the name of the entry.
 *
 * @example partOf({ vin: { parameter, echo } }, 'echo') // { vin: echo }
 */
export function partOf<P extends string, T extends Readonly<Record<string, Record<P, unknown>>>>(
  table: T,
  part: P,
) {
  const parts = Object.entries(table).map(([name, entry]) => [name, entry[part]]);
  return Object.fromEntries(parts) as { [N in keyof T]: T[N][P] };
}

/** Returns the named members of an object, in the order of the names. */
export function pick<T extends object, N extends keyof T>(
  members: T,
  names: readonly N[],
): Pick<T, N> {
  return Object.fromEntries(names.map((name) => [name, members[name]])) as Pick<T, N>;
}

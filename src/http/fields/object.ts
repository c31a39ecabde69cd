import { z } from '@hono/zod-openapi';

/**
 * Returns a zod schema for a JSON body with these members. It rejects all others, so that a misspelled
 * member name is not ignored silently.
 *
 * @param what the name of the object in the detail of a violation.
 */
export function bodyOf<S extends z.ZodRawShape>(shape: S, what = 'the body') {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `Leave this member out. The reference of the operation lists the members of ${what}.`
        : 'Send a JSON object.',
  });
}

/**
 * Returns a zod schema for a query with these parameters. It rejects all others. The parameters are in
 * alphabetical order, which stays stable when the code is reordered: generated clients may take them by
 * position.
 */
export function queryOf<S extends z.ZodRawShape>(shape: S) {
  const names = Object.keys(shape).sort();
  return z.strictObject(pick(shape, names) as S, {
    error: () =>
      'Leave this parameter out. The reference of the operation lists those that it accepts.',
  });
}

/** The schema in the document of a member that only the server sets. */
export interface ReadOnlyMember {
  readonly type: 'string' | 'integer' | readonly ['string', 'null'];
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * Returns a zod schema for a request member that only the server sets. It accepts and ignores any value.
 * In the document, the member has the type that it has in responses, so that generated clients can send
 * back a resource that they read.
 */
export function readOnly(description: string, { type, ...schema }: ReadOnlyMember) {
  return z
    .unknown()
    .optional()
    .openapi({
      type: typeof type === 'string' ? type : [...type],
      ...schema,
      description: `Read-only: ignored in requests. ${description}`,
    });
}

/**
 * Returns a zod schema for an optional member with a default value. The document states the default in
 * the description, not in the keyword `default`: that keyword makes client generators treat the member
 * as always present and require it in requests.
 *
 * @param schema the schema of the member.
 * @param standard the default value.
 * @param description the description of the member, which states the default.
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
 * Returns one part of each entry of a table, by the name of the entry.
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

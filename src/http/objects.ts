import { z } from '@hono/zod-openapi';

/** A zod schema for a JSON body that has these members and no other: a typo must not be lost silently. */
export function bodyOf<S extends z.ZodRawShape>(shape: S) {
  const members = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `Leave this member out; the body has ${members}.`
        : 'Send a JSON object.',
  });
}

/** A zod schema for a query that has these parameters and no other. */
export function queryOf<S extends z.ZodRawShape>(shape: S) {
  const parameters = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: () => `Leave this parameter out; the operation knows ${parameters}.`,
  });
}

/** A zod schema for a member that the server makes: whatever is sent is ignored. */
export function readOnly(description: string) {
  return z
    .unknown()
    .optional()
    .openapi({
      description: `Read-only: ignored, so that what was read can be sent back. ${description}`,
    });
}

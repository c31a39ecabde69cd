import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import type { AppEnv } from '../../../../context.ts';
import { text } from '../../../../http/fields/text.ts';
import { respondToOptions } from '../../../../http/responses/cross-origin.ts';
import { Problem } from '../../../../problems/problem.ts';
import { allowOf } from '../../../../problems/render.ts';
import { PREPARED_TICKETS } from '../prepared-ticket.ts';

/** The path that ends before the reference. */
const WITHOUT_REFERENCE = `${PREPARED_TICKETS}/by-reference/` as const;
export const BY_REFERENCE = `${WITHOUT_REFERENCE}{preparer_external_reference}` as const;

/** Returns the path of the ticket with a reference. */
export const referencePathOf = (reference: string) =>
  `${WITHOUT_REFERENCE}${encodeURIComponent(reference)}`;

/** The reference in the code samples. */
export const EXAMPLE_REFERENCE = 'WORKSHOP_77';

const expectedReference =
  'Send your reference as 1 to 255 characters in percent-encoded UTF-8, without NUL.';

export const referencePath = z.object({
  preparer_external_reference: text({
    minLength: 1,
    maxLength: 255,
    expected: expectedReference,
  }).openapi({
    param: {
      description:
        'Your own reference of the prepared ticket, percent-encoded in UTF-8. Any reference works except `.` and `..`, which no URL can carry.',
      example: EXAMPLE_REFERENCE,
    },
  }),
});

function violation(code: 'invalid_format' | 'too_short'): Problem {
  const name = 'preparer_external_reference';
  return new Problem('violations', {
    violations: [{ in: 'path', name, code, detail: expectedReference }],
  });
}

/**
 * Rejects a reference that is not percent-encoded UTF-8. The router does not decode such a text, so two different
 * references could look alike.
 *
 * @throws Problem `violations`.
 */
export async function requireReadableReference(c: Context, next: Next): Promise<void> {
  const { pathname } = new URL(c.req.url);
  try {
    decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
  } catch {
    throw violation('invalid_format');
  }
  await next();
}

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE'];

/**
 * Rejects a method that the path of a reference does not support. The router would find an operation for some: in
 * `by-reference/pick-up`, the first part could be the id of a ticket.
 *
 * @throws Problem `methodNotAllowed`.
 */
async function refuseOtherMethods(c: Context, next: Next): Promise<Response | undefined> {
  if (METHODS.includes(c.req.method)) {
    await next();
    return undefined;
  }
  c.set('policy', undefined);
  const Allow = allowOf(METHODS);
  if (c.req.method === 'OPTIONS') {
    return respondToOptions(c, Allow);
  }
  throw new Problem('methodNotAllowed', { headers: { Allow } });
}

/**
 * Rejects a path that ends before the reference. The router has no operation for it.
 *
 * @throws Problem `violations`, for a method that the path with a reference supports.
 */
async function refuseEmptyReference(c: Context, next: Next): Promise<void> {
  if (METHODS.includes(c.req.method)) {
    throw violation('too_short');
  }
  await next();
}

/** Makes the methods of a reference those of each path that is one. It precedes all operations. */
export function reserveReferences(app: OpenAPIHono<AppEnv>): void {
  app.use(`${WITHOUT_REFERENCE}:preparer_external_reference`, refuseOtherMethods);
}

/** Mounts the path that ends before the reference. */
export function mountEmptyReference(app: OpenAPIHono<AppEnv>): void {
  app.use(WITHOUT_REFERENCE, refuseEmptyReference);
}

import type { Context, Next } from 'hono';
import { respondToOptions } from '../../../../http/responses/cross-origin.ts';
import { Problem } from '../../../../problems/problem.ts';
import { allowOf } from '../../../../problems/render.ts';
import { expectedReference } from './by-reference.schemas.ts';

function violation(code: 'invalid_format' | 'too_short'): Problem {
  const name = 'preparer_external_reference';
  return new Problem('violations', {
    violations: [{ in: 'path', name, code, detail: expectedReference }],
  });
}

/**
 * Refuses a reference that is not percent-encoded UTF-8. The router passes such a text on as it is, so
 * that two references could not be told apart.
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
 * Answers a method that the path of a reference does not have. The router would find an operation for some: in
 * `by-reference/pick-up`, the first part could be the id of a ticket.
 *
 * @throws Problem `methodNotAllowed`.
 */
export async function refuseOtherMethods(c: Context, next: Next): Promise<Response | undefined> {
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
 * @throws Problem `violations`, for a method that the path with a reference knows.
 */
export async function refuseEmptyReference(c: Context, next: Next): Promise<void> {
  if (METHODS.includes(c.req.method)) {
    throw violation('too_short');
  }
  await next();
}

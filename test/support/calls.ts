import { type DocumentedOperation, operations } from './document.ts';
import { PRODUCT } from './tickets.ts';

/** The operations that require credentials. */
export const protectedOperations = operations.filter(({ security }) => security.length > 0);

/** Returns the scope that an operation requires, or undefined if it requires none. */
export function scopeOf({ security }: DocumentedOperation): string | undefined {
  return security[0]?.OAuth2?.[0];
}

/** The parts of a request. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Returns whether the path of an operation contains the id of a client or an API key. */
export const namesCredential = ({ path }: DocumentedOperation) =>
  /\{(?:client|key)-id\}/.test(path);

/**
 * Returns a valid request of an operation. Its body is the example of the OpenAPI document.
 *
 * @param id the id of the ticket, the client or the API key in the path.
 */
export function callOf(
  { method, path, requestBody }: DocumentedOperation,
  id: string = crypto.randomUUID(),
  productId: string = PRODUCT,
): Call {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return {
    method,
    path: path.replace('{product-id}', productId).replace(/\{[a-z-]+\}/, id),
    ...(media && {
      body:
        type === 'application/json'
          ? media.example
          : new URLSearchParams(media.example as Record<string, string>).toString(),
      headers: { 'content-type': type as string },
    }),
  };
}

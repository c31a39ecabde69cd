import { type DocumentedOperation, operations } from './document.ts';
import { PRODUCT } from './tickets.ts';

/** The operations that ask for credentials. */
export const protectedOperations = operations.filter(({ security }) => security.length > 0);

/** The scope that an operation asks for. */
export function scopeOf({ security }: DocumentedOperation): string {
  return security[0]?.OAuth2?.[0] as string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Whether the path of an operation names a client or an API key. */
export const namesCredential = ({ path }: DocumentedOperation) =>
  /\{(?:client|key)-id\}/.test(path);

/** Whether the path of an operation names a ticket by its reference. */
export const namesReference = ({ path }: DocumentedOperation) =>
  path.includes('{preparer_external_reference}');

/**
 * A valid call of any operation, with the body that the document shows as its example.
 *
 * @param id of the ticket, the client or the API key that the path names, or the reference of the ticket.
 */
export function callOf(
  { method, path, requestBody }: DocumentedOperation,
  id: string = crypto.randomUUID(),
  productId: string = PRODUCT,
): Call {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return {
    method,
    path: path.replace('{product-id}', productId).replace(/\{[a-z_-]+\}/, encodeURIComponent(id)),
    ...(media && {
      body:
        type === 'application/json'
          ? media.example
          : new URLSearchParams(media.example as Record<string, string>).toString(),
      headers: { 'content-type': type as string },
    }),
  };
}

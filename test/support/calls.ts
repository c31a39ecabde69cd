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

/** Returns whether the path of an operation contains the id of a client, an API key or a webhook endpoint. */
export const namesSpare = ({ path }: DocumentedOperation) =>
  /\{(?:client|key|endpoint)-id\}/.test(path);

/** A body that is one byte longer than an operation takes. */
export const tooLargeFor = (operation: DocumentedOperation): string =>
  'x'.repeat((operation['x-max-body-bytes'] ?? 64 * 1024) + 1);

/** Whether an operation can be asked to write what is valid and to leave the rest. */
export const canBeLenient = ({ parameters = [] }: DocumentedOperation): boolean =>
  parameters.some(({ name }) => name === 'Prefer');

/** The header that asks for it. */
export const lenient = { prefer: 'handling=lenient' };

/** Resources that paths can name. */
interface Subjects {
  readonly ticket: { readonly id: string; readonly preparer_external_reference: string };
  /** A ticket that was picked up. */
  readonly pickedUp: { readonly id: string };
  /** The id of a client, of an API key and of a webhook endpoint. */
  readonly spare: string;
}

/** Returns what the path of an operation names one of these resources by. */
export function subjectOf(
  operation: DocumentedOperation,
  { ticket, pickedUp, spare }: Subjects,
): string {
  if (namesReference(operation)) {
    return ticket.preparer_external_reference;
  }
  if (namesPickedUp(operation)) {
    return pickedUp.id;
  }
  return namesSpare(operation) ? spare : ticket.id;
}

/** Returns whether the path of an operation names a ticket by its reference. */
export const namesReference = ({ path }: DocumentedOperation) =>
  path.includes('{preparer_external_reference}');

/** Returns whether an operation consumes the prepared ticket that it names. */
export const picksUp = ({ operationId }: DocumentedOperation) =>
  operationId === 'pickUpPreparedTicket';

/** Returns whether the path of an operation contains the id of a picked-up ticket. */
const namesPickedUp = ({ path }: DocumentedOperation) => path.includes('{ticket-id}');

/**
 * Returns a valid request of an operation. Its body is the example of the OpenAPI document, in which a cursor
 * is replaced by one of the caller, because it accepts no other.
 *
 * @param id what the path names the resource by, as `subjectOf` returns it.
 * @param caller the partner that sends the request.
 */
export function callOf(
  { method, path, requestBody }: DocumentedOperation,
  id: string = crypto.randomUUID(),
  productId: string = PRODUCT,
  caller?: { readonly cursor: string },
): Call {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return {
    method,
    path: path.replace('{product-id}', productId).replace(/\{[a-z_-]+\}/, encodeURIComponent(id)),
    ...(media && {
      body:
        type === 'application/json'
          ? caller && path.endsWith('/replays')
            ? { after: caller.cursor }
            : media.example
          : new URLSearchParams(media.example as Record<string, string>).toString(),
      headers: { 'content-type': type as string },
    }),
  };
}

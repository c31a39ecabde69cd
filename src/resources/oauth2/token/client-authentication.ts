import { OAuthError } from '../../../problems/problem.ts';

/** The credentials of a client (RFC 6749 §2.3.1). */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

function invalidClient(): OAuthError {
  return new OAuthError(
    'invalid_client',
    'The client authentication is missing or malformed. Send client_id and client_secret.',
  );
}

/** Decodes a client id or secret, which are form-encoded in the header (RFC 6749 §2.3.1). */
function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function fromHeader(header: string): ClientCredentials {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
  if (encoded === undefined) {
    throw invalidClient();
  }
  try {
    const [, id, secret] = /^([^:]*):(.*)$/s.exec(atob(encoded)) ?? [];
    if (id === undefined || secret === undefined) {
      throw invalidClient();
    }
    return { clientId: formDecode(id), clientSecret: formDecode(secret) };
  } catch {
    throw invalidClient();
  }
}

/**
 * Reads the client's credentials from the header (`client_secret_basic`) or the form
 * (`client_secret_post`).
 *
 * @throws OAuthError `invalid_client` if there are no credentials or they are malformed, and
 * `invalid_request` if both methods are used at once.
 */
export function clientCredentialsOf(
  authorization: string | undefined,
  form: URLSearchParams,
): ClientCredentials {
  const clientId = form.get('client_id');
  const clientSecret = form.get('client_secret');
  if (authorization !== undefined) {
    const credentials = fromHeader(authorization);
    if (clientSecret !== null || (clientId !== null && clientId !== credentials.clientId)) {
      throw new OAuthError(
        'invalid_request',
        'The client authenticates in two ways. Use either the Authorization header or the body.',
      );
    }
    return credentials;
  }
  if (clientId === null || clientSecret === null) {
    throw invalidClient();
  }
  return { clientId, clientSecret };
}

import { OAuthError } from '../../../problems/problem.ts';

/** The credentials with which a client authenticates (RFC 6749 §2.3.1). */
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

/** Decodes the id or the secret, which the client form-encodes for the header (RFC 6749 §2.3.1). */
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
 * @param authorization the value of the `Authorization` header.
 * @throws OAuthError `invalid_client` if the credentials are missing or malformed, and `invalid_request`
 * if the request uses both methods.
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

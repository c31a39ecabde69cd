import type { TestApi } from './api.ts';
import type { TestPartner } from './partners.ts';

/** A successful response of the token endpoint. */
export interface Token {
  access_token: string;
  expires_in: number;
  token_type: string;
  scope: string;
}

/** The headers and the form parameters with which a client authenticates. */
export interface ClientProof {
  readonly headers: Record<string, string>;
  readonly form: Record<string, string>;
}

type Client = Pick<TestPartner, 'clientId' | 'clientSecret'>;

/** Form-encodes a text, as a client must do before it encodes its credentials in base64 (RFC 6749 §2.3.1). */
function formEncode(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

/** Returns the credentials of a client for `client_secret_basic` (RFC 6749 §2.3.1). */
export function basic({ clientId, clientSecret }: Client): ClientProof {
  const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  return { headers: { authorization: `Basic ${btoa(pair)}` }, form: {} };
}

/** Returns the credentials of a client for `client_secret_post` (RFC 6749 §2.3.1). */
export function post({ clientId, clientSecret }: Client): ClientProof {
  return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } };
}

/** Sends a token request. `parameters` replace those of a valid one. */
export function requestToken(
  api: TestApi,
  { headers, form }: ClientProof,
  parameters: Record<string, string> = {},
): Promise<Response> {
  const all = { grant_type: 'client_credentials', ...form, ...parameters };
  return requestTokenWith(api, new URLSearchParams(all).toString(), headers);
}

/** Sends a form body unchanged to the token endpoint. */
export function requestTokenWith(
  api: TestApi,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return api.request('POST', '/oauth2/token', {
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}

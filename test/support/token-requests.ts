import type { TestApi } from './api.ts';
import type { TestPartner } from './partners.ts';

/** A successful answer of the token endpoint. */
export interface Token {
  access_token: string;
  expires_in: number;
  token_type: string;
  scope: string;
}

/** How a client proves itself: headers, and parameters of the form. */
export interface ClientProof {
  readonly headers: Record<string, string>;
  readonly form: Record<string, string>;
}

type Client = Pick<TestPartner, 'clientId' | 'clientSecret'>;

/** RFC 6749 §2.3.1: form-encoded, and only then in base64. */
function formEncode(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

/** `client_secret_basic`. */
export function basic({ clientId, clientSecret }: Client): ClientProof {
  const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  return { headers: { authorization: `Basic ${btoa(pair)}` }, form: {} };
}

/** `client_secret_post`. */
export function post({ clientId, clientSecret }: Client): ClientProof {
  return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } };
}

/** Sends a token request; `parameters` replace those of a good one. */
export function requestToken(
  api: TestApi,
  { headers, form }: ClientProof,
  parameters: Record<string, string> = {},
): Promise<Response> {
  const all = { grant_type: 'client_credentials', ...form, ...parameters };
  return requestTokenWith(api, new URLSearchParams(all).toString(), headers);
}

/** Sends a form as it is to the token endpoint. */
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

import { Agent, request } from 'node:http';

/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 10_000;
/**
 * The time after which an idle connection is closed. workerd closes one after five seconds, which can hit
 * a request that is just being sent.
 */
const IDLE_TIMEOUT_MS = 2_000;

const agent = new Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });

/** A request to the API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A response with its complete body. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Sends a request and reads the complete response of any status. Rejects with a network error. */
export function send(origin: string, { method, path, headers, body }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) };
    const sent = request(origin + path, options, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          text += chunk;
        })
        .on('end', () => resolve({ status: response.statusCode as number, text }))
        .on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

/** Returns whether a status means success (2xx, RFC 9110 §15.3). */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Sends a request and returns the body of the response. @throws Error if the status is not 2xx. */
export async function sendSuccessfully(origin: string, call: Call): Promise<string> {
  const { status, text } = await send(origin, call);
  if (!isSuccess(status)) {
    throw new Error(`${call.method} ${call.path} returned ${status}: ${text}`);
  }
  return text;
}

/** Returns a token request (RFC 6749 §4.4.2). Without `scope`, the token gets the default scopes of the client. */
export function tokenCall(client_id: string, client_secret: string, scope?: string): Call {
  const grant = { grant_type: 'client_credentials', client_id, client_secret };
  return {
    method: 'POST',
    path: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...grant, ...(scope && { scope }) }).toString(),
  };
}

/** Returns the access token in the body of a token response. */
export function tokenOf(text: string): string {
  return (JSON.parse(text) as { access_token: string }).access_token;
}

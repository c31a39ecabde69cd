import { Agent, request } from 'node:http';

/** Milliseconds that one request may take. */
const TIMEOUT = 10_000;
/** Milliseconds; workerd closes an idle connection after five seconds, also just as it is used again. */
const IDLE = 2_000;

const agent = new Agent({ keepAlive: true, timeout: IDLE });

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request and reads its answer, whatever it is. Rejects with a network error. */
export function send(origin: string, { method, path, headers, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers, signal: AbortSignal.timeout(TIMEOUT) };
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

/** Whether a status is one of 2xx (RFC 9110 §15.3). */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The body of an answer. @throws Error when it tells no success. */
export async function ask(origin: string, call: Call): Promise<string> {
  const { status, text } = await send(origin, call);
  if (!isSuccess(status)) {
    throw new Error(`${call.method} ${call.path} answered ${status}: ${text}`);
  }
  return text;
}

/** A token request (RFC 6749 §4.4.2); without `scope` for what the client needs daily. */
export function tokenCall(client_id: string, client_secret: string, scope?: string): Call {
  const grant = { grant_type: 'client_credentials', client_id, client_secret };
  return {
    method: 'POST',
    path: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...grant, ...(scope && { scope }) }).toString(),
  };
}

/** The access token in the answer to a token request. */
export function tokenOf(text: string): string {
  return (JSON.parse(text) as { access_token: string }).access_token;
}

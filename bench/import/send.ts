import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** Requests under way at a time, however many tickets each of them has. */
export const CONCURRENCY = 8;

const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

/** A request that creates tickets. */
export interface Creation {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The status of its success. */
  readonly status: 200 | 201;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
  }
  return text;
}

/**
 * Sends a request on a connection that stays open.
 *
 * @returns the header Server-Timing of the response.
 * @throws Error when the response has another status than that of a success.
 */
export async function send({ method, url, headers, body, status }: Creation): Promise<string> {
  const text = JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = httpRequest(url, {
      agent,
      method,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      },
    });
    sent.on('response', resolve).on('error', reject).end(text);
  });
  const answer = await textOf(response);
  if (response.statusCode !== status) {
    throw new Error(`${url} answered ${response.statusCode}: ${answer}`);
  }
  return String(response.headers['server-timing'] ?? '');
}

/** Closes the connections. */
export function closeConnections(): void {
  agent.destroy();
}

import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** Requests under way at a time, for batches and for single tickets alike. */
export const CONCURRENCY = 8;

const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

/** A POST with an idempotency key of its own. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
  }
  return text;
}

/**
 * Sends a POST on a connection that stays open, with a key that makes it safe to send again.
 *
 * @returns the header Server-Timing of the response.
 * @throws Error when it is not answered with 201.
 */
export async function post({ url, headers, body }: Post): Promise<string> {
  const text = JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = httpRequest(url, {
      agent,
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'idempotency-key': `"${crypto.randomUUID()}"`,
      },
    });
    sent.on('response', resolve).on('error', reject).end(text);
  });
  const answer = await textOf(response);
  if (response.statusCode !== 201) {
    throw new Error(`${url} answered ${response.statusCode}: ${answer}`);
  }
  return String(response.headers['server-timing'] ?? '');
}

/** Closes the connections. */
export function closeConnections(): void {
  agent.destroy();
}

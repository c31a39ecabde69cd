import { Agent, get } from 'node:http';

/** The number of concurrent requests, which is enough to keep workerd's one thread busy. */
const CONCURRENCY = 16;

/** A GET request that returns 200. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

/** Sends one request and reads the complete response. */
function send(target: Target): Promise<void> {
  const { url, headers } = target;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`${url} returned ${response.statusCode}`));
      }
      response.on('end', resolve).on('error', reject).resume();
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // workerd closes an idle connection after some seconds, which can hit a request that is just being sent.
      const closed = request.reusedSocket && error.code === 'ECONNRESET';
      (closed ? send(target) : Promise.reject(error)).then(resolve, reject);
    });
  });
}

/** Sends a number of requests concurrently on persistent connections. */
export async function load(target: Target, requests: number): Promise<void> {
  let sent = 0;
  const client = async () => {
    while (sent < requests) {
      sent += 1;
      await send(target);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
}

/** Closes the connections. */
export function endLoad(): void {
  agent.destroy();
}

import { Agent, request } from 'node:http';
import type { Call } from './requests.ts';

/** Sends the requests of one partner to one Worker. */
export class Sender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 100 });
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(origin: string, headers: Readonly<Record<string, string>>) {
    this.#origin = origin;
    this.#headers = headers;
  }

  /** Sends a request and reads the whole response. @returns its status. */
  send(call: Call): Promise<number> {
    const { path, body } = call;
    const headers = {
      ...this.#headers,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#origin}${path}`,
        { agent: this.#agent, method: call.method ?? 'GET', headers },
        (response) => {
          const status = response.statusCode as number;
          response
            .on('end', () => resolve(status))
            .on('error', reject)
            .resume();
        },
      );
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // workerd closes an idle connection after some seconds, which can hit a request that is just being sent.
        const isClosed = sent.reusedSocket && error.code === 'ECONNRESET';
        (isClosed ? this.send(call) : Promise.reject(error)).then(resolve, reject);
      });
      sent.end(body);
    });
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }
}

const sleepUntil = (time: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));

/**
 * Runs `act` at fixed times, whether or not the earlier runs have ended, so that a slow response delays no
 * later request.
 *
 * @param intervalMs milliseconds between two runs.
 * @param act receives the number of the run and the time at which it is due.
 */
export async function atFixedRate(
  seconds: number,
  intervalMs: number,
  act: (n: number, due: number) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const running: Promise<void>[] = [];
  for (let n = 0; n * intervalMs < seconds * 1000; n++) {
    const due = start + n * intervalMs;
    await sleepUntil(due);
    running.push(act(n, due));
  }
  await Promise.all(running);
}

import { request } from 'node:http';
import type { LocalServer } from '../dev/local-server.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
/** The sizes of the request bodies. The API accepts at most 64 KiB. */
const BODY_SIZES_BYTES = [200 * 1024, 5 * 1024 * 1024];
/** The size of each chunk. */
const CHUNK_BYTES = 16 * 1024;
/** The number of requests after each body that is too large. */
const FOLLOWING_REQUESTS = 5;
/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Sends a POST request with a body in chunks, without a Content-Length.
 *
 * @param size the size of the body in bytes.
 * @returns the status of the response.
 */
function postChunked(origin: string, size: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(
      origin + TICKETS,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      },
      (response) => {
        response.resume().on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.on('error', reject);
    for (let sent = 0; sent < size; sent += CHUNK_BYTES) {
      sending.write('x'.repeat(CHUNK_BYTES));
    }
    sending.end();
  });
}

async function faultsOf({ origin }: LocalServer, size: number): Promise<string[]> {
  const status = await postChunked(origin, size).catch((error: Error) => error.message);
  const faults =
    status === 413 ? [] : [`A chunked body of ${size} bytes returned ${status} instead of 413.`];
  for (let i = 1; i <= FOLLOWING_REQUESTS; i++) {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const { ok } = await fetch(`${origin}/health`, { signal }).catch(() => ({ ok: false }));
    if (!ok) {
      return [
        ...faults,
        `Request ${i} after a chunked body of ${size} bytes received no successful response.`,
      ];
    }
  }
  return faults;
}

/**
 * Checks that the server survives chunked bodies that are too large. The local runtime ends when a Worker
 * leaves the rest of such a body unread.
 *
 * @see {@link https://github.com/cloudflare/workers-sdk/issues/15203}
 */
export async function checkBody(server: LocalServer): Promise<string[]> {
  const faults: string[] = [];
  for (const size of BODY_SIZES_BYTES) {
    faults.push(...(await faultsOf(server, size)));
  }
  return faults;
}

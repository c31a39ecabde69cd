import { request } from 'node:http';
import type { LocalServer } from '../dev/local-server.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
/** Bytes of the bodies that are sent; the API takes 64 KiB at most. */
const SIZES = [200 * 1024, 5 * 1024 * 1024];
/** Bytes of each chunk. */
const CHUNK = 16 * 1024;
/** Requests that follow each body that is too large. */
const FOLLOWING = 5;
/** Milliseconds that one request may take. */
const TIMEOUT_MS = 10_000;

/**
 * Posts a body of this size in chunks, without a Content-Length.
 *
 * @returns the status of the response.
 */
function postChunked(origin: string, size: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(
      origin + TICKETS,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        response.resume().on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.on('error', reject);
    for (let sent = 0; sent < size; sent += CHUNK) {
      sending.write('x'.repeat(CHUNK));
    }
    sending.end();
  });
}

async function faultsOf({ origin }: LocalServer, size: number): Promise<string[]> {
  const status = await postChunked(origin, size).catch((error: Error) => error.message);
  const faults = status === 413 ? [] : [`A chunked body of ${size} bytes answered ${status}.`];
  for (let i = 1; i <= FOLLOWING; i++) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { ok } = await fetch(`${origin}/health`, { signal }).catch(() => ({ ok: false }));
    if (!ok) {
      return [...faults, `Request ${i} after a chunked body of ${size} bytes was not answered.`];
    }
  }
  return faults;
}

/**
 * Sends chunked bodies that are too large, and looks whether the server still answers: the local
 * runtime ends when a Worker leaves the rest of such a body unread.
 *
 * @see {@link https://github.com/cloudflare/workers-sdk/issues/15203}
 * @returns what is wrong, a sentence each.
 */
export async function checkBody(server: LocalServer): Promise<string[]> {
  const faults: string[] = [];
  for (const size of SIZES) {
    faults.push(...(await faultsOf(server, size)));
  }
  return faults;
}

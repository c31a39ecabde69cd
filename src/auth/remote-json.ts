export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Bytes that a document may have. */
const MAX_BODY = 64 * 1024;

/** Why a document could not be had. The message holds nothing that the source sent. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The bytes of a body. What is beyond the limit is never read, whatever its length claims to be. */
async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY) {
      // Leaving the loop cancels the stream.
      throw new RemoteFault(`more than ${MAX_BODY} bytes`);
    }
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

/**
 * Fetches a JSON document of 64 KiB at most, and follows no redirect.
 *
 * @param timeout milliseconds after which the fetch is aborted.
 * @throws RemoteFault for any status but 200, a longer body, or what is no JSON; what fetch throws.
 */
export async function fetchJson(
  io: { readonly fetch: Fetch },
  url: string,
  accept: string,
  timeout: number,
): Promise<unknown> {
  const { status, body } = await io.fetch(url, {
    headers: { accept, 'user-agent': 'prepared-tickets-api' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  if (status !== 200) {
    // Not awaited: a source that does not end its body would hold the answer up.
    body?.cancel().catch(() => undefined);
    throw new RemoteFault(`status ${status}`);
  }
  const bytes = await readBytes(body);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new RemoteFault('no JSON');
  }
}

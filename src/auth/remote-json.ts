/** The signature of `fetch`, restricted to a URL in text form. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The maximum size of a document, in bytes. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/** The reason why a document could not be fetched. The message repeats nothing that the source sent. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Reads a body, and stops at the size limit regardless of `content-length`. */
async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_DOCUMENT_BYTES) {
      // An exception in a `for await` loop cancels the stream.
      throw new RemoteFault(`more than ${MAX_DOCUMENT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

/**
 * Fetches a JSON document of at most 64 KiB. It does not follow redirects.
 *
 * @param timeoutMs milliseconds after which the fetch is aborted.
 * @param token a token that authenticates the fetch.
 * @throws RemoteFault for any status except 200, for a larger body, and for a body that is not JSON in
 * UTF-8; any error that `fetch` throws.
 */
export async function fetchJson(
  io: { readonly fetch: Fetch },
  url: string,
  accept: string,
  timeoutMs: number,
  token?: string,
): Promise<unknown> {
  const { status, body } = await io.fetch(url, {
    headers: {
      ...{ accept, 'user-agent': 'prepared-tickets-api' },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (status !== 200) {
    // This is not awaited, because a source that never ends its body would delay the response.
    body?.cancel().catch(() => undefined);
    throw new RemoteFault(`status ${status}`);
  }
  const bytes = await readBytes(body);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new RemoteFault('not JSON');
  }
}

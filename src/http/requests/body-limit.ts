import type { Context, Next } from 'hono';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';
import { MAX_BODY_BYTES } from '../responses/header-components.ts';

/** The number of bytes of an oversized body that are read and discarded before the response is sent. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;
/** The longest time for which an oversized body is read, in milliseconds. */
const MAX_DRAIN_MS = 2_000;

/**
 * The number of bytes that one read collects. The caller chooses the size of the chunks, and a read for each chunk of
 * one byte would take seconds of CPU time for a small body. A read takes this memory before anything arrives.
 */
const BYTES_PER_READ = 16 * 1024;

type Body = ReadableStreamBYOBReader;

/** Reads the next bytes of a body: fewer than `BYTES_PER_READ` only at its end, and none after it. */
async function readNext(body: Body): Promise<Uint8Array> {
  const { value } = await body.readAtLeast(BYTES_PER_READ, new Uint8Array(BYTES_PER_READ));
  return value ?? new Uint8Array();
}

/**
 * Reads and discards the rest of a body, up to `MAX_DRAINED_BYTES` and for at most `MAX_DRAIN_MS`. A
 * client that keeps sending while the server does not read may never receive the response. The local
 * runtime also exits if the rest of a chunked body is not read.
 *
 * @see {@link https://github.com/cloudflare/workers-sdk/issues/15203}
 */
async function drain(body: Body): Promise<void> {
  const over = new AbortController();
  const late = scheduler.wait(MAX_DRAIN_MS, over).then(
    () => undefined,
    () => undefined,
  );
  let drained = 0;
  while (drained < MAX_DRAINED_BYTES) {
    const bytes = await Promise.race([readNext(body), late]);
    if (bytes === undefined || bytes.byteLength === 0) {
      break;
    }
    drained += bytes.byteLength;
  }
  over.abort();
}

/** Reads the whole body. Returns undefined as soon as the body exceeds `maxBytes`. */
async function readWithin(body: Body, maxBytes: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const bytes = await readNext(body);
    if (bytes.byteLength === 0) {
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    }
    length += bytes.byteLength;
    if (length > maxBytes) {
      return undefined;
    }
    parts.push(bytes);
  }
}

/**
 * Returns the length that the request declares in `Content-Length`, in bytes, or undefined if the body
 * is chunked (RFC 9112 §6.3).
 */
function declaredLength({ headers }: Request): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('transfer-encoding') ? undefined : Number(length);
}

/**
 * Rejects a body that exceeds the limit of its operation, whether the request declares its length or sends
 * it in chunks. The limit is 64 KiB unless the operation declares another one.
 *
 * @throws Problem `contentTooLarge`.
 */
export async function limitBody(c: Context<AppEnv>, next: Next): Promise<void> {
  const { raw } = c.req;
  const maxBytes = c.get('policy')?.maxBodyBytes ?? MAX_BODY_BYTES;
  const length = declaredLength(raw);
  if (raw.body === null || (length !== undefined && length <= maxBytes)) {
    return next();
  }
  const reader = raw.body.getReader({ mode: 'byob' });
  const body = length === undefined ? await readWithin(reader, maxBytes) : undefined;
  if (body === undefined) {
    await drain(reader);
    throw new Problem('contentTooLarge');
  }
  c.req.raw = new Request(raw, { body });
  return next();
}

import type { Context, Next } from 'hono';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';
import { MAX_BODY } from '../responses/header-components.ts';

/** Bytes of a body beyond the limit that are read, and thrown away, before the response. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;
/** Milliseconds that this may take. */
const MAX_DRAIN_MS = 2_000;

type Body = ReadableStreamDefaultReader<Uint8Array>;

/**
 * Reads what is left of a body, within bounds. A client that sends on while nobody reads may never see
 * the response, and the local runtime ends when the rest of a chunked body stays unread.
 *
 * @see {@link https://github.com/cloudflare/workers-sdk/issues/15203}
 */
async function drain(reader: Body): Promise<void> {
  const over = new AbortController();
  const late = scheduler.wait(MAX_DRAIN_MS, over).then(
    () => undefined,
    () => undefined,
  );
  let drained = 0;
  while (drained < MAX_DRAINED_BYTES) {
    const read = await Promise.race([reader.read(), late]);
    if (read === undefined || read.done) {
      break;
    }
    drained += read.value.byteLength;
  }
  over.abort();
}

/** Returns the body, or undefined as soon as it is longer than `maxBytes`. */
async function readWithin(reader: Body, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return new Uint8Array(await new Blob(chunks).arrayBuffer());
    }
    length += value.byteLength;
    if (length > maxBytes) {
      return undefined;
    }
    chunks.push(value);
  }
}

/** The length that a request announces, in bytes; undefined for one that is sent in chunks. */
function announcedLength({ headers }: Request): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('transfer-encoding') ? undefined : Number(length);
}

/**
 * Refuses a body that is longer than its operation takes, whether it announces its length or is sent
 * in chunks. The limit is 64 KiB, also where no operation is, unless the operation declares another.
 *
 * @throws Problem `contentTooLarge`.
 */
export async function limitBody(c: Context<AppEnv>, next: Next): Promise<void> {
  const { raw } = c.req;
  const maxBytes = c.get('policy')?.maxBodyBytes ?? MAX_BODY;
  const length = announcedLength(raw);
  if (raw.body === null || (length !== undefined && length <= maxBytes)) {
    return next();
  }
  const reader = raw.body.getReader();
  const body = length === undefined ? await readWithin(reader, maxBytes) : undefined;
  if (body === undefined) {
    await drain(reader);
    throw new Problem('contentTooLarge');
  }
  c.req.raw = new Request(raw, { body });
  return next();
}

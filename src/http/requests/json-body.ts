import type { Context } from 'hono';
import { catalogue } from '../../problems/catalogue.ts';
import { Problem } from '../../problems/problem.ts';
import { hasContentCoding } from './content-coding.ts';

const { emptyBody, notJson, notUtf8 } = catalogue.malformedBody.causes;
const { contentCoding, notJsonType } = catalogue.unsupportedMediaType.causes;

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;
const CHARSET = /;[ \t]*charset="?([^";\s]*)/i;

/** `application/json` with any parameters but a charset other than UTF-8 (RFC 8259 §8.1). */
function isJson(type: string): boolean {
  const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
  return JSON_TYPE.test(type) && charset.toLowerCase() === 'utf-8';
}

/**
 * Refuses a body that is not JSON in UTF-8, or has a content coding, before zod looks at its members.
 *
 * @throws Problem `unsupportedMediaType` or `malformedBody`.
 */
export async function requireJsonBody(c: Context): Promise<void> {
  if (hasContentCoding(c)) {
    throw new Problem('unsupportedMediaType', {
      detail: contentCoding,
      // Named in no other 415: the coding is what was not acceptable (RFC 9110 §12.5.3).
      headers: { 'Accept-Encoding': 'identity' },
    });
  }
  const type = c.req.header('content-type') ?? '';
  if (!isJson(type)) {
    throw new Problem('unsupportedMediaType', { detail: notJsonType });
  }
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength === 0) {
    throw new Problem('malformedBody', { detail: emptyBody });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new Problem('malformedBody', { detail: notUtf8 });
  }
  try {
    JSON.parse(text);
  } catch {
    throw new Problem('malformedBody', { detail: notJson });
  }
  if (type !== 'application/json') {
    // The validators that follow know fewer ways to write it than RFC 9110 §8.3.1 allows.
    const headers = new Headers(c.req.raw.headers);
    headers.set('content-type', 'application/json');
    c.req.raw = new Request(c.req.url, { method: c.req.method, headers });
  }
}

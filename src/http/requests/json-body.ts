import type { Context } from 'hono';
import { catalogue } from '../../problems/catalogue.ts';
import { Problem } from '../../problems/problem.ts';
import { hasContentCoding } from './content-coding.ts';

const { emptyBody, notJson, notUtf8 } = catalogue.malformedBody.causes;
const { contentCoding, notJsonType } = catalogue.unsupportedMediaType.causes;

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;
const CHARSET = /;[ \t]*charset="?([^";\s]*)/i;

/**
 * Returns whether a media type is `application/json`. Any parameters are accepted, except a charset
 * other than UTF-8 (RFC 8259 §8.1).
 */
function isJson(type: string): boolean {
  const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
  return JSON_TYPE.test(type) && charset.toLowerCase() === 'utf-8';
}

/**
 * Rejects a body that is not JSON in UTF-8 or that has a content coding. This check runs before the
 * validators, which report violations of single members.
 *
 * @throws Problem `unsupportedMediaType` or `malformedBody`.
 */
export async function requireJsonBody(c: Context): Promise<void> {
  if (hasContentCoding(c)) {
    throw new Problem('unsupportedMediaType', {
      detail: contentCoding,
      // This is the only 415 with this header, because here the content coding, not the media type,
      // was not acceptable (RFC 9110 §12.5.3).
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
    // The validators that run next accept fewer spellings of the media type than RFC 9110 §8.3.1 allows.
    const headers = new Headers(c.req.raw.headers);
    headers.set('content-type', 'application/json');
    c.req.raw = new Request(c.req.url, { method: c.req.method, headers });
  }
}

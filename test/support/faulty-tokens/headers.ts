import { base64url } from 'jose';
import { each, type Forge, forged, signedByUs, texts, withHeader } from '../forging.ts';

const TYPES = texts(
  'JWT',
  'id_token+jwt',
  'dpop+jwt',
  'logout+jwt',
  'at+jwt ',
  'text/at+jwt',
  'application/at+jwt;v=1',
);

const extensions: Record<string, Record<string, unknown>> = {
  'an extension that we do not know': { crit: ['x'], x: true },
  'a claim as extension': { crit: ['exp'], exp: 4_000_000_000 },
  'a header of its own as extension': { crit: ['alg'] },
  'an extension that is not there': { crit: ['b64'] },
  'no extension in crit': { crit: [] },
  'an empty name in crit': { crit: [''] },
  'a crit that is no list': { crit: 'exp' },
  'crit null': { crit: null },
  'an unencoded payload': { crit: ['b64'], b64: false },
};

const decoder = new TextDecoder();

/** Tokens for another purpose, and tokens with extensions that a verifier must understand (RFC 7515 §4.1.11). */
export const headers: Record<string, Forge> = {
  ...each('of typ %s', TYPES, (typ) => withHeader({ typ })),
  'of no typ': withHeader({ typ: undefined }),
  'of an empty typ': withHeader({ typ: '' }),
  'of a list of typs': withHeader({ typ: ['at+jwt'] }),
  ...each('of %s', extensions, (header) => withHeader(header)),
  'of a payload that was signed unencoded': forged(() => ({
    header: { crit: ['b64'], b64: false },
    sign: async (input) => {
      const [header, payload] = decoder.decode(input).split('.') as [string, string];
      const unencoded = decoder.decode(base64url.decode(payload));
      return signedByUs(new TextEncoder().encode(`${header}.${unencoded}`));
    },
  })),
};

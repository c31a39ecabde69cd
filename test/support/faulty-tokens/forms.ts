import { base64url, CompactEncrypt, importJWK } from 'jose';
import { each, type Forge, forge, forged, ourPublicKey, spoiled } from '../forging.ts';
import type { TestPartner } from '../partners.ts';

/** The maximum length of a token. */
const MAX_TOKEN_CHARACTERS = 4096;

const encoder = new TextEncoder();

/** Invalid payloads. */
const payloads: Record<string, (json: string) => string | Uint8Array> = {
  'a list': (json) => `[${json}]`,
  'a text': (json) => JSON.stringify(json),
  null: () => 'null',
  'a number': () => '1',
  'no JSON': (json) => json.slice(0, -1),
  'JSON with more behind': (json) => `${json}{}`,
  empty: () => '',
  'in no UTF-8': (json) =>
    Uint8Array.of(...encoder.encode(`${json.slice(0, -1)},"x":"`), 0xff, ...encoder.encode('"}')),
  'in UTF-16': (json) => Uint8Array.from([...json].flatMap((ascii) => [ascii.charCodeAt(0), 0])),
  'behind a byte order mark': (json) => Uint8Array.of(0xef, 0xbb, 0xbf, ...encoder.encode(json)),
};

/** Creates a valid token with an unused claim that pads it to a length, or slightly more. */
async function padded(partner: TestPartner, now: number, length: number): Promise<string> {
  const { length: least } = await forge(partner, now, { claims: { filler: '' } });
  const filler = 'x'.repeat(Math.ceil(((length - least) * 3) / 4));
  return forge(partner, now, { claims: { filler } });
}

/** Texts that are not a signed JWT in its only accepted spelling. */
export const forms: Record<string, Forge> = {
  'that is no JWT': async () => 'opaque',
  'of dots': async () => '..',
  'of two parts': spoiled((header, payload) => `${header}.${payload}`),
  'of two parts and a dot': spoiled((header, payload) => `${header}.${payload}.`),
  'of alg none in two parts': async (partner, now) => {
    const token = await forge(partner, now, { header: { alg: 'none' } });
    return token.split('.').slice(0, 2).join('.');
  },
  'of four parts': spoiled((...parts) => [...parts, 'AAAA'].join('.')),
  'of a dot before': spoiled((...parts) => `.${parts.join('.')}`),
  'of a dot behind': spoiled((...parts) => `${parts.join('.')}.`),
  'of header and payload exchanged': spoiled((header, payload, ...more) =>
    [payload, header, ...more].join('.'),
  ),
  'of the payload of another good token': async (partner, now) => {
    const [, payload] = (await partner.token(now + 1000)).split('.');
    return spoiled((header, _, signature) => `${header}.${payload}.${signature}`)(partner, now);
  },
  'of the payload of another partner': async (partner, now) => {
    const claims = { partner_id: partner.partnerId + 1 };
    const [, payload] = (await forge(partner, now, { claims })).split('.');
    return spoiled((header, _, signature) => `${header}.${payload}.${signature}`)(partner, now);
  },
  'in lower case': async (partner, now) => (await partner.token(now)).toLowerCase(),
  'in upper case': async (partner, now) => (await partner.token(now)).toUpperCase(),
  'with a padded payload': spoiled((header, payload, signature) =>
    [header, `${payload}==`, signature].join('.'),
  ),
  'in flattened JSON': spoiled((header, payload, signature) =>
    JSON.stringify({ protected: header, payload, signature }),
  ),
  'in general JSON': spoiled((header, payload, signature) =>
    JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
  ),
  'that is nested': async (partner, now) => {
    const inner = await partner.token(now);
    return forge(partner, now, { header: { cty: 'JWT' }, rewritePayload: () => inner });
  },
  'that is encrypted for our public key': async (partner, now) =>
    new CompactEncrypt(encoder.encode(await partner.token(now)))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', kid: ourPublicKey.kid })
      .encrypt(await importJWK(ourPublicKey, 'ECDH-ES')),
  'that is encrypted with a password of endless rounds': async () => {
    const header = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2s: 'AAAA', p2c: 2 ** 31 - 1 };
    return [JSON.stringify(header), 'key', 'iv', 'text', 'tag'].map(base64url.encode).join('.');
  },
  ...each('of a payload that is %s', payloads, (rewritePayload) =>
    forged(() => ({ rewritePayload })),
  ),
  'of a header that is a list': forged(() => ({ rewriteHeader: (json) => `[${json}]` })),
  'of a header behind a byte order mark': forged(() => ({
    rewriteHeader: payloads['behind a byte order mark'],
  })),
  'that is just too long': (partner, now) => padded(partner, now, MAX_TOKEN_CHARACTERS + 1),
  'of a megabyte': (partner, now) => padded(partner, now, 2 ** 20),
};

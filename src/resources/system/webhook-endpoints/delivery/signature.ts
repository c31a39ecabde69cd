import { decodeSecret } from '../secrets.ts';

/** A message that is signed as Standard Webhooks defines. */
export interface Message {
  /** The id of the event, which all attempts have in common. */
  readonly id: string;
  /** The time of this attempt, milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
}

const toBase64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** Returns the signature `v1` of a message with a secret. */
async function sign(secret: string, signed: Uint8Array): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', decodeSecret(secret), algorithm, false, [
    'sign',
  ]);
  return `v1,${toBase64(await crypto.subtle.sign('HMAC', key, signed))}`;
}

/**
 * Returns the headers of a signed message.
 *
 * @param secrets every secret that signs: during a rotation the new one and the old one.
 * @see {@link https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md}
 */
export async function signedHeaders(
  { id, at, body }: Message,
  secrets: readonly string[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, signed)));
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

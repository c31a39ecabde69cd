import type { SealingKeys } from '../../../auth/sealing-keys.ts';
import { sha256 } from '../../../auth/secrets.ts';

/** The number of random bytes of a signing secret. */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/**
 * The form of a signing secret, as a regular expression without anchors. It is also the pattern by which secret scanners
 * find signing secrets. Other senders of Standard Webhooks use the same form, so only the digest tells whose one is.
 */
export const WEBHOOK_SECRET_PATTERN = 'whsec_[A-Za-z0-9+/]{43}=';

const WEBHOOK_SECRET = new RegExp(`^${WEBHOOK_SECRET_PATTERN}$`);

/** Returns whether a text has the form of a signing secret. */
export function isWellFormedWebhookSecret(text: string): boolean {
  return WEBHOOK_SECRET.test(text);
}

/** Returns a new signing secret in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return PREFIX + btoa(String.fromCharCode(...bytes));
}

/** Returns the bytes of a signing secret. */
export function decodeSecret(secret: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0));
}

/** Returns a signing secret as it is stored. It can be opened only for the same endpoint. */
export function sealSecret(keys: SealingKeys, endpointId: string, secret: string): Promise<string> {
  return keys.seal(secret, endpointId);
}

/** Returns a new signing secret for an endpoint, as a response shows it and as it is stored. */
export async function newStoredSecret(keys: SealingKeys, endpointId: string) {
  const shown = newWebhookSecret();
  const secret = await sealSecret(keys, endpointId, shown);
  return { shown, stored: { secret, secret_sha256: await sha256(shown) } };
}

/** Returns a stored signing secret. @throws Error if no key opens it. */
export function openSecret(keys: SealingKeys, endpointId: string, sealed: string): Promise<string> {
  return keys.open(sealed, endpointId);
}

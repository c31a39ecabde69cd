import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { type CredentialKind, client } from '../../src/resources/system/credentials.repository.ts';
import type { HomeDatabase } from './context.ts';
import type { ShownSecret } from './view.ts';

/** A new client secret or API key. */
export interface NewSecret {
  /** The SHA-256 hash in hexadecimal. The database stores only this. */
  readonly sha256: string;
  /** The secret itself, to be printed once. */
  readonly shown: ShownSecret;
}

/**
 * Creates a random client secret or API key.
 *
 * @param keyKind the kind that the prefix of an API key names.
 * @param db the database of the home that the prefix of a client secret names.
 */
export async function newSecret(
  kind: CredentialKind,
  keyKind: 'live' | 'test',
  { home }: HomeDatabase,
): Promise<NewSecret> {
  const secret = kind === client ? newClientSecret(home) : newApiKey(keyKind);
  return {
    sha256: await sha256(secret),
    shown: kind === client ? { client_secret: secret } : { api_key: secret },
  };
}

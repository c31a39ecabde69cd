import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { MAIN_HOME } from '../../src/homes.ts';
import { type CredentialKind, client } from '../../src/resources/system/credentials.repository.ts';
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
 */
export async function newSecret(
  kind: CredentialKind,
  keyKind: 'live' | 'test',
): Promise<NewSecret> {
  const secret = kind === client ? newClientSecret(MAIN_HOME) : newApiKey(keyKind);
  return {
    sha256: await sha256(secret),
    shown: kind === client ? { client_secret: secret } : { api_key: secret },
  };
}

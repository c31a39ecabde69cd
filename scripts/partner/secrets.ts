import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import {
  type CredentialKind,
  client,
} from '../../src/resources/system/credential-kinds.repository.ts';
import type { ShownSecret } from './view.ts';

/** A new secret of a client or of an API key. */
export interface NewSecret {
  /** All of it that is stored, in hex. */
  readonly sha256: string;
  readonly shown: ShownSecret;
}

/** @param keyKind what an API key says of itself. */
export async function newSecret(
  kind: CredentialKind,
  keyKind: 'live' | 'test',
): Promise<NewSecret> {
  const secret = kind === client ? newClientSecret() : newApiKey(keyKind);
  return {
    sha256: await sha256(secret),
    shown: kind === client ? { client_secret: secret } : { api_key: secret },
  };
}

import type { CredentialKind } from '../../src/resources/system/credentials.repository.ts';

/** An existing client or API key. */
export interface CredentialTarget {
  readonly kind: CredentialKind;
  readonly id: string;
}

/** The properties of a client or API key that is to be created. */
export interface CredentialWish {
  readonly kind: CredentialKind;
  readonly name: string;
  /** The scopes of a client, space-delimited; undefined for an API key. */
  readonly scopes?: string;
  /** Milliseconds since 1970; null if the credential never expires. */
  readonly expiresAt: number | null;
}

import { parseScope } from '../../src/auth/scopes.ts';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import type {
  CredentialKind,
  CredentialRow,
} from '../../src/resources/system/credential-kinds.repository.ts';
import type { PartnerRow } from './rows.ts';

/** A new secret; it is shown this once. */
export interface ShownSecret {
  readonly client_secret?: string;
  readonly api_key?: string;
}

/** A client or an API key: named as in the API, times as of RFC 3339. */
export interface CredentialView extends ShownSecret {
  readonly id: string;
  readonly name: string;
  readonly scopes?: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly disabled: boolean;
  readonly disabled_at: string | null;
  /** Until when the secret before the new one is accepted. */
  readonly old_secret_expires_at?: string;
}

/** A partner with those of its clients and API keys that a command is about. */
export interface PartnerView {
  readonly id: number;
  readonly name: string;
  readonly created_at: string;
  readonly disabled: boolean;
  readonly disabled_at: string | null;
  readonly clients: readonly CredentialView[];
  readonly api_keys: readonly CredentialView[];
}

/** What a command has to say, for people and, as one JSON value, for programs. */
export interface Outcome {
  readonly heading: string;
  readonly partners: readonly PartnerView[];
  readonly json: object;
}

const time = (milliseconds: number | null) =>
  milliseconds === null ? null : formatDateTime(milliseconds);

export function credentialView(row: CredentialRow, secret: ShownSecret = {}): CredentialView {
  const { id, name, scopes, created_at, disabled_at } = row;
  return {
    ...{ id, name, ...secret },
    ...(scopes !== undefined && { scopes: parseScope(scopes) }),
    created_at: formatDateTime(created_at),
    last_used_at: time(row.last_used_at),
    expires_at: time(row.expires_at),
    disabled: disabled_at !== null,
    disabled_at: time(disabled_at),
  };
}

/** A partner with clients and API keys, each under the name of its table. */
export function partnerView(
  { id, name, created_at, disabled_at }: PartnerRow,
  shown: { readonly [table in CredentialKind['table']]?: readonly CredentialView[] },
): PartnerView {
  return {
    ...{ id, name, created_at: formatDateTime(created_at) },
    ...{ disabled: disabled_at !== null, disabled_at: time(disabled_at) },
    ...{ clients: [], api_keys: [], ...shown },
  };
}

/** The outcome of a command that changed something of one partner. */
export function changed(heading: string, partner: PartnerView): Outcome {
  return { heading, partners: [partner], json: partner };
}

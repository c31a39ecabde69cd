import { parseScope } from '../../src/auth/scopes.ts';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import type {
  CredentialKind,
  CredentialRow,
} from '../../src/resources/system/credentials.repository.ts';
import type { HomeDatabase } from './context.ts';
import { type EndpointView, time } from './endpoint-view.ts';
import type { PartnerRow } from './rows.ts';

/** A new client secret or API key. It is shown only once. */
export interface ShownSecret {
  readonly client_secret?: string;
  readonly api_key?: string;
}

/** A client or an API key with the member names of the API. Times are RFC 3339 date-times. */
export interface CredentialView extends ShownSecret {
  readonly id: string;
  readonly name: string;
  readonly scopes?: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly disabled: boolean;
  readonly disabled_at: string | null;
  /** When the old secret expires. */
  readonly old_secret_expires_at?: string;
}

/** A partner with the clients and API keys that a command selected. */
export interface PartnerView {
  readonly id: number;
  /** The name of its home. */
  readonly home: string;
  readonly name: string;
  readonly created_at: string;
  readonly disabled: boolean;
  readonly disabled_at: string | null;
  /** The most prepared tickets that the partner may have. */
  readonly max_prepared_tickets: number;
  /** When the partner was found to have that many; null while it may create more. */
  readonly full_at: string | null;
  /** The most product lines that these may have together. */
  readonly max_product_lines: number;
  /** When the partner was found to have that many; null while it may add more. */
  readonly lines_full_at: string | null;
  readonly clients: readonly CredentialView[];
  readonly api_keys: readonly CredentialView[];
}

/** A host that receives no webhook, like all hosts below it. */
export interface HostView {
  readonly host: string;
  readonly denied_since: string;
  /** The names of the homes that deny it. */
  readonly homes: readonly string[];
}

/** The result of a command, for people and, as one JSON value, for programs. */
export interface Outcome {
  readonly heading: string;
  readonly partners: readonly PartnerView[];
  readonly endpoints?: readonly EndpointView[];
  readonly hosts?: readonly HostView[];
  readonly json: object;
}

/** Returns a number with its noun in the singular or plural. */
export const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Converts a row to the view of a client or API key. */
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

/**
 * Converts a row to the view of a partner.
 *
 * @param db the database that contains the row.
 * @param shown the clients and API keys to include, under the names of their tables.
 */
export function partnerView(
  db: HomeDatabase,
  { id, name, created_at, disabled_at, full_at, lines_full_at, ...quotas }: PartnerRow,
  shown: { readonly [table in CredentialKind['table']]?: readonly CredentialView[] },
): PartnerView {
  return {
    ...{ id, home: db.home.name, name, created_at: formatDateTime(created_at) },
    ...{ disabled: disabled_at !== null, disabled_at: time(disabled_at) },
    ...{ max_prepared_tickets: quotas.max_prepared_tickets, full_at: time(full_at) },
    ...{ max_product_lines: quotas.max_product_lines, lines_full_at: time(lines_full_at) },
    ...{ clients: [], api_keys: [], ...shown },
  };
}

/** Returns the outcome of a command that changed one partner. */
export function changed(heading: string, partner: PartnerView): Outcome {
  return { heading, partners: [partner], json: partner };
}

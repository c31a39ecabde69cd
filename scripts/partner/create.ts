import { sql } from 'drizzle-orm';
import {
  apiKey,
  client,
  MAX_CREDENTIALS,
} from '../../src/resources/system/credentials.repository.ts';
import { insertStatement, recordOperation } from '../../src/resources/system/owned.repository.ts';
import type { Context } from './context.ts';
import type { CredentialWish } from './credential.ts';
import { DatabaseFailed, NotPossible } from './failure.ts';
import {
  type PartnerRow,
  partnerColumns,
  partnerId,
  partnerNamed,
  requirePartner,
} from './rows.ts';
import { newSecret } from './secrets.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

const heading = ({ where }: Context) =>
  `Created in the ${where} database. Store the secrets now: they are not shown again, because only their hashes are stored.`;

/** Returns the statements that insert and record a client or an API key of a partner, and its secret to print. */
async function creation(partner: string, wish: CredentialWish, { now, keyKind }: Context) {
  const { kind, name, scopes, expiresAt } = wish;
  const { sha256, shown } = await newSecret(kind, keyKind);
  const id = partnerId(partner);
  const values = {
    ...{ name, expires_at: expiresAt, disabled: false },
    ...(scopes !== undefined && { scopes }),
  };
  const credential = { id: crypto.randomUUID(), secret: sha256, created_at: now, values };
  return {
    insert: insertStatement(kind, id, credential, sql`${id} IS NOT NULL`),
    record: recordOperation(kind, 'created', sql`id = ${credential.id}`, now),
    shown,
  };
}

/**
 * Creates a partner with a client and an API key. All three have the same name.
 *
 * @param scopes the scopes of the client, space-delimited.
 * @throws NotPossible if another partner has that name.
 */
export async function createPartner(
  name: string,
  scopes: string,
  context: Context,
): Promise<Outcome> {
  const newClient = await creation(name, { kind: client, name, scopes, expiresAt: null }, context);
  const newKey = await creation(name, { kind: apiKey, name, expiresAt: null }, context);
  const { partners, clients, keys } = await context.db
    .write({
      partners: sql<PartnerRow>`INSERT INTO partners (name, created_at) VALUES (${name}, ${context.now})
        RETURNING ${partnerColumns}`,
      clients: newClient.insert,
      recordClient: newClient.record,
      keys: newKey.insert,
      recordKey: newKey.record,
    })
    .catch((error: unknown) => {
      const isTaken = error instanceof DatabaseFailed && error.message.includes('partners.name');
      throw isTaken ? new NotPossible('A partner with that name already exists.') : error;
    });
  const shown = {
    clients: clients.map((row) => credentialView(row, newClient.shown)),
    api_keys: keys.map((row) => credentialView(row, newKey.shown)),
  };
  return changed(heading(context), partnerView(requirePartner(partners[0]), shown));
}

/**
 * Creates a client or an API key for an existing partner.
 *
 * @throws NotPossible if the partner does not exist, or has the maximum number of them.
 */
export async function addCredential(
  partner: string,
  wish: CredentialWish,
  context: Context,
): Promise<Outcome> {
  const { kind } = wish;
  const { insert, record, shown } = await creation(partner, wish, context);
  const { partners, made } = await context.db.write({
    partners: partnerNamed(partner),
    made: insert,
    record,
  });
  const owner = requirePartner(partners[0]);
  if (made.length === 0) {
    const what = kind === client ? 'clients' : 'API keys';
    throw new NotPossible(
      `The partner already has the maximum of ${MAX_CREDENTIALS} ${what}. Run \`delete\` for one that is no longer used.`,
    );
  }
  const views = made.map((row) => credentialView(row, shown));
  return changed(heading(context), partnerView(owner, { [kind.table]: views }));
}

import { sql } from 'drizzle-orm';
import {
  insertStatement,
  MAX_CREDENTIALS,
} from '../../src/resources/system/credential-creation.repository.ts';
import { apiKey, client } from '../../src/resources/system/credential-kinds.repository.ts';
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
  `Created in the ${where} database. Keep what is secret now: it is not shown again, for only hashes are stored.`;

/** The statement that makes a client or an API key of the partner, and how its secret is shown. */
async function creation(partner: string, wish: CredentialWish, { now, keyKind }: Context) {
  const { kind, name, scopes, expiresAt } = wish;
  const { sha256, shown } = await newSecret(kind, keyKind);
  const id = partnerId(partner);
  const credential = {
    ...{ id: crypto.randomUUID(), name, sha256, created_at: now, expires_at: expiresAt },
    ...(scopes !== undefined && { scopes }),
    disabled: false,
  };
  return { statement: insertStatement(kind, id, credential, sql`${id} IS NOT NULL`), shown };
}

/**
 * Makes a partner with a client and an API key, all three of one name.
 *
 * @param scopes of the client, space-delimited.
 * @throws NotPossible when the name is taken.
 */
export async function createPartner(
  name: string,
  scopes: string,
  context: Context,
): Promise<Outcome> {
  const madeClient = await creation(name, { kind: client, name, scopes, expiresAt: null }, context);
  const madeKey = await creation(name, { kind: apiKey, name, expiresAt: null }, context);
  const { partners, clients, keys } = await context.db
    .write({
      partners: sql<PartnerRow>`INSERT INTO partners (name, created_at) VALUES (${name}, ${context.now})
        RETURNING ${partnerColumns}`,
      clients: madeClient.statement,
      keys: madeKey.statement,
    })
    .catch((error: unknown) => {
      const isTaken = error instanceof DatabaseFailed && error.message.includes('partners.name');
      throw isTaken ? new NotPossible('There is a partner of that name already.') : error;
    });
  const shown = {
    clients: clients.map((row) => credentialView(row, madeClient.shown)),
    api_keys: keys.map((row) => credentialView(row, madeKey.shown)),
  };
  return changed(heading(context), partnerView(requirePartner(partners[0]), shown));
}

/**
 * Makes one more client or API key of a partner.
 *
 * @throws NotPossible when there is no such partner, or it has as many as it may have.
 */
export async function addCredential(
  partner: string,
  wish: CredentialWish,
  context: Context,
): Promise<Outcome> {
  const { kind } = wish;
  const { statement, shown } = await creation(partner, wish, context);
  const { partners, made } = await context.db.write({
    partners: partnerNamed(partner),
    made: statement,
  });
  const owner = requirePartner(partners[0]);
  if (made.length === 0) {
    const what = kind === client ? 'clients' : 'API keys';
    throw new NotPossible(
      `The partner has ${MAX_CREDENTIALS} ${what}, as many as it may have: \`delete\` one that is no longer used.`,
    );
  }
  const views = made.map((row) => credentialView(row, shown));
  return changed(heading(context), partnerView(owner, { [kind.table]: views }));
}

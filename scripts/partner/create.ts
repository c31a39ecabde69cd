import { sql } from 'drizzle-orm';
import {
  apiKey,
  client,
  MAX_CREDENTIALS,
} from '../../src/resources/system/credentials.repository.ts';
import { insertStatement, recordOperation } from '../../src/resources/system/owned.repository.ts';
import { askHomes, homeWith, namesOf, placeOf, reasonsOf } from './across-homes.ts';
import type { Context, HomeDatabase } from './context.ts';
import type { CredentialWish } from './credential.ts';
import { DatabaseFailed, NotPossible, WrongUse } from './failure.ts';
import { insertPartner } from './partners.ts';
import {
  type PartnerRow,
  partnerColumns,
  partnerId,
  partnerNamed,
  requirePartner,
} from './rows.ts';
import { newSecret } from './secrets.ts';
import { changed, credentialView, type Outcome, partnerView } from './view.ts';

const heading = (place: string) =>
  `Created in ${place}. Store the secrets now: they are not shown again, because only their hashes are stored.`;

/** Returns the statements that insert and record a client or an API key of a partner, and its secret to print. */
async function creation(
  partner: string,
  wish: CredentialWish,
  db: HomeDatabase,
  { now, keyKind }: Context,
) {
  const { kind, name, scopes, expiresAt } = wish;
  const { sha256, shown } = await newSecret(kind, keyKind, db);
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

/** A partner that is to be created. */
interface NewPartner {
  readonly name: string;
  /** The scopes of its client, space-delimited. */
  readonly scopes: string;
  /** The name of the home in which it will live; undefined for the first one, which is `main`. */
  readonly home: string | undefined;
}

/** Returns the database of a home. @throws WrongUse if wrangler.toml names no such home. */
function homeNamed(name: string | undefined, { homes }: Context): HomeDatabase {
  const found = name === undefined ? homes[0] : homes.find(({ home }) => home.name === name);
  if (found === undefined) {
    throw new WrongUse(
      `No home has the name after --home. HOMES in wrangler.toml adds homes to main. The homes are: ${namesOf(homes)}.`,
    );
  }
  return found;
}

const isTaken = (where: string) =>
  new NotPossible(`A partner with that name already exists${where}.`);

/**
 * Looks for a partner with a name in homes.
 *
 * @returns a sentence about the homes that do not answer, or an empty text.
 * @throws NotPossible if one of them has such a partner.
 */
async function requireNewName(name: string, homes: readonly HomeDatabase[]): Promise<string> {
  const { answers, silent } = await askHomes(homes, (db) => db.read({ same: partnerNamed(name) }));
  const having = answers.filter(({ answer }) => answer.same.length > 0).map(({ db }) => db);
  if (having.length > 0) {
    throw isTaken(` in the home ${namesOf(having)}`);
  }
  return silent.length === 0
    ? ''
    : `\nThe name was not looked for in the homes that do not answer. ${reasonsOf(silent)}`;
}

/**
 * Creates a partner with a client and an API key. All three have the same name.
 *
 * @throws NotPossible if another partner has that name, also in another home, or if the home has no id left.
 */
export async function createPartner(wanted: NewPartner, context: Context): Promise<Outcome> {
  const { name, scopes } = wanted;
  const db = homeNamed(wanted.home, context);
  const note = await requireNewName(
    name,
    context.homes.filter((other) => other !== db),
  );
  const wish = { name, expiresAt: null };
  const newClient = await creation(name, { kind: client, scopes, ...wish }, db, context);
  const newKey = await creation(name, { kind: apiKey, ...wish }, db, context);
  const { partners, clients, keys } = await db
    .write({
      partners: sql<PartnerRow>`${insertPartner(db.home, name, context.now)}
        RETURNING ${partnerColumns}`,
      clients: newClient.insert,
      recordClient: newClient.record,
      keys: newKey.insert,
      recordKey: newKey.record,
    })
    .catch((error: unknown) => {
      const isSame = error instanceof DatabaseFailed && error.message.includes('partners.name');
      throw isSame ? isTaken('') : error;
    });
  const [partner] = partners;
  if (partner === undefined) {
    throw new NotPossible(`The home ${db.home.name} has used up its ids of partners.`);
  }
  const shown = {
    clients: clients.map((row) => credentialView(row, newClient.shown)),
    api_keys: keys.map((row) => credentialView(row, newKey.shown)),
  };
  return changed(`${heading(placeOf(db, context))}${note}`, partnerView(db, partner, shown));
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
  const db = await homeWith(partnerNamed(partner), context);
  const { insert, record, shown } = await creation(partner, wish, db, context);
  const { partners, made } = await db.write({
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
  return changed(heading(placeOf(db, context)), partnerView(db, owner, { [kind.table]: views }));
}

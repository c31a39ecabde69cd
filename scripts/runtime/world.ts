import { IDS_PER_HOME, MAIN_HOME } from '../../src/homes.ts';
import {
  type Credentials,
  credentialsSql,
  everyScope,
  newCredentials,
  partnerSql,
} from '../partner/partners.ts';
import { readMigrations } from './migrations.ts';
import { type Deployment, type Runtime, type RuntimeDatabase, withRuntime } from './runtime.ts';

/** A running API with two partners, whose database is that of their home. */
export interface World extends Runtime {
  /** The id of the first partner. That of the second one is the next. */
  readonly firstId: number;
  readonly partners: Readonly<Record<PartnerName, Credentials>>;
  /** Returns the headers that authenticate a partner, with a new access token. */
  headers(partner: PartnerName): Promise<Readonly<Record<string, string>>>;
}

/** The name of the Worker that serves the API. */
export const API = 'api';
/** A home beside `main`, in which the partners of a world can live. */
export const EU = { name: 'eu', number: 1, binding: 'DB_EU' } as const;
/** The names of the partners in the order of their ids. */
const partnerNames = ['big', 'other'] as const;
export type PartnerName = (typeof partnerNames)[number];
/** The home of the partners of a world. */
type PartnersHome = typeof MAIN_HOME | typeof EU;

async function token(origin: string, { client_id, client_secret }: Credentials) {
  const response = await fetch(`${origin}/oauth2/token`, {
    method: 'POST',
    // Names every scope, because a token gets some of them only on request.
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: everyScope,
      ...{ client_id, client_secret },
    }),
  });
  const body = await response.text();
  if (!response.ok) {
    throw new Error(`/oauth2/token returned ${response.status}: ${body}`);
  }
  return (JSON.parse(body) as { access_token: string }).access_token;
}

/** Returns the headers that authenticate a partner at a Worker, with a new access token. */
export async function authenticate(
  origin: string,
  credentials: Credentials,
): Promise<Readonly<Record<string, string>>> {
  const bearer = await token(origin, credentials);
  return { Authorization: `Bearer ${bearer}`, 'x-api-key': credentials.api_key };
}

async function execute(database: RuntimeDatabase, statements: readonly string[]): Promise<void> {
  await database.batch(statements.map((statement) => database.prepare(statement)));
}

/** Creates the partners, each with a client and an API key. */
async function createPartners(
  database: RuntimeDatabase,
  home: PartnersHome,
): Promise<Readonly<Record<PartnerName, Credentials>>> {
  const created = { big: newCredentials('test', home), other: newCredentials('test', home) };
  for (const name of partnerNames) {
    const credentials = await credentialsSql(name, created[name], 0);
    await execute(database, [partnerSql(name, 0, home), ...credentials]);
  }
  return created;
}

/**
 * Serves the API with a migrated database and two partners while `use` runs.
 *
 * @param neighbours other Workers on the same database.
 * @param variables the variables of all Workers, in addition to those that the API needs.
 * @param onLine receives each line that a Worker logs.
 * @param home the home of the partners. With `EU`, the API has two homes, and `main` has no partner.
 */
export function withWorld<T>(
  neighbours: readonly Deployment[],
  variables: Readonly<Record<string, string>>,
  use: (world: World) => Promise<T>,
  onLine?: (line: string) => void,
  home: PartnersHome = MAIN_HOME,
): Promise<T> {
  const workers = [{ name: API, entry: 'src/index.ts' }, ...neighbours];
  const homes = home === EU ? [MAIN_HOME, EU] : [MAIN_HOME];
  const databases = Object.fromEntries(homes.map(({ name, binding }) => [binding, name]));
  const HOMES = JSON.stringify(homes.slice(1));
  const inRuntime = async (runtime: Runtime) => {
    const statements = readMigrations().flatMap((migration) => migration.statements);
    for (const { binding } of homes) {
      await execute(await runtime.databaseOf(binding), statements);
    }
    if (home === EU) {
      const claim = `INSERT INTO home (number, name) VALUES (${EU.number}, '${EU.name}')`;
      await execute(await runtime.databaseOf(EU.binding), [claim]);
    }
    const database = await runtime.databaseOf(home.binding);
    const partners = await createPartners(database, home);
    const headers = async (partner: PartnerName) =>
      authenticate(await runtime.origin(API), partners[partner]);
    const firstId = home.number * IDS_PER_HOME + 1;
    return use({ ...runtime, database, firstId, partners, headers });
  };
  return withRuntime(workers, { HOMES, ...variables }, inRuntime, onLine, { databases });
}

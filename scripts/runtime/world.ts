import {
  type Credentials,
  credentialsSql,
  everyScope,
  newCredentials,
  partnerSql,
} from '../partner/partners.ts';
import { readMigrations } from './migrations.ts';
import { type Deployment, type Runtime, type RuntimeDatabase, withRuntime } from './runtime.ts';

/** A running API with two partners. */
export interface World extends Runtime {
  readonly partners: Readonly<Record<PartnerName, Credentials>>;
  /** Returns the headers that authenticate a partner, with a new access token. */
  headers(partner: PartnerName): Promise<Readonly<Record<string, string>>>;
}

/** The name of the Worker that serves the API. */
export const API = 'api';
/** The names of the partners in the order of their ids, 1 and 2. */
const partnerNames = ['big', 'other'] as const;
export type PartnerName = (typeof partnerNames)[number];

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
): Promise<Readonly<Record<PartnerName, Credentials>>> {
  const created = { big: newCredentials('test'), other: newCredentials('test') };
  for (const name of partnerNames) {
    const credentials = await credentialsSql(name, created[name], 0);
    await execute(database, [partnerSql(name, 0), ...credentials]);
  }
  return created;
}

/**
 * Serves the API with a migrated database and two partners while `use` runs.
 *
 * @param neighbours other Workers on the same database.
 * @param variables the variables of all Workers, in addition to those that the API needs.
 * @param onLine receives each line that a Worker logs.
 */
export function withWorld<T>(
  neighbours: readonly Deployment[],
  variables: Readonly<Record<string, string>>,
  use: (world: World) => Promise<T>,
  onLine?: (line: string) => void,
): Promise<T> {
  const workers = [{ name: API, entry: 'src/index.ts' }, ...neighbours];
  const inRuntime = async (runtime: Runtime) => {
    const migrations = readMigrations();
    await execute(
      runtime.database,
      migrations.flatMap(({ statements }) => statements),
    );
    const partners = await createPartners(runtime.database);
    const headers = async (partner: PartnerName) =>
      authenticate(await runtime.origin(API), partners[partner]);
    return use({ ...runtime, partners, headers });
  };
  return withRuntime(workers, variables, inRuntime, onLine);
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { newSealingKeySet } from '../../src/auth/sealing-keys.ts';
import { newSigningKey } from '../../src/auth/signing-keys.ts';
import { bundle, temporaryFolder } from './bundle.ts';

const ISSUER = 'http://localhost';

type Variables = Readonly<Record<string, string>>;

/** A Worker that is to be deployed on the local runtime. */
export interface Deployment {
  readonly name: string;
  /** The main module, from which the Worker is bundled. */
  readonly entry: string;
  /** The variables of this Worker. They override the variables of all Workers. */
  readonly variables?: Variables;
}

/** The part of a D1 prepared statement that is used here. */
interface RuntimeStatement {
  bind(...params: (string | number)[]): RuntimeStatement;
  run(): Promise<unknown>;
  first<Row>(): Promise<Row | null>;
}

/** The part of a D1 database that is used here. */
export interface RuntimeDatabase {
  prepare(sql: string): RuntimeStatement;
  batch<Row>(statements: readonly RuntimeStatement[]): Promise<{ results: Row[] }[]>;
}

/** A Worker with a cron trigger. */
interface Scheduled {
  readonly scheduled: () => Promise<{ readonly outcome: string }>;
}

/** Where Workers store their data. */
export interface Storage {
  /** The ids of the databases by their bindings. Each Worker has all of them. */
  readonly databases: Readonly<Record<string, string>>;
  /** The folder of the databases; without it, they are empty and end with the runtime. */
  readonly folder?: string;
}

/** Workers in one workerd process that share databases. */
export interface Runtime {
  /** The database of the binding `DB`. */
  readonly database: RuntimeDatabase;
  /** Returns the database of a binding. */
  databaseOf(binding: string): Promise<RuntimeDatabase>;
  /** Returns the address of a Worker, which bypasses wrangler's proxy. */
  origin(worker: string): Promise<string>;
  /** Runs what the cron trigger of a Worker runs, until it has ended. */
  runScheduled(worker: string): Promise<void>;
}

/** Returns the variables that the API needs. All Workers get them. */
async function commonVariables(): Promise<Variables> {
  return {
    ISSUER,
    SIGNING_KEY_A: JSON.stringify(await newSigningKey()),
    SIGNING_KEY_B: JSON.stringify(await newSigningKey()),
    WEBHOOK_KEYS: JSON.stringify(newSealingKeySet()),
    // workerd's simulation of the limits calls a Durable Object for each request. Cloudflare does not.
    RATE_LIMITS: 'off',
  };
}

const settings = unstable_readConfig({ config: 'wrangler.toml' });
/** The part of a rate limit in wrangler.toml that wrangler declares as `any`. */
const ratelimits: readonly {
  readonly name: string;
  readonly namespace_id: string;
  readonly simple: { readonly limit: number; readonly period: 10 | 60 };
}[] = settings.ratelimits;

function environment(variables: Variables, databases: Storage['databases']) {
  return {
    ...Object.fromEntries(
      Object.entries(databases).map(([binding, id]) => [binding, { type: 'd1' as const, id }]),
    ),
    ...Object.fromEntries(
      ratelimits.map(({ name, namespace_id: namespace, simple }) => [
        name,
        { type: 'rate-limit' as const, namespace, simple },
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, { type: 'text' as const, value }]),
    ),
  };
}

/** Bundles each main module once and returns the scripts by module. */
async function scriptsOf(workers: readonly Deployment[], folder: string) {
  const scripts = new Map<string, string>();
  for (const { name, entry } of workers) {
    if (!scripts.has(entry)) {
      scripts.set(entry, (await bundle(join(folder, name), entry)).script);
    }
  }
  return scripts;
}

/**
 * Bundles Workers as for a deployment and runs them with temporary state while `use` runs. Requests go
 * directly to workerd, because wrangler's proxy takes more time than the API.
 *
 * @param variables the variables of all Workers, in addition to those that the API needs.
 * @param onLine receives each line that a Worker logs, except errors, which are printed.
 * @param storage where the Workers store their data; by default in one empty database.
 */
export async function withRuntime<T>(
  workers: readonly Deployment[],
  variables: Variables,
  use: (runtime: Runtime) => Promise<T>,
  onLine: (line: string) => void = () => undefined,
  storage: Storage = { databases: { DB: 'runtime' } },
): Promise<T> {
  const folder = temporaryFolder();
  const common = { ...(await commonVariables()), ...variables };
  const { compatibility_date: compatibilityDate, compatibility_flags: compatibilityFlags } =
    settings;
  const scripts = await scriptsOf(workers, folder);
  const options = workers.map(({ name, entry, variables: own }) => {
    const modules = {
      'index.js': { type: 'esm' as const, contents: scripts.get(entry) as string },
    };
    const manifest = { mainModule: 'index.js', modulesRoot: folder, modules };
    const env = environment({ ...common, ...own }, storage.databases);
    return {
      config: { name, compatibilityDate, compatibilityFlags, manifest, env },
      dev: { unsafeDirectSockets: [{}] },
    };
  });
  const miniflare = new Miniflare({
    workers: options,
    resourcePersistencePath: storage.folder ?? folder,
    cf: false,
    // The log line of each request would bury the results.
    handleStructuredLogs: ({ level, message }) =>
      level === 'error' ? console.error(message) : onLine(message),
  });
  try {
    return await use({
      database: await miniflare.getD1Database('DB'),
      databaseOf: (binding) => miniflare.getD1Database(binding),
      origin: async (worker) => (await miniflare.unsafeGetDirectURL(worker)).origin,
      runScheduled: async (worker) => {
        // The declared type of a Worker lacks its handlers.
        const { scheduled } = (await miniflare.getWorker(worker)) as unknown as Scheduled;
        const { outcome } = await scheduled();
        if (outcome !== 'ok') {
          throw new Error(`The scheduled run of ${worker} ended with ${outcome}.`);
        }
      },
    });
  } finally {
    await miniflare.dispose();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

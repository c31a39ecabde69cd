import type { SQL } from 'drizzle-orm';
import { membersOf, type Rows } from '../../src/db/statements.ts';
import { local } from '../dev/local.ts';
import { runWrangler } from '../process/wrangler.ts';
import type { NamedSql, PartnerDatabase } from './context.ts';
import { DatabaseFailed } from './failure.ts';
import { inlined } from './inlined-sql.ts';

/** The message in what `wrangler --json` prints for an error. */
function errorText(stdout: string): string | undefined {
  try {
    return JSON.parse(stdout).error.text;
  } catch {
    return undefined;
  }
}

/** Runs of a command on the local database, while another process writes to it. */
const ATTEMPTS = 5;

/** The local SQLite does not wait for a lock; without one it does nothing. */
const isBusy = (said: string, remote: boolean) => !remote && said.includes('SQLITE_BUSY');

/** What went wrong before anything could be changed; undefined when that is not known. */
function knownReason(said: string, remote: boolean): string | undefined {
  if (/no such (?:table|column)|has no column/.test(said)) {
    return remote
      ? 'The deployed database has no tables yet, or lacks a migration: run `npm run deploy` first.'
      : 'The local database has no tables yet, or lacks a migration: run `npm run dev` first.';
  }
  if (/CLOUDFLARE_API_TOKEN|not authenticated|Authentication error/i.test(said)) {
    return 'wrangler is not logged in: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.';
  }
  if (isBusy(said, remote)) {
    return 'Another process is writing to the local database all the time: try again.';
  }
  return undefined;
}

/** The database that wrangler.toml names: the deployed one, or the local one of `npm run dev`. */
export function wranglerDatabase(remote: boolean): PartnerDatabase {
  const target = remote ? ['--remote', '--yes'] : ['--local', '--persist-to', local.database];

  async function run<S extends NamedSql>(statements: S, doubt: string): Promise<Rows<S>> {
    // Several statements in one command are one batch, and a batch is one transaction.
    const named = membersOf<SQL>(statements);
    const sql = named.map(([, statement]) => inlined(statement)).join('; ');
    const command = ['d1', 'execute', 'DB', ...target, '--json', '--command', sql];
    for (let attempt = 1; ; attempt++) {
      const { code, stdout, stderr } = await runWrangler(command);
      if (code === 0) {
        const answers = JSON.parse(stdout) as { results: unknown[] }[];
        return Object.fromEntries(named.map(([name], i) => [name, answers[i]?.results])) as Rows<S>;
      }
      const said = errorText(stdout) ?? `${stderr}${stdout}`.trim();
      if (!isBusy(said, remote) || attempt === ATTEMPTS) {
        throw new DatabaseFailed(knownReason(said, remote) ?? `wrangler failed: ${said}${doubt}`);
      }
    }
  }

  return {
    read: (statements) => run(statements, ''),
    write: (statements) =>
      run(
        statements,
        '\nWhether anything was changed is not known: look with `list` before you repeat it.',
      ),
  };
}

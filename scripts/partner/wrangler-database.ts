import type { SQL } from 'drizzle-orm';
import { membersOf, type Rows } from '../../src/db/statements.ts';
import { local } from '../dev/local.ts';
import { runWrangler } from '../process/wrangler.ts';
import type { NamedSql, PartnerDatabase } from './context.ts';
import { DatabaseFailed } from './failure.ts';
import { inlined } from './inlined-sql.ts';

/** Returns the message of the error that `wrangler --json` printed, or undefined. */
function errorText(stdout: string): string | undefined {
  try {
    return JSON.parse(stdout).error.text;
  } catch {
    return undefined;
  }
}

/** How often a command is run on the local database while another process writes to it. */
const MAX_ATTEMPTS = 5;

/** Whether a local command failed at a lock. SQLite does not wait for the lock and then changes nothing. */
const isBusy = (message: string, remote: boolean) => !remote && message.includes('SQLITE_BUSY');

/** Returns the reason of a failure that cannot have changed anything; undefined for any other failure. */
function knownReason(message: string, remote: boolean): string | undefined {
  if (/no such (?:table|column)|has no column/.test(message)) {
    return remote
      ? 'The deployed database has no tables or lacks a migration. Run `npm run deploy` first.'
      : 'The local database has no tables or lacks a migration. Run `npm run dev` first.';
  }
  if (/CLOUDFLARE_API_TOKEN|not authenticated|Authentication error/i.test(message)) {
    return 'wrangler is not logged in. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.';
  }
  if (isBusy(message, remote)) {
    return 'Another process is writing to the local database. Try again.';
  }
  return undefined;
}

/**
 * Returns the database that wrangler.toml names.
 *
 * @param remote whether to use the deployed database instead of the local one of `npm run dev`.
 */
export function wranglerDatabase(remote: boolean): PartnerDatabase {
  const target = remote ? ['--remote', '--yes'] : ['--local', '--persist-to', local.database];

  async function run<S extends NamedSql>(statements: S, suffix: string): Promise<Rows<S>> {
    // D1 runs the statements of one command as one batch, and a batch is one transaction.
    const named = membersOf<SQL>(statements);
    const sql = named.map(([, statement]) => inlined(statement)).join('; ');
    const command = ['d1', 'execute', 'DB', ...target, '--json', '--command', sql];
    for (let attempt = 1; ; attempt++) {
      const { code, stdout, stderr } = await runWrangler(command);
      if (code === 0) {
        const results = JSON.parse(stdout) as { results: unknown[] }[];
        return Object.fromEntries(named.map(([name], i) => [name, results[i]?.results])) as Rows<S>;
      }
      const message = errorText(stdout) ?? `${stderr}${stdout}`.trim();
      if (!isBusy(message, remote) || attempt === MAX_ATTEMPTS) {
        throw new DatabaseFailed(
          knownReason(message, remote) ?? `wrangler failed: ${message}${suffix}`,
        );
      }
    }
  }

  return {
    read: (statements) => run(statements, ''),
    write: (statements) =>
      run(
        statements,
        '\nThe command may have taken effect. Run `list` to see the current state before you repeat it.',
      ),
  };
}

import type { FaultPath } from '../../src/db/errors.ts';
import type { Home } from '../../src/homes.ts';
import { local } from '../dev/local.ts';
import { runWrangler } from '../process/wrangler.ts';
import type { Batch } from './batch.ts';

/** A command of wrangler on the database of a home failed. The message is for the person who typed it. */
export class ExecutionFailed extends Error {
  override readonly name = 'ExecutionFailed';
  /** Whether it is certain that nothing was changed. */
  readonly isHarmless: boolean;
  /** Whether a table or a column is missing. */
  readonly lacksTable: boolean;

  constructor(message: string, { isHarmless = true, lacksTable = false } = {}) {
    super(message);
    this.isHarmless = isHarmless;
    this.lacksTable = lacksTable;
  }
}

/** What D1 returned for one statement. */
export interface Executed {
  readonly results: unknown[];
  readonly meta: {
    /** The size of the database in bytes. The local database does not state it. */
    readonly size_after?: number;
  };
}

/** Returns the rows of a statement. */
export const rowsOf = <Row>(executed: Executed | undefined): Row[] =>
  (executed?.results ?? []) as Row[];

/** The fault of `requireIdentity`. */
const WRONG_HOME: FaultPath = 'wrong-home';

/** How often a command is run on the local database while another process writes to it. */
const MAX_ATTEMPTS = 5;

/** Returns the options of wrangler that select the local or the deployed database. */
const target = (remote: boolean): readonly string[] =>
  remote ? ['--remote'] : ['--local', '--persist-to', local.database];

/** Returns the message of the error that `wrangler --json` printed, or undefined. */
function errorText(stdout: string): string | undefined {
  try {
    return JSON.parse(stdout).error.text;
  } catch {
    return undefined;
  }
}

/** Whether a local command failed at a lock. SQLite does not wait for the lock and then changes nothing. */
const isBusy = (message: string, remote: boolean) => !remote && message.includes('SQLITE_BUSY');

/**
 * Whether statements that only read failed because another process wrote to the local database. The statements of a
 * write can have taken effect before this fault.
 */
const isDisturbed = (message: string, remote: boolean, statements: readonly string[]) =>
  !remote &&
  message.includes('Failed to get session commit token') &&
  statements.every((statement) => statement.startsWith('SELECT'));

function failureOf(message: string, { name }: Home, remote: boolean): ExecutionFailed {
  if (message.includes(`'${WRONG_HOME}'`)) {
    return new ExecutionFailed(
      `Its database is not that of the home ${name}. Run \`npm run homes\` to see which one it is.`,
    );
  }
  if (/no such (?:table|column)|has no column/.test(message)) {
    const what = remote ? 'deployed' : 'local';
    const command = remote ? 'npm run deploy' : 'npm run dev';
    return new ExecutionFailed(
      `The ${what} database has no tables or lacks a migration. Run \`${command}\` first.`,
      { lacksTable: true },
    );
  }
  if (/CLOUDFLARE_API_TOKEN|not authenticated|Authentication error/i.test(message)) {
    return new ExecutionFailed(
      'wrangler is not logged in. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.',
    );
  }
  if (isBusy(message, remote)) {
    return new ExecutionFailed('Another process is writing to the local database. Try again.');
  }
  return new ExecutionFailed(`wrangler failed: ${message}`, { isHarmless: false });
}

/**
 * Executes statements without parameters in the database of a home. D1 runs them as one batch, and a batch is one
 * transaction.
 *
 * @param remote whether to use the deployed database instead of the local one of `npm run dev`.
 * @returns the result of each statement.
 * @throws ExecutionFailed if the database cannot be reached or returns an error.
 */
export async function execute(
  home: Home,
  remote: boolean,
  statements: readonly string[],
): Promise<Executed[]> {
  const sql = ['--command', statements.join('; ')];
  const yes = remote ? ['--yes'] : [];
  const command = ['d1', 'execute', home.binding, ...target(remote), ...yes, '--json', ...sql];
  for (let attempt = 1; ; attempt++) {
    const { code, stdout, stderr } = await runWrangler(command);
    if (code === 0) {
      return JSON.parse(stdout) as Executed[];
    }
    const message = errorText(stdout) ?? `${stderr}${stdout}`.trim();
    const again = isBusy(message, remote) || isDisturbed(message, remote, statements);
    if (!again || attempt === MAX_ATTEMPTS) {
      throw failureOf(message, home, remote);
    }
  }
}

/** Returns what executes statements in the database of a home. It rejects with `ExecutionFailed`. */
export const executeIn =
  (home: Home, remote: boolean): Batch =>
  async (statements) =>
    (await execute(home, remote, statements)).map(({ results }) => results);

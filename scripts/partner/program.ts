import { Command, CommanderError } from 'commander';
import { MAX_CREDENTIALS } from '../../src/resources/system/credentials.repository.ts';
import { addCommands } from './commands.ts';
import type { Context } from './context.ts';
import type { Outcome } from './view.ts';
import { commandsBelow, isGroup, wrongUse } from './wrong-use.ts';

const NAME = 'npm run partner --';

const AFTER_HELP = `
\`${NAME} COMMAND --help\` shows the options of a command.
Secrets are shown only once. A partner has at most ${MAX_CREDENTIALS} clients and ${MAX_CREDENTIALS} API keys.

Exit codes:
  0  The command was carried out.
  1  The database could not be reached, or returned an error.
  2  The command line is wrong.
  3  The command cannot be carried out, and nothing was changed.
The reason of a failure is a sentence on stderr. With --json it is also {"error": "..."} on stdout.`;

/** Makes commander throw, instead of printing an error and ending the process. */
function throwErrors(command: Command): Command {
  return command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : wrongUse(error, command);
  });
}

/**
 * Carries out a command line.
 *
 * @param args the words after `npm run partner --`; the first is the command.
 * @param contextOf returns the context of the local database, or of the deployed one.
 * @returns what to print: the outcome of the command, or the help text that `--help` asked for.
 * @throws Failure when the command was not carried out.
 */
export async function run(
  args: readonly string[],
  contextOf: (remote: boolean) => Context,
): Promise<Outcome> {
  let help = '';
  let outcome: Outcome | undefined;
  const program = throwErrors(new Command(NAME))
    .description('Manages partners with their clients, API keys and webhook endpoints.')
    .addHelpText('after', AFTER_HELP)
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: () => undefined,
    });
  addCommands(program, (perform) => async (values, command) => {
    outcome = await perform(values, contextOf(command.opts().remote === true), command);
  });
  program.commands.filter(isGroup).forEach(throwErrors);
  for (const command of commandsBelow(program)) {
    throwErrors(command)
      .option('--remote', 'use the deployed database instead of the local one')
      .option('--json', 'print one JSON value on stdout and nothing else (with npm run -s)');
  }
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
  });
  return outcome ?? { heading: help.trimEnd(), partners: [], json: { help } };
}

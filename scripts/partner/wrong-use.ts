import type { Command, CommanderError } from 'commander';
import { WrongUse } from './failure.ts';

/**
 * Converts an error of commander to a `WrongUse` whose message never repeats what was typed, because
 * the user may have pasted a secret in the wrong place. It repeats only the names of options that exist.
 *
 * @param command the command that could not be parsed.
 */
export function wrongUse(error: CommanderError, command: Command): WrongUse {
  return new WrongUse(messageOf(error, command), command.helpInformation().trimEnd());
}

/** Returns the quoted name of a typed option if it is one letter or an option of another command. */
function nameOf(text: string, { parent }: Command): string {
  const [, name] = /'(--[^=']+|-[^-])/.exec(text) ?? [];
  const existing = parent?.commands.flatMap(({ options }) => options.map(({ long }) => long));
  return name?.length === 2 || existing?.includes(name) ? ` '${name}'` : '';
}

function messageOf({ code, message }: CommanderError, command: Command): string {
  if (command.parent === null) {
    const names = command.commands.map((each) => each.name()).join(', ');
    return `The command comes first. Write one of ${names}. --help explains them.`;
  }
  const text = message.replace(/^error: ./, (start) => start.slice(-1).toUpperCase());
  switch (code) {
    case 'commander.unknownOption': {
      const known = command.options.map(({ long }) => long).join(', ');
      return `Unknown option${nameOf(text, command)}. \`${command.name()}\` takes ${known}.`;
    }
    case 'commander.excessArguments':
      return `\`${command.name()}\` takes options only. Write a value with spaces in quotes, and write \`--\` after \`npm run partner\`.`;
    case 'commander.invalidArgument':
      return text.replace(/ argument '.*' is invalid\./s, ' is invalid.');
    case 'commander.conflictingOption':
      return `${text}. Leave out one of the two.`;
    default:
      return `${text}.`;
  }
}

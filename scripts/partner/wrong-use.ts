import type { Command, CommanderError } from 'commander';
import { WrongUse } from './failure.ts';

/**
 * Converts an error of commander to one that never repeats what was typed, because that may be a
 * secret that was pasted in the wrong place.
 *
 * @param command the command that could not be parsed.
 */
export function wrongUse(error: CommanderError, command: Command): WrongUse {
  return new WrongUse(messageOf(error, command), command.helpInformation().trimEnd());
}

function messageOf({ code, message }: CommanderError, command: Command): string {
  if (command.parent === null) {
    const names = command.commands.map((each) => each.name()).join(', ');
    return `The command comes first. Write one of ${names}; --help tells more.`;
  }
  const text = message.replace(/^error: ./, (start) => start.slice(-1).toUpperCase());
  switch (code) {
    case 'commander.unknownOption': {
      const known = command.options.map(({ long }) => long).join(', ');
      return `${text.replace(/'(--[^=]+|-.).*'/s, "'$1'")}. \`${command.name()}\` takes ${known}.`;
    }
    case 'commander.excessArguments':
      return `\`${command.name()}\` takes options only. Write a value with spaces in quotes, and \`--\` after \`npm run partner\`.`;
    case 'commander.invalidArgument':
      return text.replace(/ argument '.*' is invalid\./s, ' is invalid.');
    case 'commander.conflictingOption':
      return `${text}. Leave out one of the two.`;
    default:
      return `${text}.`;
  }
}

import type { Command, CommanderError } from 'commander';
import { programOf, wordsOf } from './add-command.ts';
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

/** Returns whether a command only contains others. */
export const isGroup = (command: Command): boolean => command.commands.length > 0;

/** Returns the commands that a program carries out, also those of its groups. */
export const commandsBelow = (program: Command): readonly Command[] =>
  program.commands.flatMap((command) => (isGroup(command) ? commandsBelow(command) : [command]));

/** Returns the quoted name of a typed option if it is one letter or an option of another command. */
function optionIn(text: string, command: Command): string {
  const [, name] = /'(--[^=']+|-[^-])/.exec(text) ?? [];
  const existing = commandsBelow(programOf(command)).flatMap(({ options }) =>
    options.map(({ long }) => long),
  );
  return name?.length === 2 || existing.includes(name) ? ` '${name}'` : '';
}

function messageOf({ code, message }: CommanderError, command: Command): string {
  if (isGroup(command)) {
    const names = command.commands.map((each) => each.name()).join(', ');
    return command.parent === null
      ? `The command comes first. Write one of ${names}. --help explains them.`
      : `The word after \`${wordsOf(command)}\` says what to do. Write one of ${names}. --help explains them.`;
  }
  const text = message.replace(/^error: ./, (start) => start.slice(-1).toUpperCase());
  switch (code) {
    case 'commander.unknownOption': {
      const known = command.options.map(({ long }) => long).join(', ');
      return `Unknown option${optionIn(text, command)}. \`${wordsOf(command)}\` takes ${known}.`;
    }
    case 'commander.excessArguments':
      return command.registeredArguments.length > 0
        ? `\`${wordsOf(command)}\` takes one ${command.registeredArguments[0]?.name()}. Write \`--\` after \`npm run partner\`.`
        : `\`${wordsOf(command)}\` takes options only. Write a value with spaces in quotes, and write \`--\` after \`npm run partner\`.`;
    case 'commander.invalidArgument':
      return text
        .replace(/ argument '.*' is invalid\./s, ' is invalid.')
        .replace(
          /^Command-argument value '.*' is invalid for argument '([a-z]+)'\./s,
          'The $1 is invalid.',
        );
    case 'commander.conflictingOption':
      return `${text}. Leave out one of the two.`;
    default:
      return `${text}.`;
  }
}

import type { Command, Option } from 'commander';
import type { Context } from './context.ts';
import type { Outcome } from './view.ts';

/** Carries out a command. Calls `command.error` when an option is missing. */
export type Perform<V> = (values: V, context: Context, command: Command) => Promise<Outcome>;

/** Wraps a function that carries out a command for commander's `action`. */
export type Act = <V>(perform: Perform<V>) => (values: V, command: Command) => Promise<void>;

/** Ends a command that lacks an option. @param what the option to add. */
export const missing = (command: Command, what: string): never =>
  command.error(`error: an option is missing. Add ${what}`);

/**
 * Adds a command to a program or to a group.
 *
 * @param usage the ways to write the options, for the help text.
 */
type Add = (
  to: Command,
  name: string,
  usage: readonly string[],
  takes: readonly Option[],
) => Command;

export const addCommand: Add = (to, name, usage, takes) => {
  const command = to.command(name);
  command.usage(usage.join(`\n       ${programOf(command).name()} ${wordsOf(command)} `));
  for (const option of takes) {
    command.addOption(option);
  }
  return command;
};

/** Returns the program that a command belongs to. */
export const programOf = (command: Command): Command =>
  command.parent === null ? command : programOf(command.parent);

/** Returns the words with which a command is called after the name of the program. */
export const wordsOf = (command: Command): string =>
  command.parent === null || command.parent.parent === null
    ? command.name()
    : `${wordsOf(command.parent)} ${command.name()}`;

import {
  type Command,
  commandNames,
  type Form,
  formsOf,
  isCommand,
  needsOf,
  type OptionName,
  optionsOf,
} from './commands.ts';
import { WrongUse } from './failure.ts';

/** A command line as it was written; its values are not looked at. */
export interface Written {
  readonly command: Command;
  readonly options: { readonly [name in OptionName]?: string };
  readonly remote: boolean;
}

const flags = ['remote', 'json'] as const;
type Flag = (typeof flags)[number];

const isFlag = (name: string): name is Flag => flags.some((flag) => flag === name);
const listed = (names: readonly string[], last: string) =>
  names.map((name) => `--${name}`).join(` ${last} `);

/** The command, which comes first. @throws WrongUse without one. */
export function readCommand([first]: readonly string[]): Command {
  const choice = `Write one of ${commandNames.join(', ')}; --help tells more.`;
  if (first === undefined || first.startsWith('-')) {
    throw new WrongUse(`The command is missing: it comes first. ${choice}`);
  }
  if (!isCommand(first)) {
    throw new WrongUse(`There is no such command. ${choice}`);
  }
  return first;
}

/**
 * Reads what comes after the command: `--name VALUE`, `--name=VALUE` and flags, in any order, each
 * once, and together a form of the command.
 *
 * @throws WrongUse that names the option and says what to write.
 */
export function readOptions(command: Command, args: readonly string[]): Written {
  const known = new Set(formsOf(command).flatMap(optionsOf));
  const options: { [name in OptionName]?: string } = {};
  const set = new Set<string>();
  const left = args.values();
  let place = `\`${command}\``;
  for (const arg of left) {
    const [, name = '', , inline] = /^--([^=]*)(=(.*))?$/s.exec(arg) ?? [];
    if (name === '') {
      throw new WrongUse(
        `There is a word too many after ${place}. Write a value with spaces in quotes, and \`--\` after \`npm run partner\`.`,
      );
    }
    const isKnown = (text: string): text is OptionName => known.has(text as OptionName);
    if (!isFlag(name) && !isKnown(name)) {
      throw new WrongUse(
        `\`${command}\` has no option --${name}. It takes ${listed([...known, ...flags], 'or')}.`,
      );
    }
    if (set.has(name)) {
      throw new WrongUse(`--${name} is there twice. Write it once.`);
    }
    set.add(name);
    place = isFlag(name) ? `--${name}` : `--${name} and its value`;
    if (isFlag(name)) {
      if (inline !== undefined) {
        throw new WrongUse(`--${name} takes no value. Write it alone.`);
      }
      continue;
    }
    const value = inline ?? left.next().value;
    if (value === undefined || (inline === undefined && value.startsWith('--'))) {
      throw new WrongUse(
        `--${name} lacks its value. Write --${name}=VALUE if the value begins with two hyphens.`,
      );
    }
    options[name] = value;
  }
  requireForm(command, Object.keys(options) as OptionName[]);
  return { command, options, remote: set.has('remote') };
}

/** @throws WrongUse unless the options are a form of the command. */
function requireForm(command: Command, names: readonly OptionName[]): void {
  const forms = formsOf(command);
  const missing = (form: Form) => needsOf(form).filter((name) => !names.includes(name));
  const extra = (form: Form) => names.filter((name) => !optionsOf(form).includes(name));
  const complete = forms.filter((form) => missing(form).length === 0);
  if (complete.some((form) => extra(form).length === 0)) {
    return;
  }
  const admitting = forms.filter((form) => extra(form).length === 0);
  if (admitting.length > 0) {
    const choices = admitting.map((form) => listed(missing(form), 'and'));
    throw new WrongUse(`\`${command}\` lacks an option. Add ${choices.join(', or ')}.`);
  }
  const [nearest] = complete;
  const rule = nearest
    ? `${listed(extra(nearest), 'and')} cannot stand beside ${listed(needsOf(nearest), 'and')}`
    : `${listed(names, 'and')} cannot stand together`;
  throw new WrongUse(`${rule}. Leave out one or the other.`);
}

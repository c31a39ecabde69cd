/** The options that only some commands take; each has a value. */
export type OptionName = 'name' | 'partner' | 'client' | 'key' | 'scopes' | 'expires' | 'overlap';

/** Options, each with what stands for its value in the usage. */
type Options = { readonly [name in OptionName]?: string };

/** One way to write a command: with all options that it needs, and any that it may have. */
export interface Form {
  readonly does: string;
  readonly needs: Options;
  readonly may: Options;
}

const scopes = '"SCOPE ..."';
const expires = 'TIME';

const oneOf = (what: string): readonly Form[] => [
  { does: `${what} a client`, needs: { client: 'CLIENT_ID' }, may: {} },
  { does: `${what} an API key`, needs: { key: 'KEY_ID' }, may: {} },
];

/** Every command with its forms: the one list for reading the command line and for the usage. */
export const commands = {
  create: [
    {
      does: 'a new partner with a client and an API key',
      needs: { name: 'NAME' },
      may: { scopes },
    },
    {
      does: 'one more client for a partner',
      needs: { partner: 'NAME', client: 'CLIENT_NAME' },
      may: { scopes, expires },
    },
    {
      does: 'one more API key for a partner',
      needs: { partner: 'NAME', key: 'KEY_NAME' },
      may: { expires },
    },
  ],
  list: [
    {
      does: 'all partners, or one, with their clients and API keys',
      needs: {},
      may: { partner: 'NAME' },
    },
  ],
  disable: [
    {
      does: 'refuse all clients and API keys of a partner',
      needs: { partner: 'NAME' },
      may: {},
    },
    ...oneOf('refuse'),
  ],
  enable: [
    {
      does: 'accept all clients and API keys of a partner again, whatever disabled them',
      needs: { partner: 'NAME' },
      may: {},
    },
    ...oneOf('accept'),
  ],
  delete: oneOf('delete for good'),
  rotate: [
    {
      does: 'a new secret for a client',
      needs: { client: 'CLIENT_ID' },
      may: { overlap: 'SECONDS' },
    },
    {
      does: 'a new secret for an API key',
      needs: { key: 'KEY_ID' },
      may: { overlap: 'SECONDS' },
    },
  ],
} satisfies Record<string, readonly Form[]>;

export type Command = keyof typeof commands;

export function isCommand(text: string): text is Command {
  return Object.hasOwn(commands, text);
}

export const commandNames = Object.keys(commands) as Command[];

/** The forms of a command. */
export function formsOf(command: Command): readonly Form[] {
  return commands[command];
}

/** The options of a form that must be there. */
export const needsOf = ({ needs }: Form) => Object.keys(needs) as OptionName[];

/** All options of a form. */
export const optionsOf = ({ needs, may }: Form) =>
  Object.keys({ ...needs, ...may }) as OptionName[];

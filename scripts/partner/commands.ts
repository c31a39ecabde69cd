import type { Command, Option } from 'commander';
import { type Act, addCommand, missing, type Perform } from './add-command.ts';
import { addCredential, createPartner } from './create.ts';
import type { CredentialTarget, CredentialWish } from './credential.ts';
import { remove } from './delete.ts';
import { changeAccess } from './disabling.ts';
import { listPartners, showPartner } from './list.ts';
import * as options from './options.ts';
import { showQuotas } from './quota.ts';
import { rotate } from './rotate.ts';
import { DEFAULT_OVERLAP_S, DEFAULT_SCOPES, requireFuture } from './values.ts';
import { addEndpointCommands, addHostCommands } from './webhook-commands.ts';

/** The parsed options of a command. `C` is the type of the parsed `--client` and `--key`. */
interface Values<C = CredentialTarget> {
  readonly name?: string;
  readonly partner?: string;
  /** The name of a home. */
  readonly home?: string;
  readonly client?: C;
  readonly key?: C;
  readonly scopes?: string;
  /** Milliseconds since 1970. */
  readonly expires?: number;
  /** Seconds. */
  readonly overlap?: number;
  /** The most prepared tickets that a partner may have. */
  readonly tickets?: number;
  /** The most product lines that it may have. */
  readonly lines?: number;
}

const targetOf = ({ client, key }: Values, command: Command) =>
  client ?? key ?? missing(command, '--client, or --key');

type NewCredential = Pick<CredentialWish, 'kind' | 'name'>;

const create: Perform<Values<NewCredential>> = (values, context, command) => {
  const { name, partner, client, key, scopes = DEFAULT_SCOPES, expires } = values;
  const credential = client ?? key;
  if (name !== undefined) {
    return createPartner({ name, scopes, home: values.home }, context);
  }
  if (partner === undefined) {
    const all = '--name, or --partner and --client, or --partner and --key';
    return missing(command, credential === undefined ? all : '--partner');
  }
  if (credential === undefined) {
    return missing(command, '--client, or --key');
  }
  const expiresAt = requireFuture(expires, context.now);
  return addCredential(partner, { ...credential, expiresAt, ...(client && { scopes }) }, context);
};

const access =
  (change: 'disable' | 'enable'): Perform<Values> =>
  ({ partner, client, key }, context, command) => {
    const target = partner === undefined ? (client ?? key) : { partner };
    const all = '--partner, or --client, or --key';
    return changeAccess(change, target ?? missing(command, all), context);
  };

const CLIENT = '--client <CLIENT_ID>';
const KEY = '--key <KEY_ID>';

/** Adds every command to the program. */
export function addCommands(program: Command, act: Act): void {
  const add = (name: string, usage: readonly string[], takes: readonly Option[]) =>
    addCommand(program, name, usage, takes);
  const { partner, credential, overlap } = options;
  const partly = ['--partner <NAME>', CLIENT, KEY];

  add('create', options.CREATION_USAGE, options.creation)
    .description('Creates a partner, or adds a client or an API key to one.')
    .action(act(create));
  add('list', ['[--partner <NAME>]'], [partner])
    .description('Lists all partners, or one, with their clients and API keys.')
    .action(
      act<Values>(({ partner }, context) =>
        partner === undefined ? listPartners(context) : showPartner(partner, context),
      ),
    );
  add(
    'quota',
    ['--partner <NAME> [--tickets <NUMBER>] [--lines <NUMBER>]'],
    [partner, ...options.quotas],
  )
    .description(
      'Shows how many prepared tickets and product lines a partner has and may have, or changes its quotas.',
    )
    .action(
      act<Values>((values, context, command) =>
        showQuotas(values.partner ?? missing(command, '--partner'), values, context),
      ),
    );
  add('disable', partly, [partner, ...credential])
    .description('Disables a client, an API key, or a partner with all its clients and API keys.')
    .action(act(access('disable')));
  add('enable', partly, [partner, ...credential])
    .description(
      'Enables a disabled client, API key, or partner with all its clients and API keys.',
    )
    .action(act(access('enable')));
  add('delete', [CLIENT, KEY], credential)
    .description('Deletes a client or an API key permanently.')
    .action(act<Values>((values, context, command) => remove(targetOf(values, command), context)));
  add(
    'rotate',
    [`${CLIENT} [--overlap <SECONDS>]`, `${KEY} [--overlap <SECONDS>]`],
    [...credential, overlap],
  )
    .description('Creates a new secret for a client or an API key.')
    .action(
      act<Values>((values, context, command) =>
        rotate(targetOf(values, command), values.overlap ?? DEFAULT_OVERLAP_S, context),
      ),
    );
  const group = (name: string, description: string) =>
    program.command(name).description(description).helpCommand(false);
  addEndpointCommands(
    group('endpoints', 'Lists, disables, enables and deletes webhook endpoints of partners.'),
    act,
  );
  addHostCommands(group('hosts', 'Lists, denies and allows the hosts of webhooks.'), act);
}

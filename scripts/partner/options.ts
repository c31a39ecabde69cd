import { Argument, InvalidArgumentError, Option } from 'commander';
import { MAIN_HOME } from '../../src/homes.ts';
import {
  apiKey,
  type CredentialKind,
  client,
  MAX_OVERLAP_S,
} from '../../src/resources/system/credentials.repository.ts';
import * as values from './values.ts';

/** Creates an option that takes a value and may be given only once. */
function option<Value>(flags: string, about: string, parse: values.ParseValue<Value>): Option {
  return new Option(flags, about).argParser((text, previous: Value | undefined) => {
    if (previous !== undefined) {
      throw new InvalidArgumentError('Write the option only once.');
    }
    if (text.startsWith('--')) {
      // If the value is missing, commander parses the next option as the value.
      throw new InvalidArgumentError(
        'Write its value after it. A value cannot begin with two hyphens.',
      );
    }
    return parse(text);
  });
}

const existing = (kind: CredentialKind) => (text: string) => ({
  kind,
  id: values.credentialId(text),
});
const added = (kind: CredentialKind) => (text: string) => ({
  kind,
  name: values.credentialName(text),
});

/** The option that selects a partner by its name. */
export const partner = option('--partner <NAME>', 'an existing partner', (text) => text);

/** The options that select one existing client or API key. */
export const credential = [
  option('--client <CLIENT_ID>', 'an existing client', existing(client)).conflicts('partner'),
  option('--key <KEY_ID>', 'an existing API key', existing(apiKey)).conflicts([
    'partner',
    'client',
  ]),
];

/** The ways to write the options of `create`. */
export const CREATION_USAGE = [
  '--name <NAME> [--scopes <SCOPES>] [--home <HOME>]',
  '--partner <NAME> --client <CLIENT_NAME> [--scopes <SCOPES>] [--expires <TIME>]',
  '--partner <NAME> --key <KEY_NAME> [--expires <TIME>]',
];

/** The options of `create`, which describe the new partner, client or API key. */
export const creation = [
  option('--name <NAME>', 'name of a new partner', values.partnerName).conflicts([
    'partner',
    'client',
    'key',
  ]),
  partner,
  option('--client <CLIENT_NAME>', 'name of a new client', added(client)),
  option('--key <KEY_NAME>', 'name of a new API key', added(apiKey)).conflicts('client'),
  option(
    '--scopes <SCOPES>',
    `scopes of the new client, from ${values.SCOPE_NAMES} (default: "${values.DEFAULT_SCOPES}")`,
    values.scopeList,
  ).conflicts('key'),
  option(
    '--expires <TIME>',
    'when the new client or API key expires, for example 2030-01-31T00:00:00Z (default: never)',
    values.expiry,
  ).conflicts('name'),
  option(
    '--home <HOME>',
    `name of the home of the new partner (default: "${MAIN_HOME.name}")`,
    (text) => text,
  ).conflicts('partner'),
];

/** The options that set the quotas of a partner. */
export const quotas = [
  option(
    '--tickets <NUMBER>',
    'the most prepared tickets that the partner may have (default: as before)',
    values.quota,
  ),
  option(
    '--lines <NUMBER>',
    'the most product lines that these may have together (default: as before)',
    values.quota,
  ),
];

/** The option that sets how long the old secret stays valid. */
export const overlap = option(
  '--overlap <SECONDS>',
  `seconds for which the old secret stays valid, from 0 to ${MAX_OVERLAP_S} (default: ${values.DEFAULT_OVERLAP_S})`,
  values.overlap,
);

/** The option that selects a webhook endpoint. */
export const endpoint = option(
  '--endpoint <ENDPOINT_ID>',
  'an existing webhook endpoint',
  values.credentialId,
);

/** The argument that names a host. */
export const host = new Argument('<host>', 'the name of a host').argParser(values.hostName);

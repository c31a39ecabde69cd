import {
  apiKey,
  type CredentialKind,
  client,
} from '../../src/resources/system/credentials.repository.ts';
import type { Written } from './options.ts';
import * as values from './values.ts';

/** One client or API key. */
export interface CredentialTarget {
  readonly kind: CredentialKind;
  readonly id: string;
}

/** A client or an API key to be. */
export interface CredentialWish {
  readonly kind: CredentialKind;
  readonly name: string;
  /** Of a client: space-delimited. */
  readonly scopes?: string;
  /** Milliseconds since 1970; null for never. */
  readonly expiresAt: number | null;
}

/** What is to be done, with good values. */
export type Task =
  | { readonly does: 'create'; readonly name: string; readonly scopes: string }
  | { readonly does: 'add'; readonly partner: string; readonly wish: CredentialWish }
  | { readonly does: 'list'; readonly partner: string | undefined }
  | {
      readonly does: 'disable' | 'enable';
      readonly target: CredentialTarget | { readonly partner: string };
    }
  | { readonly does: 'delete'; readonly target: CredentialTarget }
  | { readonly does: 'rotate'; readonly target: CredentialTarget; readonly overlap: number };

function credentialTarget({ client: clientId, key }: Written['options']): CredentialTarget {
  return clientId === undefined
    ? { kind: apiKey, id: values.credentialId('key', key ?? '') }
    : { kind: client, id: values.credentialId('client', clientId) };
}

/** A `create` with one of its forms. */
function creation({ options }: Written, now: number): Task {
  const { name, partner = '', client: clientName, key = '' } = options;
  if (name !== undefined) {
    return {
      does: 'create',
      name: values.partnerName(name),
      scopes: values.scopeList(options.scopes),
    };
  }
  const expiresAt = values.expiry(options.expires, now);
  if (clientName === undefined) {
    const wish = { kind: apiKey, name: values.credentialName('key', key), expiresAt };
    return { does: 'add', partner, wish };
  }
  const wish = {
    kind: client,
    name: values.credentialName('client', clientName),
    scopes: values.scopeList(options.scopes),
    expiresAt,
  };
  return { does: 'add', partner, wish };
}

/**
 * What a command line asks for.
 *
 * @param written with options that are a form of the command.
 * @param now milliseconds since 1970.
 * @throws WrongUse for a value that is wrong.
 */
export function taskOf(written: Written, now: number): Task {
  const { command, options } = written;
  const { partner } = options;
  switch (command) {
    case 'create':
      return creation(written, now);
    case 'list':
      return { does: command, partner };
    case 'delete':
      return { does: command, target: credentialTarget(options) };
    case 'rotate': {
      const target = credentialTarget(options);
      return { does: command, target, overlap: values.overlap(options.overlap) };
    }
    default:
      return {
        does: command,
        target: partner === undefined ? credentialTarget(options) : { partner },
      };
  }
}

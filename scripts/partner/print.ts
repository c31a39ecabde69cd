import { MAIN_HOME } from '../../src/homes.ts';
import type { EndpointView } from './endpoint-view.ts';
import {
  type CredentialView,
  counted,
  type HostView,
  type Outcome,
  type PartnerView,
} from './view.ts';

/** Returns one line for each label with its text. Omits the labels without a text. */
function lines(fields: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(fields).flatMap(([label, text]) =>
    text === undefined ? [] : [`    ${`${label}:`.padEnd(18)}${text}`],
  );
}

function credential(what: string, idLabel: string, view: CredentialView): string[] {
  return [
    `  ${what} "${view.name}"`,
    ...lines({
      [idLabel]: view.id,
      client_secret: view.client_secret,
      api_key: view.api_key,
      'old valid until': view.old_secret_expires_at,
      scopes: view.scopes?.join(' '),
      created: view.created_at,
      'last used': view.last_used_at ?? 'never',
      expires: view.expires_at ?? 'never',
      disabled: view.disabled_at === null ? 'no' : `since ${view.disabled_at}`,
    }),
  ];
}

function partner({ id, name, created_at, clients, api_keys, ...view }: PartnerView): string {
  const { home, disabled_at, full_at, lines_full_at } = view;
  const where = home === MAIN_HOME.name ? '' : ` in the home ${home}`;
  const state = disabled_at === null ? '' : `, disabled since ${disabled_at}`;
  const full = full_at === null ? '' : `, creates no more prepared tickets since ${full_at}`;
  const fullOfLines =
    lines_full_at === null ? '' : `, adds no more product lines since ${lines_full_at}`;
  return [
    `Partner "${name}"${where}, id ${id}, created ${created_at}${state}${full}${fullOfLines}`,
    ...clients.flatMap((view) => credential('client', 'client_id', view)),
    ...api_keys.flatMap((view) => credential('API key', 'id', view)),
  ].join('\n');
}

function endpoint(view: EndpointView): string {
  const { id, partner, url, disabled_reason, disabled_at, consent, next_attempt_at, behind } = view;
  return [
    `Webhook endpoint ${id}`,
    ...lines({
      partner: `"${partner}"`,
      url,
      state: view.disabled ? `disabled (${disabled_reason}) since ${disabled_at}` : 'enabled',
      consent: consent ? 'yes' : 'not for this URL',
      'failed attempts': `${view.failed_attempts}`,
      'next attempt': next_attempt_at ?? 'does not wait',
      behind: counted(behind, 'event'),
    }),
  ].join('\n');
}

const host = ({ host, denied_since, homes }: HostView) =>
  `${host}, since ${denied_since}${homes.length === 1 && homes[0] === MAIN_HOME.name ? '' : `, in ${homes.join(', ')}`}`;

/** Formats an outcome as text for people. */
export function plain({ heading, partners, endpoints = [], hosts = [] }: Outcome): string {
  const ofHosts = hosts.length === 0 ? [] : [hosts.map(host).join('\n')];
  return [heading, ...partners.map(partner), ...endpoints.map(endpoint), ...ofHosts].join('\n\n');
}

import { isScope, parseScope, type Scope, scopes } from '../../src/auth/scopes.ts';
import { dateTimeMember } from '../../src/http/date-time.ts';
import { integerParameter } from '../../src/http/integers.ts';
import { uuid } from '../../src/http/text.ts';
import { writableMembers } from '../../src/resources/system/credentials.schemas.ts';
import { MAX_OVERLAP } from '../../src/resources/system/rotation.repository.ts';
import { nameFault } from '../partners.ts';
import { WrongUse } from './failure.ts';

/**
 * What the values of options must be, by the rules of the API where it has one. A value that is wrong
 * is not repeated in the message: it may be a secret that was pasted in the wrong place.
 */

export const scopeNames = Object.keys(scopes) as Scope[];
/** Enough for tickets; to manage credentials must be named. */
export const leastScopes = 'prepared-tickets:read prepared-tickets:write';
/** Seconds: a day. */
export const DEFAULT_OVERLAP = 86_400;

/** The name of a new partner. */
export function partnerName(text: string): string {
  const fault = nameFault(text);
  if (fault !== undefined) {
    throw new WrongUse(`--name is wrong. ${fault}`);
  }
  return text;
}

/** The name of a new client or API key. */
export function credentialName(option: 'client' | 'key', text: string): string {
  const { success } = writableMembers('').name.safeParse(text);
  if (!success) {
    throw new WrongUse(
      `--${option} takes the name of the new one: 1 to 255 characters, without control characters.`,
    );
  }
  return text;
}

/** The id of a client or API key. */
export function credentialId(option: 'client' | 'key', text: string): string {
  const { success, data } = uuid('').safeParse(text);
  if (!success) {
    throw new WrongUse(
      `--${option} takes an id, a UUID as \`list\` shows it, and never a secret or a name.`,
    );
  }
  return data;
}

/** @returns the scopes in the order of our own list, each once, space-delimited. */
export function scopeList(text: string | undefined): string {
  const sent = parseScope(text ?? leastScopes);
  const all = scopeNames.join(', ');
  if (sent.length === 0) {
    throw new WrongUse(`--scopes is empty. Write scopes of these, in quotes: ${all}.`);
  }
  if (!sent.every(isScope)) {
    throw new WrongUse(`--scopes holds what is no scope. Write some of these: ${all}.`);
  }
  return scopeNames.filter((scope) => sent.includes(scope)).join(' ');
}

/** @returns milliseconds since 1970; null for never. */
export function expiry(text: string | undefined, now: number): number | null {
  if (text === undefined) {
    return null;
  }
  const { data } = dateTimeMember().safeParse(text);
  if (typeof data !== 'number') {
    throw new WrongUse(
      '--expires takes an existing date and time as of RFC 3339 with its offset, such as 2030-01-31T00:00:00Z.',
    );
  }
  if (data <= now) {
    throw new WrongUse('--expires is over. Write a time to come, or leave it out for never.');
  }
  return data;
}

/** @returns seconds. */
export function overlap(text: string = String(DEFAULT_OVERLAP)): number {
  const { success, data } = integerParameter({ minimum: 0, maximum: MAX_OVERLAP }).safeParse(text);
  if (!success) {
    throw new WrongUse(`--overlap takes seconds, from 0 to ${MAX_OVERLAP}, in decimal digits.`);
  }
  return data;
}

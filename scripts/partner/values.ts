import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { isScope, parseScope, scopes } from '../../src/auth/scopes.ts';
import { dateTimeMember } from '../../src/http/fields/date-time.ts';
import { integerParameter } from '../../src/http/fields/integer.ts';
import { uuid } from '../../src/http/fields/text.ts';
import type { Scope } from '../../src/policy.ts';
import { MAX_OVERLAP_S } from '../../src/resources/system/credentials.repository.ts';
import { credentialMembers } from '../../src/resources/system/credentials.ts';
import { isPublicHost } from '../../src/resources/system/webhook-endpoints/url.ts';
import { WrongUse } from './failure.ts';

/**
 * Parses the value of an option.
 *
 * @throws InvalidArgumentError with a sentence that says what to write and does not repeat the value.
 */
export type ParseValue<Value> = (text: string) => Value;

const scopeNames = Object.keys(scopes) as Scope[];
export const SCOPE_NAMES = scopeNames.join(', ');
/** The scopes of a new client without `--scopes`, space-delimited. */
export const DEFAULT_SCOPES = 'prepared-tickets:read prepared-tickets:write';
export const DEFAULT_OVERLAP_S = 86_400;

/** Parses with a schema of the API. The message is the schema's own unless `expected` is given. */
function parseWith<Value>(schema: z.ZodType<Value>, expected?: string): ParseValue<Value> {
  return (text) => {
    const { data, error } = schema.safeParse(text);
    if (error !== undefined) {
      throw new InvalidArgumentError(expected ?? (error.issues[0]?.message as string));
    }
    return data as Value;
  };
}

/** Parses the name of a new client or API key by the rule of the API. */
export const credentialName = parseWith<string>(credentialMembers('').name.request);

/** Parses the name of a new partner, which is also the name of its first client and API key. */
export const partnerName: ParseValue<string> = (text) => {
  if (text !== text.trim()) {
    throw new InvalidArgumentError('Send a name that does not begin or end with a space.');
  }
  return credentialName(text);
};

/** Parses the id of a client, an API key or a webhook endpoint. */
export const credentialId = parseWith<string>(uuid('the id (see `list`)'));

/** Parses the name of a host that a webhook endpoint can have, and returns it in lower case. */
export const hostName: ParseValue<string> = (text) => {
  const name = text.toLowerCase();
  if (!isPublicHost(name)) {
    throw new InvalidArgumentError(
      'Send the public name of one host, for example hooks.garage.example, without a scheme, a port, a path or an asterisk. All hosts below it are meant too. Write an international name in its ASCII form, which begins with xn--.',
    );
  }
  return name;
};

/** Parses a number of seconds. */
export const overlap = parseWith<number>(integerParameter({ minimum: 0, maximum: MAX_OVERLAP_S }));

/** Parses the most prepared tickets that a partner may have. More than a billion would not fit into a database. */
export const quota = parseWith<number>(integerParameter({ minimum: 0, maximum: 1_000_000_000 }));

/** Parses a date-time to milliseconds since 1970. */
export const expiry = parseWith(
  dateTimeMember(),
  'Send a valid RFC 3339 date-time with its offset, for example 2030-01-31T00:00:00Z.',
) as ParseValue<number>;

/** Parses scopes and returns them space-delimited, each once, in the order of the API's list. */
export const scopeList: ParseValue<string> = (text) => {
  const sent = parseScope(text);
  if (sent.length === 0 || !sent.every(isScope)) {
    throw new InvalidArgumentError(
      `Send one or more of these scopes, separated by spaces and in quotes: ${SCOPE_NAMES}.`,
    );
  }
  return scopeNames.filter((scope) => sent.includes(scope)).join(' ');
};

/**
 * Returns the time at which a new client or API key expires, in milliseconds since 1970; null for never.
 *
 * @param now milliseconds since 1970.
 * @param expires milliseconds since 1970; undefined for a credential that never expires.
 * @throws WrongUse if that time is not in the future.
 */
export function requireFuture(expires: number | undefined, now: number): number | null {
  if (expires !== undefined && expires <= now) {
    throw new WrongUse(
      'The time of --expires has passed. Send a time in the future, or omit the option.',
    );
  }
  return expires ?? null;
}

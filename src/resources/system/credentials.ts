import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { parseScope } from '../../auth/scopes.ts';
import { sha256 } from '../../auth/secrets.ts';
import type { AppEnv } from '../../context.ts';
import { dateTimeMember, dateTimeSchema, formatDateTime } from '../../http/fields/date-time.ts';
import { integer } from '../../http/fields/integer.ts';
import { member, optional, readOnlyMember } from '../../http/fields/member.ts';
import { bodyOf, partOf, pick } from '../../http/fields/object.ts';
import { patternOf, text, uuidSchema } from '../../http/fields/text.ts';
import { VISIBLE, visiblePattern } from '../../http/fields/visible.ts';
import {
  type CredentialRow,
  type CredentialValues,
  MAX_OVERLAP_S,
} from './credentials.repository.ts';
import type { OwnedRow } from './owned-kind.repository.ts';

/** What clients and API keys share. `what` is the name of the credential in descriptions. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects them.
const NAME = /^[^\x00-\x1f\x7f-\x9f]*$/;
/**
 * The schema in the document of the name of a client, an API key or a partner in a response. Names from before a rule
 * keep what it refuses.
 */
export const nameSchema = { minLength: 1, maxLength: 255, pattern: patternOf(NAME) };

/** The member that tells partners until when they can still use the secret from before a rotation. */
export const retiredSecretExpiry = readOnlyMember(
  'Date and time when the secret that a rotation replaced ends, or null if none is valid. Its end does not change the `ETag`.',
  {
    response: z.string().nullable(),
    form: { type: ['string', 'null'], ...dateTimeSchema },
    example: null,
  },
);

/** Returns `retired_secret_expires_at` as responses show it. @param now milliseconds since 1970. */
export const retiredExpiryOf = ({ retired_secret_expires_at: end }: OwnedRow, now: number) =>
  end === null || end <= now ? null : formatDateTime(end);

/** The members of a credential, in the order of a response. */
export const credentialMembers = (what: string) => ({
  id: readOnlyMember(`Identifier of the ${what}.`, {
    response: z.string(),
    form: { type: 'string', ...uuidSchema },
  }),
  name: member(`A display name that helps you recognise the ${what}.`, {
    response: z.string().openapi(nameSchema),
    request: text({
      minLength: 1,
      maxLength: 255,
      alphabet: VISIBLE,
      expected:
        'Send a name of 1 to 255 characters, without control characters, text-direction marks and other invisible characters.',
    }).openapi({ pattern: visiblePattern }),
  }),
  created_at: readOnlyMember(`Date and time when the ${what} was created.`, {
    response: z.string(),
    form: { type: 'string', ...dateTimeSchema },
  }),
  last_used_at: readOnlyMember(
    `Date and time when the ${what} was last used, accurate to an hour, or null if it was never used.`,
    { response: z.string().nullable(), form: { type: ['string', 'null'], ...dateTimeSchema } },
  ),
  expires_at: member(`Date and time when the ${what} expires, or null if it never expires.`, {
    response: z.string().nullable().openapi(dateTimeSchema),
    request: dateTimeMember(),
  }),
  disabled: member(
    `Whether the ${what} is disabled. A change takes effect everywhere within 60 seconds.`,
    { response: z.boolean(), request: z.boolean({ error: 'Send true or false.' }) },
  ),
  retired_secret_expires_at: retiredSecretExpiry,
});

/** Returns the members of a request that replaces a credential, and of one that creates one, in their order. */
export function requestsOf(members: ReturnType<typeof credentialMembers>) {
  const { expires_at, disabled } = members;
  const requests = partOf(members, 'request');
  const update = pick(requests, [
    ...(['name', 'expires_at', 'disabled', 'id', 'created_at', 'last_used_at'] as const),
    'retired_secret_expires_at',
  ]);
  const creation = {
    ...pick(requests, ['name', 'id', 'created_at', 'last_used_at', 'retired_secret_expires_at']),
    expires_at: optional(expires_at, null),
    disabled: optional(disabled, false),
  };
  return { update, creation };
}

/**
 * Returns the members that responses with either kind of credential share, without those before `created_at`.
 *
 * @param now milliseconds since 1970.
 */
export const membersOf = (row: CredentialRow, now: number) => {
  const { created_at, last_used_at, expires_at, disabled_at } = row;
  const time = (milliseconds: number | null) =>
    milliseconds === null ? null : formatDateTime(milliseconds);
  return {
    created_at: formatDateTime(created_at),
    last_used_at: time(last_used_at),
    expires_at: time(expires_at),
    disabled: disabled_at !== null,
    retired_secret_expires_at: retiredExpiryOf(row, now),
  };
};

/** The body of a rotation. */
const secretRotation = bodyOf({
  overlap_seconds: integer({ minimum: 0, maximum: MAX_OVERLAP_S }).openapi({
    description:
      'The number of seconds for which the current secret or key value stays valid, at most 30 days and never beyond its own expiry. With 0, it stops working everywhere within 60 seconds.',
  }),
}).openapi('SecretRotation', {
  description: 'How long the current secret or key value stays valid after a rotation.',
});

/** Returns what `ownedRoutes` tells of the rotation of a credential. @param secret the name of its secret. */
export const rotationOf = (secret: string) => ({
  schema: secretRotation,
  body: `How long the current ${secret} stays valid.`,
  response: `The new ${secret} was created and is valid.`,
});

/** Returns a new secret with its digest, which is all that the database stores. */
export const hashed = async (shown: string) => ({
  shown,
  stored: { secret: await sha256(shown) },
});

/**
 * Returns whether a change leaves a credential unable to authenticate the request that makes it.
 *
 * @param values undefined for a deletion.
 */
export const isRevoked = (c: Context<AppEnv>, values: CredentialValues | undefined): boolean =>
  values === undefined ||
  values.disabled ||
  (values.expires_at !== null && values.expires_at <= c.var.dependencies.now()) ||
  (values.scopes !== undefined && !parseScope(values.scopes).includes('credentials:manage'));

import { z } from '@hono/zod-openapi';
import { dateTimeMember, dateTimeSchema } from '../../http/fields/date-time.ts';
import { integer } from '../../http/fields/integer.ts';
import { bodyOf, readOnly, withDefault } from '../../http/fields/object.ts';
import { patternOf, text, uuidSchema } from '../../http/fields/text.ts';
import { VISIBLE, visiblePattern } from '../../http/fields/visible.ts';
import type { Violation } from '../../problems/problem.ts';
import { MAX_OVERLAP_S } from './rotation.repository.ts';

/** The members that clients and API keys share. `what` is the name of the credential in descriptions. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects them.
const NAME = /^[^\x00-\x1f\x7f-\x9f]*$/;
/**
 * The schema in the document of the name of a client, an API key or a partner in a response. Names from before a rule
 * keep what it refuses.
 */
export const nameSchema = { minLength: 1, maxLength: 255, pattern: patternOf(NAME) };

/** The detail of a violation of `name`. */
export const expectedName =
  'Send a name of 1 to 255 characters, without control characters, text-direction marks and other invisible characters.';

const descriptions = (what: string) => ({
  id: `Identifier of the ${what}.`,
  name: `A display name that helps you recognise the ${what}.`,
  created_at: `Date and time when the ${what} was created.`,
  last_used_at: `Date and time when the ${what} was last used, accurate to an hour, or null if it was never used.`,
  expires_at: `Date and time when the ${what} expires, or null if it never expires.`,
  disabled: `Whether the ${what} is disabled. A change takes effect everywhere within 60 seconds.`,
});

const time = (description: string) =>
  z
    .string()
    .nullable()
    .openapi({ ...dateTimeSchema, description });

/** Returns the members of a response, in their order. `own` are the members that only this kind has. */
export function credentialMembers<S extends z.ZodRawShape>(what: string, own: S) {
  const told = descriptions(what);
  return {
    id: z.string().openapi({ ...uuidSchema, description: told.id }),
    name: z.string().openapi({ ...nameSchema, description: told.name }),
    ...own,
    created_at: z.string().openapi({ ...dateTimeSchema, description: told.created_at }),
    last_used_at: time(told.last_used_at),
    expires_at: time(told.expires_at),
    disabled: z.boolean().openapi({ description: told.disabled }),
  };
}

/** Returns the members of a request that replaces a credential. All are required except the read-only ones. */
export function writableMembers(what: string) {
  const told = descriptions(what);
  return {
    name: text({
      minLength: 1,
      maxLength: 255,
      alphabet: VISIBLE,
      expected: expectedName,
    }).openapi({ description: told.name, pattern: visiblePattern }),
    expires_at: dateTimeMember().openapi({ description: told.expires_at }),
    disabled: z.boolean({ error: 'Send true or false.' }).openapi({ description: told.disabled }),
    id: readOnly(told.id, { type: 'string', ...uuidSchema }),
    created_at: readOnly(told.created_at, { type: 'string', ...dateTimeSchema }),
    last_used_at: readOnly(told.last_used_at, { type: ['string', 'null'], ...dateTimeSchema }),
  };
}

/** Returns the members of a request that creates a credential: the writable ones, some of them with a default. */
export function newMembers(what: string) {
  const told = descriptions(what);
  const { expires_at, disabled, ...members } = writableMembers(what);
  return {
    ...members,
    expires_at: withDefault(expires_at, null, `${told.expires_at} Default: null.`),
    disabled: withDefault(disabled, false, `${told.disabled} Default: false.`),
  };
}

/** The body of a rotation. */
export const rotation = bodyOf({
  overlap_seconds: integer({ minimum: 0, maximum: MAX_OVERLAP_S }).openapi({
    description:
      'The number of seconds for which the current secret or key value stays valid, at most 30 days and never beyond its own expiry. With 0, it stops working everywhere within 60 seconds.',
  }),
}).openapi('SecretRotation', {
  description: 'How long the current secret or key value stays valid after a rotation.',
});

export const rotationExample = { overlap_seconds: 86_400 };

export const violatedRotation: Violation[] = [
  {
    in: 'body',
    pointer: '#/overlap_seconds',
    code: 'out_of_range',
    detail: `Send an integer from 0 to ${MAX_OVERLAP_S}, as a JSON number.`,
  },
];

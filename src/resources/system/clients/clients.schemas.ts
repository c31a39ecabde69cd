import { z } from '@hono/zod-openapi';
import { isScope, scopes } from '../../../auth/scopes.ts';
import { CLIENT_SECRET_PATTERN } from '../../../auth/secrets.ts';
import { bodyOf, queryOf, withDefault } from '../../../http/fields/object.ts';
import { uuid } from '../../../http/fields/text.ts';
import { listOf, pageEcho, pageParameters } from '../../../http/requests/pagination.ts';
import type { Scope } from '../../../policy.ts';
import { credentialMembers, newMembers, writableMembers } from '../credentials.schemas.ts';

const names = Object.keys(scopes) as [Scope, ...Scope[]];

/** The default scopes of a client. They only allow reading. */
const DEFAULT_SCOPES: Scope[] = ['prepared-tickets:read'];

export const clientExample = {
  id: 'a8098c1a-f86e-4da5-8b1f-3d4c3a1e2f77',
  name: 'Workshop Berlin',
  scopes: ['prepared-tickets:read', 'prepared-tickets:write'] as Scope[],
  created_at: '2026-03-01T12:00:00.000Z',
  last_used_at: null,
  expires_at: null,
  disabled: false,
};
/** The client that authenticates the requests of the examples. */
export const administrationExample = {
  ...clientExample,
  id: '3d1e5f6a-0b7c-4c8d-9e2f-1a2b3c4d5e6f',
  name: 'Administration',
  scopes: names,
  created_at: '2026-02-01T12:00:00.000Z',
  last_used_at: '2026-03-01T12:00:00.000Z',
};
/** An example with the form of a secret. Its checksum is wrong, so that no scanner reports it as a secret. */
export const secretExample = `pts_${'Example'.repeat(7)}`;

const scopesDescription = 'The scopes that tokens of the client can have.';

const clientMembers = credentialMembers('client', {
  scopes: z
    .array(
      z
        .enum(names)
        .openapi('Scope', { description: 'A permission that a token can have (RFC 6749 §3.3).' }),
    )
    .openapi({ description: scopesDescription, maxItems: names.length }),
});

export const client = z.object(clientMembers).openapi('OAuthClient', {
  description:
    'One of your programs that calls this API (RFC 6749 §2). Its `id` is the `client_id` of token requests.',
  example: clientExample,
});

/** The response to a creation and to a rotation. No other response contains the secret. */
export const clientWithSecret = z
  .object({
    ...clientMembers,
    client_secret: z
      .string()
      .nullable()
      .openapi({
        pattern: `^${CLIENT_SECRET_PATTERN}$`,
        maxLength: 53,
        description:
          'The new secret. It is returned only once, so store it right away. It is `null` if the response repeats the creation of the client: to get a new secret, rotate it.',
      }),
  })
  .openapi('OAuthClientWithSecret', {
    description: 'A client with its new secret.',
    example: { ...clientExample, client_secret: secretExample },
  });

/** The most scopes that a request may list, including repetitions. */
const MAX_SCOPES = 20;

/** Parses a list of scopes into one without repetitions, in the order of `scopes`. */
const scopeList = z
  .array(
    z.string({ error: 'Send each scope as a string.' }).superRefine((value, context) => {
      if (!isScope(value)) {
        const message = `Send only scopes of this list: ${names.join(', ')}.`;
        context.addIssue({ code: 'custom', message, params: { code: 'invalid_format' } });
      }
    }),
    { error: 'Send an array of scopes.' },
  )
  // `min` and `max` would also count the characters of a string, and report a string as too short or long.
  .superRefine(({ length }, context) => {
    if (length < 1 || length > MAX_SCOPES) {
      const message =
        length < 1
          ? `Send at least one scope of this list: ${names.join(', ')}.`
          : 'Send each scope only once.';
      context.addIssue({ code: 'custom', message, params: { code: 'out_of_range' } });
    }
  })
  .transform((sent) => names.filter((scope) => sent.includes(scope)))
  .openapi({
    type: 'array',
    items: { $ref: '#/components/schemas/Scope' },
    minItems: 1,
    maxItems: MAX_SCOPES,
    description: scopesDescription,
  });

export const newClient = bodyOf({
  ...newMembers('client'),
  scopes: withDefault(
    scopeList,
    DEFAULT_SCOPES,
    `${scopesDescription} Default: \`${JSON.stringify(DEFAULT_SCOPES)}\`.`,
  ),
}).openapi('NewOAuthClient', { description: 'The client you wish to create.' });

export const clientUpdate = bodyOf({
  ...writableMembers('client'),
  scopes: scopeList,
}).openapi('OAuthClientUpdate', { description: 'The client you wish to update.' });

export const clientsQuery = queryOf(pageParameters);

export const clientList = listOf(
  z.object(pageEcho).openapi('OAuthClientsQuery', {
    description: 'Applied query parameters, including defaults.',
  }),
  client,
  'clients',
).openapi('OAuthClientList');

export const clientPath = z.object({
  'client-id': uuid('the client').openapi({
    param: { description: 'Identifier of the client.', example: clientExample.id },
  }),
});

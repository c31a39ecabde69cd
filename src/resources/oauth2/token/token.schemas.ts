import { z } from '@hono/zod-openapi';
import { ACCESS_TOKEN_LIFETIME_S } from '../../../auth/access-tokens.ts';
import { ON_REQUEST_ONLY } from '../../../auth/scopes.ts';

const scopeNames = ON_REQUEST_ONLY.map((scope) => `\`${scope}\``);
/** The scopes that a token does not get by default, as part of a sentence. */
export const onRequestOnly = `${scopeNames.slice(0, -1).join(', ')} and ${scopeNames.at(-1)}`;

/** The schema of a space-delimited list of scopes (RFC 6749 §3.3). */
const scopeSchema = {
  type: 'string' as const,
  pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+(?: [\\x21\\x23-\\x5b\\x5d-\\x7e]+)*$',
  maxLength: 1000,
};

/**
 * The form of a token request in the document. It is an OpenAPI schema, not a zod schema, so that the
 * form is not validated automatically: the handler reads it and returns the errors of RFC 6749.
 */
export const tokenRequest = {
  type: 'object' as const,
  required: ['grant_type'],
  properties: {
    grant_type: {
      type: 'string' as const,
      enum: ['client_credentials'],
      description: 'The grant type. Only `client_credentials` is supported.',
    },
    client_id: {
      type: 'string' as const,
      format: 'uuid',
      description:
        'The identifier of the client, if it authenticates in the body (`client_secret_post`).',
    },
    client_secret: {
      type: 'string' as const,
      format: 'password',
      pattern: '^pts_[0-9A-Za-z]{43,49}$',
      maxLength: 53,
      description:
        'The secret of the client, if it authenticates in the body (`client_secret_post`).',
    },
    scope: {
      ...scopeSchema,
      description: `The scopes to request for the token, separated by spaces. Default: every scope of the client except ${onRequestOnly}.`,
    },
  },
};

/** A successful token response (RFC 6749 §5.1). */
export const tokenResponse = z
  .object({
    access_token: z.string().openapi({
      pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$',
      maxLength: 4096,
      description: 'The access token. Send it in the header `Authorization: Bearer <token>`.',
    }),
    expires_in: z.int().openapi({
      description: 'The number of seconds until the token expires.',
      format: 'int32',
      minimum: 1,
      maximum: ACCESS_TOKEN_LIFETIME_S,
    }),
    token_type: z
      .literal('Bearer')
      .openapi({ description: 'The type of the token, always `Bearer` (RFC 6750).' }),
    scope: z
      .string()
      .openapi({ ...scopeSchema, description: 'The scopes of the token, separated by spaces.' }),
  })
  .openapi('AccessToken', { description: 'An access token (RFC 6749 §5.1).' });

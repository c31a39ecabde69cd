import { z } from '@hono/zod-openapi';
import { ACCESS_TOKEN_LIFETIME_S } from '../../../auth/access-tokens.ts';

/** Scope tokens of RFC 6749 §3.3, separated by spaces. */
const scopeSchema = {
  type: 'string' as const,
  pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+(?: [\\x21\\x23-\\x5b\\x5d-\\x7e]+)*$',
  maxLength: 1000,
};

/**
 * The form of a token request, for the document. It is an OpenAPI schema and not one of zod, so that
 * the handler reads the form itself and answers as RFC 6749 says.
 */
export const tokenRequest = {
  type: 'object' as const,
  required: ['grant_type'],
  properties: {
    grant_type: {
      type: 'string' as const,
      enum: ['client_credentials'],
      description: 'The only grant that is supported.',
    },
    client_id: {
      type: 'string' as const,
      format: 'uuid',
      description: 'The identifier of the client, for client_secret_post.',
    },
    client_secret: {
      type: 'string' as const,
      format: 'password',
      pattern: '^pts_[0-9A-Za-z]{43,49}$',
      maxLength: 53,
      description: 'The secret of the client, for client_secret_post.',
    },
    scope: {
      ...scopeSchema,
      description: 'The scopes that the token shall have, separated by spaces.',
    },
  },
};

/** RFC 6749 §5.1. */
export const tokenResponse = z
  .object({
    access_token: z.string().openapi({
      pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$',
      maxLength: 4096,
      description: 'Send it as Authorization: Bearer.',
    }),
    expires_in: z.int().openapi({
      description: 'Seconds until the token expires.',
      format: 'int32',
      minimum: 1,
      maximum: ACCESS_TOKEN_LIFETIME_S,
    }),
    token_type: z.literal('Bearer').openapi({ description: 'Always Bearer (RFC 6750).' }),
    scope: z
      .string()
      .openapi({ ...scopeSchema, description: 'The scopes of the token, separated by spaces.' }),
  })
  .openapi('AccessToken', { description: 'An access token (RFC 6749 §5.1).' });

import { z } from '@hono/zod-openapi';

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
      description: 'The identifier of the client, for client_secret_post.',
    },
    client_secret: {
      type: 'string' as const,
      format: 'password',
      description: 'The secret of the client, for client_secret_post.',
    },
    scope: {
      type: 'string' as const,
      description: 'The scopes that the token shall have, separated by spaces.',
    },
  },
};

/** RFC 6749 §5.1. */
export const tokenResponse = z
  .object({
    access_token: z.string().openapi({ description: 'Send it as Authorization: Bearer.' }),
    expires_in: z
      .int()
      .openapi({ description: 'Seconds until the token expires.', format: 'int32', minimum: 1 }),
    token_type: z.literal('Bearer').openapi({ description: 'Always Bearer (RFC 6750).' }),
    scope: z.string().openapi({ description: 'The scopes of the token, separated by spaces.' }),
  })
  .openapi('AccessToken', { description: 'An access token (RFC 6749 §5.1).' });

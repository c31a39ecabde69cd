import { z } from '@hono/zod-openapi';
import { ACCESS_TOKEN_LIFETIME_S } from '../../../auth/access-tokens.ts';
import { ON_REQUEST_ONLY } from '../../../auth/scopes.ts';
import { json, operation } from '../../../http/operation.ts';
import type { OAuthErrorCode } from '../../../problems/problem.ts';
import { oauthErrorSchema } from '../../../problems/schemas.ts';

const scopeNames = ON_REQUEST_ONLY.map((scope) => `\`${scope}\``);
/** The scopes that a token does not get by default, as part of a sentence. */
const onRequestOnly = `${scopeNames.slice(0, -1).join(', ')} and ${scopeNames.at(-1)}`;

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
const tokenRequest = {
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
      pattern: '^pts_(?:[a-z0-9]{1,8}_)?[0-9A-Za-z]{43,49}$',
      maxLength: 62,
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
const tokenResponse = z
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

const example = {
  access_token:
    'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IjEifQ.eyJzdWIiOiIifQ.c2lnbmF0dXJl',
  expires_in: ACCESS_TOKEN_LIFETIME_S,
  token_type: 'Bearer' as const,
  scope: 'prepared-tickets:read prepared-tickets:write events:read',
};

const refused = (error: OAuthErrorCode, error_description: string) => ({
  summary: error_description.split('. ')[0] as string,
  value: { error, error_description },
});

export const createToken = operation({
  method: 'post',
  path: '/oauth2/token',
  operationId: 'createToken',
  access: 'public',
  tags: ['Access tokens'],
  summary: 'Get an access token',
  description: `Get an access token with the client credentials grant of OAuth 2.0 (RFC 6749 §4.4). The client authenticates with its secret, either in the Authorization header (\`client_secret_basic\`) or in the body (\`client_secret_post\`). Without \`scope\`, the token gets every scope of the client except ${onRequestOnly}, which you must request explicitly. A token is valid for ${ACCESS_TOKEN_LIFETIME_S} seconds, or until its client expires if that is sooner. Use the same token for all requests until then. The preferences \`problem\` and \`code\` of the guide "Errors" have no effect here.`,
  request: {
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: tokenRequest,
          example: {
            grant_type: 'client_credentials',
            client_id: '3d1e5f6a-0b7c-4c8d-9e2f-1a2b3c4d5e6f',
            client_secret: `pts_${'Example'.repeat(7)}`,
          },
        },
      },
    },
  },
  problems: ['quotaExceeded', 'tooManyFailedAttempts', 'internalServerError', 'serviceUnavailable'],
  responses: {
    200: json('The access token (RFC 6749 §5.1).', tokenResponse, {
      example,
      headers: ['Pragma', 'RateLimit-Policy'],
    }),
    400: json(
      'The token request is invalid, or the client is not allowed to make it (RFC 6749 §5.2).',
      oauthErrorSchema,
      {
        examples: {
          invalid_request: refused(
            'invalid_request',
            'The parameter grant_type is missing. Send grant_type=client_credentials.',
          ),
          unauthorized_client: refused(
            'unauthorized_client',
            'The client is disabled or has expired.',
          ),
          unsupported_grant_type: refused(
            'unsupported_grant_type',
            'The grant type is not supported. Send grant_type=client_credentials.',
          ),
          invalid_scope: refused(
            'invalid_scope',
            'The client does not have a requested scope. Request only scopes that the client has.',
          ),
        },
      },
    ),
    401: json(
      'The client authentication is missing or malformed, the client is unknown, or its secret is wrong (RFC 6749 §5.2).',
      oauthErrorSchema,
      {
        examples: {
          malformed: refused(
            'invalid_client',
            'The client authentication is missing or malformed. Send client_id and client_secret.',
          ),
          unknown: refused('invalid_client', 'The client is unknown or its secret is wrong.'),
        },
      },
    ),
  },
});

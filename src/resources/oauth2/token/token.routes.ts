import { ACCESS_TOKEN_LIFETIME } from '../../../auth/access-tokens.ts';
import { json, operation } from '../../../http/operation.ts';
import { oauthErrorSchema } from '../../../problems/schemas.ts';
import { tokenRequest, tokenResponse } from './token.schemas.ts';

const example = {
  access_token:
    'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IjEifQ.eyJzdWIiOiIifQ.c2lnbmF0dXJl',
  expires_in: ACCESS_TOKEN_LIFETIME,
  token_type: 'Bearer' as const,
  scope: 'prepared-tickets:read prepared-tickets:write',
};

export const createToken = operation({
  method: 'post',
  path: '/oauth2/token',
  operationId: 'createToken',
  access: 'public',
  tags: ['Access tokens'],
  summary: 'Get an access token',
  description: `The client credentials grant of OAuth 2.0 (RFC 6749 §4.4). The client authenticates with its secret, in the Authorization header (\`client_secret_basic\`) or in the body (\`client_secret_post\`), not both. Without \`scope\` the token gets every scope that the client has. A token is valid for ${ACCESS_TOKEN_LIFETIME} seconds; use it until then.`,
  request: {
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: tokenRequest,
          example: {
            grant_type: 'client_credentials',
            client_id: '3d1e5f6a-0b7c-4c8d-9e2f-1a2b3c4d5e6f',
            client_secret: 'pts_…',
            scope: 'prepared-tickets:read',
          },
        },
      },
    },
  },
  problems: ['quotaExceeded', 'internalServerError', 'serviceUnavailable'],
  responses: {
    200: json('The access token (RFC 6749 §5.1).', tokenResponse, {
      example,
      headers: { 'Cache-Control': 'no-store' },
    }),
    400: json('The request cannot be granted (RFC 6749 §5.2).', oauthErrorSchema, {
      example: {
        error: 'invalid_scope' as const,
        error_description: 'The client does not have the scope tickets:delete.',
      },
    }),
    401: json('The client is unknown or its secret is wrong.', oauthErrorSchema, {
      example: {
        error: 'invalid_client' as const,
        error_description: 'The client is unknown or its secret is wrong.',
      },
      headers: { 'WWW-Authenticate': 'The challenge (RFC 7617).' },
    }),
  },
});

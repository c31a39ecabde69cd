import { z } from '@hono/zod-openapi';
import { API_KEY_PATTERN } from '../../../auth/secrets.ts';
import { bodyOf, queryOf } from '../../../http/fields/object.ts';
import { uuid } from '../../../http/fields/text.ts';
import { listOf, pageEcho, pageParameters } from '../../../http/requests/pagination.ts';
import { credentialMembers, newMembers, writableMembers } from '../credentials.schemas.ts';

export const apiKeyExample = {
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  name: 'Production',
  created_at: '2026-03-01T12:00:00.000Z',
  last_used_at: null,
  expires_at: null,
  disabled: false,
};
/** The API key that authenticates the requests of the examples. */
export const administrationExample = {
  ...apiKeyExample,
  id: '9b2f6c1e-5a3d-4f7b-8c9d-0e1f2a3b4c5d',
  name: 'Administration',
  created_at: '2026-02-01T12:00:00.000Z',
  last_used_at: '2026-03-01T12:00:00.000Z',
};
/** An example with the form of a key. Its checksum is wrong, so that no scanner reports it as a key. */
export const secretExample = `ptk_live_${'Example'.repeat(7)}`;

const apiKeyMembers = credentialMembers('API key', {});

export const apiKey = z.object(apiKeyMembers).openapi('ApiKey', {
  description:
    'A key that identifies you as the partner that sends a request. You can combine each of your API keys with each of your clients.',
  example: apiKeyExample,
});

/** The response to a creation and to a rotation. No other response contains the key itself. */
export const apiKeyWithSecret = z
  .object({
    ...apiKeyMembers,
    api_key: z
      .string()
      .nullable()
      .openapi({
        pattern: `^${API_KEY_PATTERN}$`,
        maxLength: 58,
        description:
          'The key value to send in the header `x-api-key`. It is returned only once, so store it right away. It is `null` if the response repeats the creation of the API key: to get a new key value, rotate the API key.',
      }),
  })
  .openapi('ApiKeyWithSecret', {
    description: 'An API key with its key value.',
    example: { ...apiKeyExample, api_key: secretExample },
  });

export const newApiKey = bodyOf(newMembers('API key')).openapi('NewApiKey', {
  description: 'The API key you wish to create.',
});

export const apiKeyUpdate = bodyOf(writableMembers('API key')).openapi('ApiKeyUpdate', {
  description: 'The API key you wish to update.',
});

export const apiKeysQuery = queryOf(pageParameters);

export const apiKeyList = listOf(
  z.object(pageEcho).openapi('ApiKeysQuery', {
    description: 'Applied query parameters, including defaults.',
  }),
  apiKey,
  'API keys',
).openapi('ApiKeyList');

export const apiKeyPath = z.object({
  'key-id': uuid('the API key').openapi({
    param: { description: 'Identifier of the API key.', example: apiKeyExample.id },
  }),
});

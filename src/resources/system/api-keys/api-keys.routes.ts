import { json, operation } from '../../../http/operation.ts';
import { idempotencyKeyParameter } from '../../../http/requests/idempotency-key.ts';
import type { Violation } from '../../../problems/problem.ts';
import {
  expectedName,
  rotation,
  rotationExample,
  violatedRotation,
} from '../credentials.schemas.ts';
import {
  administrationExample,
  apiKey,
  apiKeyExample,
  apiKeyList,
  apiKeyPath,
  apiKeysQuery,
  apiKeyUpdate,
  apiKeyWithSecret,
  newApiKey,
  secretExample,
} from './api-keys.schemas.ts';

const COLLECTION = '/v2/system/api-keys';
const API_KEY = `${COLLECTION}/{key-id}` as const;
const access = 'credentials:manage';
const tags = ['API keys'];

/** Why an API key is a 404. */
export const noApiKey = 'There is no API key with this identifier.';

const { name, expires_at, disabled } = apiKeyExample;
const withSecret = { ...apiKeyExample, api_key: secretExample };

const violatedId: Violation[] = [
  {
    in: 'path',
    name: 'key-id',
    code: 'invalid_format',
    detail: 'Send the API key as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.',
  },
];
const violatedName: Violation[] = [
  {
    in: 'body',
    pointer: '#/name',
    code: 'too_short',
    detail: expectedName,
  },
];

export const listApiKeys = operation({
  method: 'get',
  path: COLLECTION,
  operationId: 'listApiKeys',
  access,
  tags,
  summary: 'Retrieve API keys',
  description: 'Retrieve your API keys, newest first. No answer holds the key itself.',
  request: { query: apiKeysQuery },
  violations: [
    {
      in: 'query',
      name: 'limit',
      code: 'out_of_range',
      detail: 'Send an integer from 0 to 1000, in decimal digits.',
    },
  ],
  responses: {
    200: json('Successful response.', apiKeyList, {
      example: {
        query: { limit: 25, offset: 0 },
        result: [apiKeyExample, administrationExample],
        total: 2,
      },
    }),
  },
});

export const createApiKey = operation({
  method: 'post',
  path: COLLECTION,
  operationId: 'createApiKey',
  access,
  tags,
  summary: 'Create an API key',
  description:
    'Create an API key, whose text no other answer will ever hold. A partner has at most five. With an `Idempotency-Key` a retry makes no second key; it gets the first answer again, but with null for the text.',
  // Clients share their keys with API keys, so the examples differ.
  parameters: [{ ...idempotencyKeyParameter, example: '"b1946ac9-2f5b-4d3e-8a70-6c1d9e0f4a25"' }],
  request: {
    body: {
      required: true,
      description: 'The API key you wish to create.',
      content: { 'application/json': { schema: newApiKey, example: { name } } },
    },
  },
  violations: violatedName,
  problems: ['tooManyCredentials', 'idempotencyKeyReused'],
  responses: {
    201: json('The API key is created.', apiKeyWithSecret, {
      example: withSecret,
      headers: ['ETag', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

export const getApiKey = operation({
  method: 'get',
  path: API_KEY,
  operationId: 'getApiKey',
  access,
  tags,
  summary: 'Retrieve an API key',
  description: 'Retrieve a single API key by its identifier, without its text.',
  conditional: 'read',
  request: { params: apiKeyPath },
  violations: violatedId,
  problems: ['notFound'],
  missing: noApiKey,
  responses: {
    200: json('Successful response.', apiKey, { example: apiKeyExample, headers: ['ETag'] }),
  },
});

export const updateApiKey = operation({
  method: 'put',
  path: API_KEY,
  operationId: 'updateApiKey',
  access,
  tags,
  summary: 'Update an API key',
  description:
    'Replace the name, the end and whether the API key is disabled. Disabling ends the old texts of its rotations for good.',
  conditional: 'write',
  request: {
    params: apiKeyPath,
    body: {
      required: true,
      description: 'The API key you wish to have.',
      content: {
        'application/json': {
          schema: apiKeyUpdate,
          example: { name, expires_at, disabled },
        },
      },
    },
  },
  violations: violatedName,
  problems: ['notFound', 'credentialInUse'],
  missing: noApiKey,
  responses: {
    200: json('Successful response.', apiKey, {
      example: apiKeyExample,
      headers: ['ETag', 'Content-Location'],
    }),
  },
});

export const deleteApiKey = operation({
  method: 'delete',
  path: API_KEY,
  operationId: 'deleteApiKey',
  access,
  tags,
  summary: 'Delete an API key',
  description:
    'Delete an API key for good. It is refused within 60 seconds. To keep its name in the list, disable it instead.',
  conditional: 'write',
  request: { params: apiKeyPath },
  violations: violatedId,
  problems: ['notFound', 'credentialInUse'],
  missing: noApiKey,
  responses: { 204: { description: 'Successfully removed.' } },
});

export const rotateApiKey = operation({
  method: 'post',
  path: `${API_KEY}/secrets`,
  operationId: 'rotateApiKey',
  access,
  tags,
  summary: 'Rotate an API key',
  description:
    'Make a new text for the API key, which is valid at once, while the present one stays valid for the overlap that you choose. If the answer is lost, send the request again, four times at most: each makes another, and the one in use keeps its overlap. So give an overlap to the key that you send the request with.',
  conditional: 'write',
  request: {
    params: apiKeyPath,
    body: {
      required: true,
      description: 'How the present text makes way for the new one.',
      content: { 'application/json': { schema: rotation, example: rotationExample } },
    },
  },
  violations: violatedRotation,
  problems: ['notFound'],
  missing: noApiKey,
  responses: {
    201: json('The new text is valid.', apiKeyWithSecret, {
      example: withSecret,
      headers: ['ETag'],
    }),
  },
});

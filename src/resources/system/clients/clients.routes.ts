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
  client,
  clientExample,
  clientList,
  clientPath,
  clientsQuery,
  clientUpdate,
  clientWithSecret,
  newClient,
  secretExample,
} from './clients.schemas.ts';

const COLLECTION = '/v2/system/clients';
const CLIENT = `${COLLECTION}/{client-id}` as const;
const access = 'credentials:manage';
const tags = ['Clients'];

/** Why a client is a 404. */
export const noClient = 'There is no client with this identifier.';

const { name, scopes, expires_at, disabled } = clientExample;
const withSecret = { ...clientExample, client_secret: secretExample };

const violatedId: Violation[] = [
  {
    in: 'path',
    name: 'client-id',
    code: 'invalid_format',
    detail: 'Send the client as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.',
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

export const listClients = operation({
  method: 'get',
  path: COLLECTION,
  operationId: 'listOAuthClients',
  access,
  tags,
  summary: 'Retrieve clients',
  description: 'Retrieve your clients, newest first. No answer holds a secret.',
  request: { query: clientsQuery },
  violations: [
    {
      in: 'query',
      name: 'limit',
      code: 'out_of_range',
      detail: 'Send an integer from 0 to 1000, in decimal digits.',
    },
  ],
  responses: {
    200: json('Successful response.', clientList, {
      example: {
        query: { limit: 25, offset: 0 },
        result: [clientExample, administrationExample],
        total: 2,
      },
    }),
  },
});

export const createClient = operation({
  method: 'post',
  path: COLLECTION,
  operationId: 'createOAuthClient',
  access,
  tags,
  summary: 'Create a client',
  description:
    'Create a client with a new secret, which no other answer will ever hold. Give each program a client of its own, with the scopes that it needs and no more. A partner has at most five. With an `Idempotency-Key` a retry makes no second client; it gets the first answer again, but with null for the secret.',
  parameters: [idempotencyKeyParameter],
  request: {
    body: {
      required: true,
      description: 'The client you wish to create.',
      content: { 'application/json': { schema: newClient, example: { name, scopes } } },
    },
  },
  violations: violatedName,
  problems: ['tooManyCredentials', 'idempotencyKeyReused'],
  responses: {
    201: json('The client is created.', clientWithSecret, {
      example: withSecret,
      headers: ['ETag', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

export const getClient = operation({
  method: 'get',
  path: CLIENT,
  operationId: 'getOAuthClient',
  access,
  tags,
  summary: 'Retrieve a client',
  description: 'Retrieve a single client by its identifier, without its secret.',
  conditional: 'read',
  request: { params: clientPath },
  violations: violatedId,
  problems: ['notFound'],
  missing: noClient,
  responses: {
    200: json('Successful response.', client, { example: clientExample, headers: ['ETag'] }),
  },
});

export const updateClient = operation({
  method: 'put',
  path: CLIENT,
  operationId: 'updateOAuthClient',
  access,
  tags,
  summary: 'Update a client',
  description:
    'Replace the name, the scopes, the end and whether the client is disabled. What is taken from a client is taken from its tokens too, within 60 seconds. Disabling ends the old secrets of its rotations for good.',
  conditional: 'write',
  request: {
    params: clientPath,
    body: {
      required: true,
      description: 'The client you wish to have.',
      content: {
        'application/json': {
          schema: clientUpdate,
          example: { name, scopes, expires_at, disabled },
        },
      },
    },
  },
  violations: violatedName,
  problems: ['notFound', 'credentialInUse'],
  missing: noClient,
  responses: {
    200: json('Successful response.', client, {
      example: clientExample,
      headers: ['ETag', 'Content-Location'],
    }),
  },
});

export const deleteClient = operation({
  method: 'delete',
  path: CLIENT,
  operationId: 'deleteOAuthClient',
  access,
  tags,
  summary: 'Delete a client',
  description:
    'Delete a client for good. Its tokens are refused within 60 seconds. To keep its name in the list, disable it instead.',
  conditional: 'write',
  request: { params: clientPath },
  violations: violatedId,
  problems: ['notFound', 'credentialInUse'],
  missing: noClient,
  responses: { 204: { description: 'Successfully removed.' } },
});

export const rotateClientSecret = operation({
  method: 'post',
  path: `${CLIENT}/secrets`,
  operationId: 'rotateOAuthClientSecret',
  access,
  tags,
  summary: 'Rotate the secret of a client',
  description:
    'Make a new secret, which is valid at once, while the present one stays valid for the overlap that you choose. Tokens that were issued stay valid until they expire. If the answer is lost, send the request again, four times at most: each makes another secret, and the one in use keeps its overlap.',
  conditional: 'write',
  request: {
    params: clientPath,
    body: {
      required: true,
      description: 'How the present secret makes way for the new one.',
      content: { 'application/json': { schema: rotation, example: rotationExample } },
    },
  },
  violations: violatedRotation,
  problems: ['notFound'],
  missing: noClient,
  responses: {
    201: json('The new secret is valid.', clientWithSecret, {
      example: withSecret,
      headers: ['ETag'],
    }),
  },
});

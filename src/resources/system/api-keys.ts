import { API_KEY_PATTERN, newApiKey } from '../../auth/secrets.ts';
import { partOf } from '../../http/fields/object.ts';
import { notModified } from '../../http/requests/conditional.ts';
import { reply } from '../../http/responses/reply.ts';
import { mounted, serve } from '../../http/serve.ts';
import { apiKey, type CredentialRow, type CredentialValues } from './credentials.repository.ts';
import {
  credentialMembers,
  hashed,
  isRevoked,
  membersOf,
  requestsOf,
  rotationOf,
} from './credentials.ts';
import { ownedRoutes } from './owned.routes.ts';
import * as owned from './owned.ts';

const members = credentialMembers('API key');

const example = {
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  name: 'Production',
  created_at: '2026-03-01T12:00:00.000Z',
  last_used_at: null,
  expires_at: null,
  disabled: false,
  retired_secret_expires_at: null,
};
/** The API key that authenticates the requests of the examples. */
const administrationExample = {
  ...example,
  id: '9b2f6c1e-5a3d-4f7b-8c9d-0e1f2a3b4c5d',
  name: 'Administration',
  created_at: '2026-02-01T12:00:00.000Z',
  last_used_at: '2026-03-01T12:00:00.000Z',
};

const routes = ownedRoutes({
  path: '/v2/system/api-keys',
  id: 'key-id',
  access: 'credentials:manage',
  tag: 'API keys',
  kind: apiKey,
  canBeInUse: true,
  names: { one: 'API key', a: 'an API key', many: 'API keys' },
  noun: 'ApiKey',
  members: {
    response: partOf(members, 'response'),
    secret: {
      pattern: `^${API_KEY_PATTERN}$`,
      maxLength: 58,
      description:
        'The key value to send in the header `x-api-key`. It is returned only once, so store it right away. It is `null` if the response repeats the creation of the API key: to get a new key value, rotate the API key.',
    },
    ...requestsOf(members),
  },
  examples: {
    one: example,
    list: [example, administrationExample],
    // It has the form of a key. Its checksum is wrong, so that no scanner reports it as a key.
    secret: `ptk_live_${'Example'.repeat(7)}`,
    creation: { name: example.name },
    update: { name: example.name, expires_at: null, disabled: false },
    violated: { name: '' },
    // Clients and API keys share one set of idempotency keys, so this example differs from that of clients.
    key: '"b1946ac9-2f5b-4d3e-8a70-6c1d9e0f4a25"',
  },
  descriptions: {
    one: 'A key that identifies you as the partner that sends a request. You can combine each of your API keys with each of your clients.',
    withSecret: 'An API key with its key value.',
    list: 'Retrieve your API keys, newest first. The response does not contain the key values.',
    create:
      'Create an API key. The key value is returned only in this response. You can have at most five API keys. With an `Idempotency-Key`, a retry creates no second API key: it returns the original response again, with `null` for the key value.',
    get: 'Retrieve a single API key by its identifier, without the key value.',
    update:
      'Update the name and expiry of an API key, and disable or enable it. Disabling an API key permanently revokes the old key values that are still valid after a rotation.',
    delete:
      'Delete an API key permanently. It stops working everywhere within 60 seconds. To keep the API key in the list, disable it instead.',
    rotate:
      'Create a new key value that is valid immediately. The current key value stays valid for the overlap that you choose. If you do not receive the response, send the request again, at most four times. Each request creates another key value, and the one in use keeps its overlap. Never use an overlap of 0 for the API key that the request carries: without the response, you would have no valid one.',
  },
  rotation: {
    operationId: 'rotateApiKey',
    summary: 'Rotate an API key',
    ...rotationOf('key value'),
  },
});

const apiKeys = {
  kind: apiKey,
  path: routes.list.path,
  newSecret: (c) => hashed(newApiKey(c.var.config.apiKeyKind)),
  membersOf: (row, now) => ({ id: row.id, name: row.name, ...membersOf(row, now) }),
  isRevoked,
} satisfies owned.OwnedResource<CredentialValues, CredentialRow, object>;

const valuesOf = ({ name, expires_at, disabled }: CredentialValues): CredentialValues => ({
  ...{ name, expires_at, disabled },
});

/** Mounts `/v2/system/api-keys`. */
export const mountApiKeys = mounted(
  serve(routes.list, async (c) =>
    reply(c, routes.list, 200, ...(await owned.list(c, apiKeys, c.req.valid('query')))),
  ),
  serve(routes.create, async (c) => {
    const values = valuesOf(c.req.valid('json'));
    return reply(c, routes.create, 201, ...(await owned.create(c, apiKeys, values)));
  }),
  serve(routes.get, async (c) => {
    const [body, facts] = await owned.get(c, apiKeys, c.req.valid('param')['key-id']);
    return notModified(c, facts.tag) ?? reply(c, routes.get, 200, body, facts);
  }),
  serve(routes.update, async (c) => {
    const values = valuesOf(c.req.valid('json'));
    const id = c.req.valid('param')['key-id'];
    return reply(c, routes.update, 200, ...(await owned.update(c, apiKeys, id, values)));
  }),
  serve(routes.delete, (c) => owned.remove(c, apiKeys, c.req.valid('param')['key-id'])),
  serve(routes.rotate, async (c) => {
    const id = c.req.valid('param')['key-id'];
    const { overlap_seconds } = c.req.valid('json');
    return reply(c, routes.rotate, 201, ...(await owned.rotate(c, apiKeys, id, overlap_seconds)));
  }),
);

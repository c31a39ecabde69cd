import { credentialRoutes } from '../credentials.routes.ts';
import * as schemas from './api-keys.schemas.ts';

const { apiKeyExample: one } = schemas;
const { name, expires_at, disabled } = one;

export const routes = credentialRoutes({
  path: '/v2/system/api-keys',
  id: 'key-id',
  tag: 'API keys',
  names: { one: 'API key', a: 'an API key', many: 'API keys' },
  secret: 'key value',
  operations: { noun: 'ApiKey', rotate: 'rotateApiKey' },
  schemas: {
    path: schemas.apiKeyPath,
    query: schemas.apiKeysQuery,
    list: schemas.apiKeyList,
    one: schemas.apiKey,
    withSecret: schemas.apiKeyWithSecret,
    creation: schemas.newApiKey,
    update: schemas.apiKeyUpdate,
  },
  examples: {
    one,
    other: schemas.administrationExample,
    withSecret: { ...one, api_key: schemas.secretExample },
    creation: { name },
    update: { name, expires_at, disabled },
    // Clients and API keys share one set of idempotency keys, so this example differs from that of clients.
    key: '"b1946ac9-2f5b-4d3e-8a70-6c1d9e0f4a25"',
  },
  descriptions: {
    list: 'Retrieve your API keys, newest first. The response does not contain the key values.',
    create:
      'Create an API key. The key value is returned only in this response. You can have at most five API keys. With an `Idempotency-Key`, a retry creates no second API key: it returns the original response again, with `null` for the key value.',
    get: 'Retrieve a single API key by its identifier, without the key value.',
    update:
      'Update the name and expiry of an API key, and disable or enable it. Disabling an API key permanently revokes the old key values that are still valid after a rotation.',
    delete:
      'Delete an API key permanently. It stops working everywhere within 60 seconds. To keep the API key in the list, disable it instead.',
    rotate:
      'Create a new key value that is valid immediately. The current key value stays valid for the overlap that you choose. If you do not receive the response, send the request again, at most four times. Each request creates another key value, and the one in use keeps its overlap. For that reason, never use an overlap of 0 for the API key that you are sending the request with.',
  },
  rotation: 'Rotate an API key',
});

import { credentialRoutes } from '../credentials.routes.ts';
import * as schemas from './api-keys.schemas.ts';

const { apiKeyExample: one } = schemas;
const { name, expires_at, disabled } = one;

export const routes = credentialRoutes({
  path: '/v2/system/api-keys',
  id: 'key-id',
  tag: 'API keys',
  names: { one: 'API key', a: 'an API key', many: 'API keys' },
  secret: 'key',
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
    list: 'Retrieve your API keys, newest first. The response does not hold the keys themselves.',
    create:
      'Create an API key. The key itself is returned only in this response. A partner has at most five API keys. With an `Idempotency-Key` a retry creates no second key: it receives the first response again, with null for the key itself.',
    get: 'Retrieve a single API key by its identifier, without the key itself.',
    update:
      'Replace the name, the expiry and whether the API key is disabled. Disabling permanently ends the old keys of its rotations.',
    delete:
      'Delete an API key permanently. It is refused within 60 seconds. To keep its name in the list, disable the API key instead.',
    rotate:
      'Create a new key that is valid at once, while the present key stays valid for the overlap that you choose. If you do not receive the response, send the request again, at most four times: each time creates another key, and the key in use keeps its overlap. So choose an overlap above 0 for the API key that you send the request with.',
  },
  rotation: 'Rotate an API key',
});

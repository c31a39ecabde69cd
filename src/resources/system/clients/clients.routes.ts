import { credentialRoutes } from '../credentials.routes.ts';
import * as schemas from './clients.schemas.ts';

const { clientExample: one } = schemas;
const { name, scopes, expires_at, disabled } = one;

export const routes = credentialRoutes({
  path: '/v2/system/clients',
  id: 'client-id',
  tag: 'Clients',
  names: { one: 'client', a: 'a client', many: 'clients' },
  secret: 'secret',
  operations: { noun: 'OAuthClient', rotate: 'rotateOAuthClientSecret' },
  schemas: {
    path: schemas.clientPath,
    query: schemas.clientsQuery,
    list: schemas.clientList,
    one: schemas.client,
    withSecret: schemas.clientWithSecret,
    creation: schemas.newClient,
    update: schemas.clientUpdate,
  },
  examples: {
    one,
    other: schemas.administrationExample,
    withSecret: { ...one, client_secret: schemas.secretExample },
    creation: { name, scopes },
    update: { name, scopes, expires_at, disabled },
  },
  descriptions: {
    list: 'Retrieve your clients, newest first. The response holds no secret.',
    create:
      'Create a client with a new secret. The secret is returned only in this response. Give each program a client of its own, with only the scopes that it needs. A partner has at most five clients. With an `Idempotency-Key` a retry creates no second client: it receives the first response again, with null for the secret.',
    get: 'Retrieve a single client by its identifier, without its secret.',
    update:
      'Replace the name, the scopes, the expiry and whether the client is disabled. A scope that is taken from the client is taken from its tokens too, within 60 seconds. Disabling permanently ends the old secrets of its rotations.',
    delete:
      'Delete a client permanently. Its tokens are refused within 60 seconds. To keep its name in the list, disable the client instead.',
    rotate:
      'Create a new secret that is valid at once, while the present secret stays valid for the overlap that you choose. Tokens that have been issued stay valid until they expire. If you do not receive the response, send the request again, at most four times: each time creates another secret, and the secret in use keeps its overlap.',
  },
  rotation: 'Rotate the secret of a client',
});

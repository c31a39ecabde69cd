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
    list: 'Retrieve your clients, newest first. The response does not contain their secrets.',
    create:
      'Create a client with a new secret. The secret is returned only in this response. Create a client for each program, with only the scopes that it needs. You can have at most five clients. With an `Idempotency-Key`, a retry creates no second client: it returns the original response again, with `null` for the secret.',
    get: 'Retrieve a single client by its identifier, without its secret.',
    update:
      'Update the name, scopes and expiry of a client, and disable or enable it. If you remove a scope, the tokens of the client lose it too, within 60 seconds. Disabling a client permanently revokes the old secrets that are still valid after a rotation.',
    delete:
      'Delete a client permanently. Its tokens stop working everywhere within 60 seconds. To keep the client in the list, disable it instead.',
    rotate:
      'Create a new secret that is valid immediately. The current secret stays valid for the overlap that you choose. Tokens already issued stay valid until they expire. If you do not receive the response, send the request again, at most four times. Each request creates another secret, and the one in use keeps its overlap.',
  },
  rotation: 'Rotate the secret of a client',
});

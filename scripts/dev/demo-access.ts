import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { scopes } from '../../src/auth/scopes.ts';
import type { LocalServer } from './local-server.ts';

const file = z.object({
  demo: z.object({ client_id: z.string(), client_secret: z.string(), api_key: z.string() }),
});
const tokenResponse = z.object({ access_token: z.string() });
const credentialList = z.object({ result: z.array(z.object({ id: z.string() })) });

/** The credentials with which a check calls the API as the demo partner. */
export interface DemoAccess {
  /** The credentials under the names of the environment variables that samples and guides read. */
  readonly variables: Readonly<
    Record<
      | 'CLIENT_ID'
      | 'CLIENT_SECRET'
      | 'API_KEY'
      | 'TOKEN'
      | 'MANAGE'
      | 'PICK_UP'
      | 'WEBHOOKS'
      | 'API',
      string
    >
  >;
  /** The two headers that authenticate a request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Deletes everything in a collection except what authenticates the request. */
  removeOthers(collection: LimitedCollection): Promise<void>;
}

/** The path of the clients, the API keys or the webhook endpoints. A partner can have five of each. */
export type LimitedCollection =
  | '/v2/system/clients'
  | '/v2/system/api-keys'
  | '/v2/system/webhook-endpoints';

/**
 * Returns the credentials of the demo partner on a running server, with a new access token.
 *
 * @throws Error if the server issues no token.
 */
export async function demoAccess({ origin, environment }: LocalServer): Promise<DemoAccess> {
  const savedFile = join(environment.DEV_STATE ?? '.', 'demo-credentials.json');
  const { demo } = file.parse(JSON.parse(readFileSync(savedFile, 'utf8')));
  const send = async (path: string, method: string, headers: object, body?: BodyInit) => {
    const response = await fetch(origin + path, { method, headers: { ...headers }, body });
    if (!response.ok) {
      throw new Error(`${path} returned ${response.status}: ${await response.text()}`);
    }
    return response.json();
  };
  const form = { client_id: demo.client_id, client_secret: demo.client_secret };
  // The request names every scope, because a token gets some of them only on request.
  const scope = Object.keys(scopes).join(' ');
  const grant = new URLSearchParams({ grant_type: 'client_credentials', scope, ...form });
  const { access_token } = tokenResponse.parse(await send('/oauth2/token', 'POST', {}, grant));
  const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': demo.api_key };
  return {
    variables: {
      API: origin,
      CLIENT_ID: demo.client_id,
      CLIENT_SECRET: demo.client_secret,
      API_KEY: demo.api_key,
      // The one token has every scope, so it serves for all.
      TOKEN: access_token,
      MANAGE: access_token,
      PICK_UP: access_token,
      WEBHOOKS: access_token,
    },
    headers,
    async removeOthers(collection) {
      const { result } = credentialList.parse(await send(collection, 'GET', headers));
      for (const { id } of result) {
        // The API rejects the deletion of the credential in use, which is intended.
        await fetch(`${origin}${collection}/${id}`, { method: 'DELETE', headers });
      }
    },
  };
}

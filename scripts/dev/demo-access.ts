import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { scopes } from '../../src/auth/scopes.ts';
import type { LocalServer } from './local-server.ts';

const file = z.object({
  demo: z.object({ client_id: z.string(), client_secret: z.string(), api_key: z.string() }),
});
const tokenAnswer = z.object({ access_token: z.string() });
const credentialList = z.object({ result: z.array(z.object({ id: z.string() })) });

/** What a check needs to call the API as the demo partner. */
export interface DemoAccess {
  /** The credentials, under the names that samples and guides read from the environment. */
  readonly variables: Readonly<
    Record<'CLIENT_ID' | 'CLIENT_SECRET' | 'API_KEY' | 'TOKEN' | 'MANAGE' | 'API', string>
  >;
  readonly headers: Readonly<Record<string, string>>;
  /** Deletes every client, or API key, except the one that is in use. */
  removeOthers(collection: CredentialCollection): Promise<void>;
}

/** The path of the credentials of a kind, of which a partner may have five. */
export type CredentialCollection = '/v2/system/clients' | '/v2/system/api-keys';

/**
 * The demo partner's credentials of a running server, with a new token.
 *
 * @throws Error when the server gives none.
 */
export async function demoAccess({ origin, environment }: LocalServer): Promise<DemoAccess> {
  const kept = join(environment.DEV_STATE ?? '.', 'demo-credentials.json');
  const { demo } = file.parse(JSON.parse(readFileSync(kept, 'utf8')));
  const send = async (path: string, method: string, headers: object, body?: BodyInit) => {
    const response = await fetch(origin + path, { method, headers: { ...headers }, body });
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    }
    return response.json();
  };
  const form = { client_id: demo.client_id, client_secret: demo.client_secret };
  // With every scope: some are in a token only when they are asked for.
  const scope = Object.keys(scopes).join(' ');
  const grant = new URLSearchParams({ grant_type: 'client_credentials', scope, ...form });
  const { access_token } = tokenAnswer.parse(await send('/oauth2/token', 'POST', {}, grant));
  const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': demo.api_key };
  return {
    variables: {
      API: origin,
      CLIENT_ID: demo.client_id,
      CLIENT_SECRET: demo.client_secret,
      API_KEY: demo.api_key,
      // One token with every scope serves as both.
      TOKEN: access_token,
      MANAGE: access_token,
    },
    headers,
    async removeOthers(collection) {
      const { result } = credentialList.parse(await send(collection, 'GET', headers));
      for (const { id } of result) {
        // That of the one in use is refused.
        await fetch(`${origin}${collection}/${id}`, { method: 'DELETE', headers });
      }
    },
  };
}

import { join } from 'node:path';
import { scopes } from '../../src/auth/scopes.ts';
import type { Credentials } from '../partner/partners.ts';
import { readDemoCredentials } from './demo-credentials.ts';
import { demoToken } from './demo-token.ts';
import type { LocalServer } from './local-server.ts';

/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 15_000;

type Variable =
  | 'API'
  | 'CLIENT_ID'
  | 'CLIENT_SECRET'
  | 'API_KEY'
  | 'TOKEN'
  | 'MANAGE'
  | 'PICK_UP'
  | 'WEBHOOKS';

/** A running server as a demo partner calls it in a check. */
export interface DemoAccess {
  readonly origin: string;
  /** The credentials under the names of the environment variables that samples and guides read. */
  readonly variables: Readonly<Record<Variable, string>>;
  /** The two headers that authenticate a request. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Sends a request with a new idempotency key.
   *
   * @returns the body of the response.
   * @throws Error if there is no response, or one of an error.
   */
  request<Body>(method: string, path: string, body?: object): Promise<Body>;
  /** Deletes everything in a collection except what authenticates the request. */
  removeOthers(collection: string): Promise<void>;
}

/**
 * Returns a demo partner on a running server, with a new access token.
 *
 * @param partner its name. A check that looks at every ticket of a partner takes `other`, because other checks create
 * tickets of `demo` at the same time.
 * @throws Error if the server issues no token.
 */
export async function demoAccess(
  { origin, environment }: LocalServer,
  partner: 'demo' | 'other' = 'demo',
): Promise<DemoAccess> {
  const saved = readDemoCredentials(join(environment.DEV_STATE ?? '.', 'demo-credentials.json'));
  const demo = saved[partner] as Credentials;
  // The request names every scope, because a token gets some of them only on request.
  const token = await demoToken(origin, demo, Object.keys(scopes).join(' '));
  const headers = { authorization: `Bearer ${token}`, 'x-api-key': demo.api_key };
  const request: DemoAccess['request'] = async (method, path, body) => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        ...headers,
        ...(body && { 'content-type': 'application/json' }),
        ...(method === 'POST' && { 'idempotency-key': `"${crypto.randomUUID()}"` }),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    origin,
    variables: {
      API: origin,
      CLIENT_ID: demo.client_id,
      CLIENT_SECRET: demo.client_secret,
      API_KEY: demo.api_key,
      // The one token has every scope, so it serves for all.
      TOKEN: token,
      MANAGE: token,
      PICK_UP: token,
      WEBHOOKS: token,
    },
    headers,
    request,
    async removeOthers(collection) {
      const { result } = await request<{ result: { id: string }[] }>('GET', collection);
      for (const { id } of result) {
        // The API rejects the deletion of the credential in use, which is intended.
        await fetch(`${origin}${collection}/${id}`, { method: 'DELETE', headers });
      }
    },
  };
}

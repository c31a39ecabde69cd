/** The path at which `npm run dev` serves the credentials of the demo partner. */
export const CREDENTIALS_PATH = '/demo/credentials';

/**
 * What `npm run dev` adds to the head of each page of the docs site. The forms there then have a button with this
 * title, which fetches the credentials.
 */
export const CREDENTIALS_LINK = `<link rel="demo-partner" href="${CREDENTIALS_PATH}" title="Use the demo partner">`;

/** The demo partner, in the spelling of the token request. */
interface DemoClient {
  readonly client_id: string;
  readonly client_secret: string;
  readonly api_key: string;
  /** The scopes to request, separated by spaces. */
  readonly scope: string;
}

/**
 * Returns whether a page of this API sent a request for the credentials. No script can set `Sec-Fetch-Site`. The address
 * is compared too, because the owner of another host name can let it lead to this machine (DNS rebinding).
 *
 * @param origin the address of the API.
 * @see {@link https://www.w3.org/TR/fetch-metadata/}
 */
export function asksForCredentials({ method, url, headers }: Request, origin: string): boolean {
  return (
    method === 'GET' &&
    url === origin + CREDENTIALS_PATH &&
    headers.get('sec-fetch-site') === 'same-origin'
  );
}

/**
 * Returns the credentials of the demo partner with a new access token, or the response of the API that refuses the
 * token.
 *
 * @param client the credentials as JSON.
 * @param api sends a request to the API.
 */
export async function serveCredentials(
  origin: string,
  client: string,
  api: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const { api_key, ...members } = JSON.parse(client) as DemoClient;
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...members });
  const response = await api(new Request(`${origin}/oauth2/token`, { method: 'POST', body }));
  if (!response.ok) {
    return response;
  }
  const { access_token } = await response.json<{ access_token: string }>();
  const { client_id, client_secret } = members;
  return Response.json(
    { client_id, client_secret, api_key, access_token },
    { headers: { 'Cache-Control': 'no-store', 'Cross-Origin-Resource-Policy': 'same-origin' } },
  );
}

import type { Credentials } from '../partner/partners.ts';

/** The time after which a request to the local API counts as unanswered. */
const TIMEOUT_MS = 10_000;

/** The error if nothing responds at the address of the local API. */
export class ApiUnreachable extends Error {
  /** @param origin the address, without a trailing slash. */
  constructor(origin: string) {
    super(
      `The API does not respond at ${origin}. Start the API with \`npm run dev\` (with the same PORT, if it is set).`,
    );
  }
}

/**
 * Sends a request to the local API.
 *
 * @returns the status and the body.
 * @throws ApiUnreachable if there is no response, or if it breaks off.
 */
export async function requestLocal(
  origin: string,
  path: string,
  init: RequestInit,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(origin + path, { ...init, signal });
    return { status: response.status, body: await response.text() };
  } catch {
    throw new ApiUnreachable(origin);
  }
}

/**
 * Returns a new access token for a demo partner.
 *
 * @param scope the requested scopes; by default every scope that a token gets without a request for it.
 * @throws ApiUnreachable if there is no response.
 * @throws Error if the API rejects the credentials.
 */
export async function demoToken(
  origin: string,
  { client_id, client_secret }: Credentials,
  scope?: string,
): Promise<string> {
  const grant = { grant_type: 'client_credentials', client_id, client_secret };
  const { status, body } = await requestLocal(origin, '/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({ ...grant, ...(scope !== undefined && { scope }) }),
  });
  if (status !== 200) {
    throw new Error(
      `${origin}/oauth2/token returned ${status}: ${body}\n` +
        'If the client is unknown, restart `npm run dev`, which creates new demo credentials.',
    );
  }
  const { access_token } = JSON.parse(body) as { access_token: string };
  return access_token;
}

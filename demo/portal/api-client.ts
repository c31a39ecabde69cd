import type { PortalSettings, Surroundings } from './surroundings.ts';

/** Signals a request of the portal that the API refused. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;

  /** @param detail what the API said about the cause. */
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

interface Call {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
}

interface Token {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The scopes of the portal's token. The scope of picking up is granted only if it is named. */
const SCOPE = 'prepared-tickets:read prepared-tickets:pick-up events:read';
/** The time before the expiry of a token at which a new one is requested, in milliseconds. */
const RENEWAL_MS = 60_000;

const tokens = new WeakMap<PortalSettings, Token>();

/**
 * Calls the operations of this API as another program does: with an access token and an API key. The only
 * difference is that its requests do not leave the Worker.
 */
export class ApiClient {
  readonly settings: PortalSettings;
  readonly #surroundings: Surroundings;
  readonly #base: string;
  /** The token of this client, also while it is being requested. */
  #token: Promise<string> | undefined;

  /** @param base the address of a page, which has the origin of the API. */
  constructor(surroundings: Surroundings, base: string) {
    this.settings = surroundings.settings;
    this.#surroundings = surroundings;
    this.#base = base;
  }

  /**
   * Sends a request with both credentials.
   *
   * @throws ApiRefusal if the API returns a problem.
   */
  async call(path: string, { method = 'GET', headers, json }: Call = {}): Promise<Response> {
    this.#token ??= this.#currentToken();
    const response = await this.#send(path, {
      method,
      headers: {
        authorization: `Bearer ${await this.#token}`,
        'x-api-key': this.settings.client.api_key,
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json && { body: JSON.stringify(json) }),
    });
    if (!response.ok) {
      const { detail } = await response.json<{ detail: string }>();
      throw new ApiRefusal(response.status, detail);
    }
    return response;
  }

  /** Sends a GET and returns the body. */
  async get<T>(path: string): Promise<T> {
    return (await this.call(path)).json();
  }

  /** Returns an access token, which is kept until shortly before it expires. */
  async #currentToken(): Promise<string> {
    const now = this.#surroundings.now();
    const known = tokens.get(this.settings);
    if (known !== undefined && now < known.expiresAt - RENEWAL_MS) {
      return known.text;
    }
    const { client_id, client_secret } = this.settings.client;
    const grant = { grant_type: 'client_credentials', scope: SCOPE, client_id, client_secret };
    const body = new URLSearchParams(grant);
    const response = await this.#send('/oauth2/token', { method: 'POST', body });
    if (!response.ok) {
      // Wrong credentials are reported as an OAuth error (RFC 6749 §5.2), everything else as a problem.
      const { error_description, detail } = await response.json<Record<string, string>>();
      throw new ApiRefusal(response.status, error_description ?? detail ?? '');
    }
    const { access_token, expires_in } = await response.json<{
      access_token: string;
      expires_in: number;
    }>();
    tokens.set(this.settings, { text: access_token, expiresAt: now + expires_in * 1_000 });
    return access_token;
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    return this.#surroundings.api(new Request(new URL(path, this.#base), init));
  }
}

/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 10_000;

/** A request to the API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sends a request and reads the complete response of any status. Rejects with a network error, which no idle
 * connection causes: `fetch` closes one after four seconds, and workerd after five.
 */
export async function send(
  origin: string,
  { path, ...init }: Call,
): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const response = await fetch(origin + path, { ...init, signal });
  return { status: response.status, text: await response.text() };
}

/** Returns a token request (RFC 6749 §4.4.2) for the default scopes of a client. */
export function tokenCall(client_id: string, client_secret: string): Call {
  const grant = { grant_type: 'client_credentials', client_id, client_secret };
  return {
    method: 'POST',
    path: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(grant).toString(),
  };
}

const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

/** Sends the requests of all programs of a partner and counts the failures. */
export class Traffic {
  /** The secret that is being rotated. Faults name it. */
  phase = 'before any rotation';
  /** The addresses of the current deployments. Each request goes to a random one, as in a rolling deployment. */
  origins: readonly string[];
  requests = 0;
  readonly #faults = new Map<string, number>();

  constructor(origins: readonly string[]) {
    this.origins = origins;
  }

  /** Sends a request that must succeed. Returns the response body; undefined after a fault. Never rejects. */
  async send(call: Call): Promise<string | undefined> {
    const { phase, origins } = this;
    this.requests += 1;
    const origin = origins[Math.floor(Math.random() * origins.length)] as string;
    // The cause of a failed `fetch` has the code of the network error.
    const { status, text } = await send(origin, call).catch(({ cause, name }: Error) => ({
      status: (cause as NodeJS.ErrnoException | undefined)?.code ?? name,
      text: '',
    }));
    if (typeof status === 'number' && status >= 200 && status < 300) {
      return text;
    }
    const path = call.path.replace(/\?.*/, '').replace(ID, '{id}');
    const fault = `${phase}: ${call.method} ${path} ended with ${status}`;
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    return undefined;
  }

  /** Returns one sentence for each kind of failure. */
  faults(): string[] {
    return Array.from(this.#faults, ([fault, times]) => `${times} × ${fault}.`);
  }
}

import { type Call, isSuccess, send } from './send.ts';

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
    const { status, text } = await send(origin, call).catch((error: NodeJS.ErrnoException) => ({
      status: error.code ?? error.name,
      text: '',
    }));
    if (typeof status === 'number' && isSuccess(status)) {
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

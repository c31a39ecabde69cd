import { type Call, isSuccess, send } from './send.ts';

const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

/** What all programs of a partner send: where it goes, and what became of it. */
export class Traffic {
  /** What is being rotated; faults name it. */
  phase = 'before any rotation';
  /** What is deployed now. Each request goes to one of these, whichever, as while a deployment rolls. */
  origins: readonly string[];
  requests = 0;
  readonly #faults = new Map<string, number>();

  constructor(origins: readonly string[]) {
    this.origins = origins;
  }

  /** Sends a request that must succeed. Gives its body; undefined after a fault. Never rejects. */
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

  /** What failed, a sentence for each kind. */
  faults(): string[] {
    return Array.from(this.#faults, ([fault, times]) => `${times} × ${fault}.`);
  }
}

import { vi } from 'vitest';
import type { TestApi } from './api.ts';

/** Captures what is written to the console from now on, and keeps it out of the output of the test run. */
export function captureLog(): { readonly lines: string[]; text(): string } {
  const lines: string[] = [];
  for (const method of ['debug', 'error', 'info', 'log', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => {
      lines.push(args.map(String).join(' '));
    });
  }
  return { lines, text: () => lines.join('\n') };
}

/** Makes the retries of D1 calls follow without a wait until the end of the test. */
export function retryAtOnce(): void {
  vi.spyOn(Math, 'random').mockReturnValue(0);
}

/**
 * Makes each request of `api` fail as if the API had a bug.
 *
 * @param message the message of the thrown error, which a response must not repeat.
 */
export function breakApi(api: TestApi, message = 'a bug'): void {
  Object.defineProperty(api.bindings, 'ISSUER', {
    get: () => {
      throw new TypeError(message);
    },
  });
}

import { vi } from 'vitest';
import type { TestApi } from './api.ts';

/** What was written to the log since the call; nothing of it reaches the console of the test run. */
export function captureLog(): { readonly lines: string[]; text(): string } {
  const lines: string[] = [];
  for (const method of ['debug', 'error', 'info', 'log', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => {
      lines.push(args.map(String).join(' '));
    });
  }
  return { lines, text: () => lines.join('\n') };
}

/** Makes each request of `api` meet a bug of ours; the message stands for what such a cause may hold. */
export function breakApi(api: TestApi, message = 'a bug'): void {
  Object.defineProperty(api.bindings, 'ISSUER', {
    get: () => {
      throw new TypeError(message);
    },
  });
}

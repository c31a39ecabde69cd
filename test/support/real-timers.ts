import { afterEach, beforeAll, expect, vi } from 'vitest';

/** The timers of the runtime and the latest test file. The files of a worker share one isolate. */
const kept = globalThis as { realSetTimeout?: typeof setTimeout; latestFile?: string | undefined };
kept.realSetTimeout ??= globalThis.setTimeout;

// A test that waits for fake timers which an earlier file left behind would never end, and neither would its run.
beforeAll(() => {
  if (globalThis.setTimeout !== kept.realSetTimeout) {
    throw new Error(`${kept.latestFile} left fake timers behind.`);
  }
  kept.latestFile = expect.getState().testPath;
});

// Each test leaves the real functions and timers behind, also if it fails.
afterEach(() => {
  // A spy on a fake timer restores that one, so the real ones come last.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

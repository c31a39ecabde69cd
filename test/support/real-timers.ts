import { beforeAll } from 'vitest';

/** The timers of the runtime, which the files of a worker find here because they share one isolate. */
const kept = globalThis as { realSetTimeout?: typeof setTimeout };
kept.realSetTimeout ??= globalThis.setTimeout;

// A test that waits for fake timers which an earlier file left behind would never end, and neither would its run.
beforeAll(() => {
  if (globalThis.setTimeout !== kept.realSetTimeout) {
    throw new Error('An earlier test file of this worker left fake timers behind.');
  }
});

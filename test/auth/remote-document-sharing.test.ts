import { beforeEach, describe, expect, test, vi } from 'vitest';
import { faultOf, never, setUp } from '../support/kept-document.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const fakeTimers = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

describe('concurrent requests', () => {
  test('share one fetch', async () => {
    const { source, get } = setUp();
    const values = await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(values).toEqual(Array(50).fill(1));
    expect(source.fetches).toBe(1);
  });

  test('share a failed fetch, and each gets its fault', async () => {
    const { source, get } = setUp();
    source.answer = 'has a fault';
    const faults = await Promise.all(Array.from({ length: 50 }, () => faultOf(get())));
    expect(new Set(faults)).toEqual(new Set(['source.test:8443: status 500']));
    expect(source.fetches).toBe(1);
  });

  test('do not delay one for which the cached document is sufficient', async () => {
    const { world, source, get } = setUp(60 * MINUTE);
    await get();
    world.time += MINUTE;
    source.answer = 'is deaf';
    void get(never);
    expect(await get()).toBe(1);
    expect(source.fetches).toBe(2);
  });

  test('get the document after the request that started the fetch has ended', async () => {
    const { world, get } = setUp();
    void get();
    expect(world.pending).toHaveLength(1);
    await world.pending[0];
    expect(await get()).toBe(1);
  });
});

describe('a fetch whose request was cancelled', () => {
  beforeEach(fakeTimers);

  /** Starts a fetch that never settles and whose timers never fire. */
  function cancelled() {
    const all = setUp();
    const release = all.source.hold();
    void all.get().catch(() => undefined);
    vi.clearAllTimers();
    return { ...all, release };
  }

  test('delays other requests by at most five seconds', async () => {
    const { source, get } = cancelled();
    const fault = faultOf(get());
    await vi.advanceTimersByTimeAsync(5000);
    expect(await fault).toBe('source.test:8443: no response in time');
    expect(source.fetches).toBe(1);
  });

  test('is replaced after five seconds', async () => {
    const { world, source, get } = cancelled();
    source.hold()();
    world.time += 5 * SECOND;
    void get().catch(() => undefined);
    expect(source.fetches).toBe(1);
    world.time += 1;
    expect(await get()).toBe(1);
    expect(source.fetches).toBe(2);
  });

  test('does not end the fetch that replaced it when it settles late', async () => {
    const { world, source, get, publish, release } = cancelled();
    world.time += 5 * SECOND + 1;
    const releaseNext = source.hold();
    const isNew = (version: number) => version === 2;
    const first = get(isNew);
    release();
    await world.pending[0];
    const second = get(isNew);
    publish(2);
    releaseNext();
    expect(await Promise.all([first, second])).toEqual([2, 2]);
    expect(source.fetches).toBe(2);
  });

  test('does not overwrite the document of the fetch that replaced it', async () => {
    const { world, source, get, publish, release } = cancelled();
    world.time += 5 * SECOND + 1;
    publish(2);
    source.hold()();
    expect(await get()).toBe(2);
    publish(1);
    release();
    await world.pending[0];
    expect(await get()).toBe(2);
  });
});

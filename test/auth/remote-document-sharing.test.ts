import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { faultOf, never, setUp } from '../support/kept-document.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const fakeTimers = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

afterEach(() => {
  vi.useRealTimers();
});

describe('many requests at once', () => {
  test('share one fetch', async () => {
    const { source, get } = setUp();
    const values = await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(values).toEqual(Array(50).fill(1));
    expect(source.fetches).toBe(1);
  });

  test('share one that fails, and each is told', async () => {
    const { source, get } = setUp();
    source.answer = 'has a fault';
    const faults = await Promise.all(Array.from({ length: 50 }, () => faultOf(get())));
    expect(new Set(faults)).toEqual(new Set(['source.test:8443: status 500']));
    expect(source.fetches).toBe(1);
  });

  test('do not hold up one for whom the document suffices', async () => {
    const { world, source, get } = setUp(60 * MINUTE);
    await get();
    world.time += MINUTE;
    source.answer = 'is deaf';
    void get(never);
    expect(await get()).toBe(1);
    expect(source.fetches).toBe(2);
  });

  test('let the fetch end when the request that began it has ended', async () => {
    const { world, get } = setUp();
    void get();
    expect(world.pending).toHaveLength(1);
    await world.pending[0];
    expect(await get()).toBe(1);
  });
});

describe('a fetch that has lost the request that began it', () => {
  beforeEach(fakeTimers);

  /** A fetch of which nothing is left: neither its answer nor its timers will come. */
  function losing() {
    const all = setUp();
    const release = all.source.hold();
    void all.get().catch(() => undefined);
    vi.clearAllTimers();
    return { ...all, release };
  }

  test('holds nobody up for more than five seconds', async () => {
    const { source, get } = losing();
    const fault = faultOf(get());
    await vi.advanceTimersByTimeAsync(5000);
    expect(await fault).toBe('source.test:8443: no response in time');
    expect(source.fetches).toBe(1);
  });

  test('is followed by another one after five seconds', async () => {
    const { world, source, get } = losing();
    source.hold()();
    world.time += 5 * SECOND;
    void get().catch(() => undefined);
    expect(source.fetches).toBe(1);
    world.time += 1;
    expect(await get()).toBe(1);
    expect(source.fetches).toBe(2);
  });

  test('takes nothing from the one that follows when it lands after all', async () => {
    const { world, source, get, publish, release } = losing();
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

  test('does not replace what the one that followed has brought', async () => {
    const { world, source, get, publish, release } = losing();
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

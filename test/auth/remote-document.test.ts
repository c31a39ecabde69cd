import { describe, expect, test, vi } from 'vitest';
import { fastestOf } from '../support/hostile-values.ts';
import { faultOf, never, setUp } from '../support/kept-document.ts';
import type { Answer } from '../support/remote-source.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const fakeTimers = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

describe('a cached document', () => {
  test('is fetched once in ten minutes', async () => {
    const { world, source, get, publish } = setUp();
    expect(await get()).toBe(1);
    publish(2);
    world.time += 10 * MINUTE - 1;
    expect(await get()).toBe(1);
    expect(source.fetches).toBe(1);
    world.time += 1;
    expect(await get()).toBe(2);
    expect(source.fetches).toBe(2);
  });

  test('is fetched again after the cool-down if it is insufficient', async () => {
    const { world, source, get, publish } = setUp();
    await get();
    publish(2);
    const isNew = (version: number) => version === 2;
    world.time += 30 * SECOND - 1;
    expect(await get(isNew)).toBe(1);
    expect(source.fetches).toBe(1);
    world.time += 1;
    expect(await get(isNew)).toBe(2);
    expect(source.fetches).toBe(2);
  });

  test('is returned even if a new copy is insufficient, and not fetched again within the cool-down', async () => {
    const { world, source, get, publish } = setUp();
    for (let version = 1; version <= 3; version++) {
      publish(version);
      for (let i = 0; i < 5; i++) {
        expect(await get(never)).toBe(version);
      }
      expect(source.fetches).toBe(version);
      world.time += 30 * SECOND;
    }
  });
});

describe('a source that fails', () => {
  test.each<[Answer, string]>([
    ['hangs', 'no response in time'],
    ['is deaf', 'no response in time'],
    ['hangs in the body', 'no response in time'],
    ['is out of reach', 'out of reach'],
    ['has a fault', 'status 500'],
    ['redirects', 'status 302'],
    ['is no JSON', 'not JSON'],
    ['is no UTF-8', 'not JSON'],
    ['is empty', 'not JSON'],
    ['is huge', 'more than 65536 bytes'],
  ])('and %s causes an error with its host and the kind of fault', async (answer, kind) => {
    const { world, source, get } = setUp(40);
    source.answer = answer;
    expect(await faultOf(get())).toBe(`source.test:8443: ${kind}`);
    await Promise.all(world.pending);
  });

  test('with an invalid document causes such an error too', async () => {
    const { get, publish } = setUp();
    publish('1');
    expect(await faultOf(get())).toBe('source.test:8443: invalid document');
  });

  test('causes an error with its last fault', async () => {
    const { world, source, get } = setUp(20);
    for (const [answer, kind] of [
      ['has a fault', 'status 500'],
      ['is deaf', 'no response in time'],
      ['is out of reach', 'out of reach'],
    ] as const) {
      source.answer = answer;
      expect(await faultOf(get())).toBe(`source.test:8443: ${kind}`);
      await Promise.all(world.pending);
      world.time += 30 * SECOND;
    }
  });

  test('is not fetched again within the cool-down', async () => {
    const { world, source, get } = setUp();
    source.answer = 'has a fault';
    await faultOf(get());
    source.answer = 'document';
    world.time += 30 * SECOND - 1;
    expect(await faultOf(get())).toBe('source.test:8443: status 500');
    expect(source.fetches).toBe(1);
    world.time += 1;
    expect(await get()).toBe(1);
    expect(source.fetches).toBe(2);
  });

  test.each<Answer>(['is out of reach', 'has a fault', 'redirects', 'is no JSON', 'is huge'])(
    'and %s leaves the document usable for an hour more',
    async (answer) => {
      const { world, source, get } = setUp();
      await get();
      source.answer = answer;
      world.time += 10 * MINUTE;
      expect(await get()).toBe(1);
      expect(await get(never)).toBe(1);
      expect(source.fetches).toBe(2);
      world.time += 60 * MINUTE - 1;
      expect(await get()).toBe(1);
      world.time += 1;
      await faultOf(get());
    },
  );

  test('does not invalidate a fresh document', async () => {
    const { world, source, get } = setUp();
    await get();
    source.answer = 'has a fault';
    world.time += MINUTE;
    expect(await get(never)).toBe(1);
    expect(source.fetches).toBe(2);
  });
});

describe('the time limit', () => {
  test('is five seconds for a waiting request', async () => {
    fakeTimers();
    const { source, get } = setUp();
    source.answer = 'is deaf';
    const waits = [get(), get()].map((promise) => faultOf(promise));
    let answered = 0;
    for (const wait of waits) {
      void wait.then(() => {
        answered += 1;
      });
    }
    await vi.advanceTimersByTimeAsync(4999);
    expect(answered).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all(waits)).toEqual(
      Array(2).fill('source.test:8443: no response in time'),
    );
  });

  test('aborts the fetch too', async () => {
    const { source, get } = setUp(20);
    source.answer = 'hangs';
    await faultOf(get());
    await vi.waitFor(() => expect(source.asked[0]?.signal?.aborted).toBe(true));
  });

  test('leaves the stale document usable', async () => {
    const { world, source, get } = setUp(20);
    await get();
    world.time += 10 * MINUTE;
    source.answer = 'is deaf';
    expect(await get()).toBe(1);
    await Promise.all(world.pending);
    const wait = async () => expect(await get()).toBe(1);
    expect(await fastestOf(wait, 20)).toBeLessThan(20);
    expect(source.fetches).toBe(2);
  });

  test('leaves no timer behind', async () => {
    fakeTimers();
    const { get } = setUp();
    await get();
    expect(vi.getTimerCount()).toBe(0);
  });
});

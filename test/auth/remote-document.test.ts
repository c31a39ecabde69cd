import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RemoteDocument, RemoteUnavailable } from '../../src/auth/remote-document.ts';
import { type Answer, HUGE_CHUNKS, TestWorld } from '../support/remote-source.ts';

const URL = 'https://source.test:8443/a/document?of=keys';
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const always = () => true;
const never = () => false;

/** A source with the document `{"version": 1}`, and the document of it that the isolate keeps. */
function setUp(timeout?: number) {
  const world = new TestWorld();
  const source = world.source(URL, { version: 1 });
  const document = new RemoteDocument<number>({
    url: URL,
    parse: (json) => {
      const { version } = json as { version: unknown };
      if (typeof version !== 'number') {
        throw new Error('secret words');
      }
      return version;
    },
    timeout,
  });
  const get = (suffices: (value: number) => boolean = always) => document.get(world, suffices);
  const publish = (version: unknown) => {
    source.document = { version };
  };
  return { world, source, get, publish };
}

/** What a promise was rejected with. */
async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RemoteUnavailable);
  return (error as RemoteUnavailable).message;
}

const fakeTimers = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

afterEach(() => {
  vi.useRealTimers();
});

describe('a document that is kept', () => {
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

  test('is asked for as JSON, or as its source wants it', async () => {
    const { world, source, get } = setUp();
    await get();
    const other = world.source('https://other.test', 1);
    await new RemoteDocument({
      url: 'https://other.test',
      parse: Number,
      accept: 'application/jwk-set+json',
    }).get(world, always);
    const accepts = [...source.asked, ...other.asked].map(({ headers }) =>
      new Headers(headers).get('accept'),
    );
    expect(accepts).toEqual(['application/json', 'application/jwk-set+json']);
  });

  test('is asked again when it does not suffice, after the cool-down', async () => {
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

  test('is given even if it does not suffice when new, and not asked again at once', async () => {
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

describe('a source that fails', () => {
  test.each<[Answer, string]>([
    ['hangs', 'no answer in time'],
    ['is deaf', 'no answer in time'],
    ['hangs in the body', 'no answer in time'],
    ['is out of reach', 'out of reach'],
    ['has a fault', 'status 500'],
    ['redirects', 'status 302'],
    ['is no JSON', 'no JSON'],
    ['is no UTF-8', 'no JSON'],
    ['is empty', 'no JSON'],
    ['is huge', 'more than 65536 bytes'],
  ])('and %s is told by its host and the kind of fault', async (answer, kind) => {
    const { world, source, get } = setUp(40);
    source.answer = answer;
    expect(await faultOf(get())).toBe(`source.test:8443: ${kind}`);
    await Promise.all(world.pending);
  });

  test('is told in the same way for a wrong document', async () => {
    const { get, publish } = setUp();
    publish('1');
    expect(await faultOf(get())).toBe('source.test:8443: a wrong document');
  });

  test('is told by its last fault', async () => {
    const { world, source, get } = setUp(20);
    for (const [answer, kind] of [
      ['has a fault', 'status 500'],
      ['is deaf', 'no answer in time'],
      ['is out of reach', 'out of reach'],
    ] as const) {
      source.answer = answer;
      expect(await faultOf(get())).toBe(`source.test:8443: ${kind}`);
      await Promise.all(world.pending);
      world.time += 30 * SECOND;
    }
  });

  test('is not asked again in the cool-down', async () => {
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
    'and %s leaves the document good for an hour more',
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

  test('does not take away a document that is fresh', async () => {
    const { world, source, get } = setUp();
    await get();
    source.answer = 'has a fault';
    world.time += MINUTE;
    expect(await get(never)).toBe(1);
    expect(source.fetches).toBe(2);
  });
});

describe('a body that is too large', () => {
  test('is read no further', async () => {
    const { source, get } = setUp();
    source.answer = 'is huge';
    await faultOf(get());
    expect(source.cancelled).toBe(true);
    expect(source.chunks).toBeLessThan(10);
    expect(HUGE_CHUNKS).toBe(640);
  });

  test('is one of more than 64 KiB', async () => {
    const { world, source, get } = setUp();
    const shell = JSON.stringify({ version: 1, filler: '' }).length;
    source.document = { version: 1, filler: 'x'.repeat(64 * 1024 - shell) };
    expect(await get()).toBe(1);
    source.document = { version: 2, filler: 'x'.repeat(64 * 1024 - shell + 1) };
    world.time += 10 * MINUTE;
    expect(await get()).toBe(1);
  });
});

test('no redirect is followed', async () => {
  const { world, source, get } = setUp();
  const elsewhere = world.source('https://elsewhere.test', { version: 2 });
  source.answer = 'redirects';
  await faultOf(get());
  expect(source.asked[0]?.redirect).toBe('manual');
  expect(elsewhere.fetches).toBe(0);
});

describe('time', () => {
  test('of waiting is five seconds at most', async () => {
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
    expect(await Promise.all(waits)).toEqual(Array(2).fill('source.test:8443: no answer in time'));
  });

  test('is up for the fetch too, which is called off', async () => {
    const { source, get } = setUp(20);
    source.answer = 'hangs';
    await faultOf(get());
    await vi.waitFor(() => expect(source.asked[0]?.signal?.aborted).toBe(true));
  });

  test('that a source took away leaves the document good', async () => {
    const { world, source, get } = setUp(20);
    await get();
    world.time += 10 * MINUTE;
    source.answer = 'is deaf';
    expect(await get()).toBe(1);
    await Promise.all(world.pending);
    const started = performance.now();
    expect(await get()).toBe(1);
    expect(performance.now() - started).toBeLessThan(20);
    expect(source.fetches).toBe(2);
  });

  test('leaves no timer behind', async () => {
    fakeTimers();
    const { get } = setUp();
    await get();
    expect(vi.getTimerCount()).toBe(0);
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
    expect(await fault).toBe('source.test:8443: no answer in time');
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

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadline } from '../../src/db/deadline.ts';
import { DatabaseUnavailable, QueueTimeout } from '../../src/db/errors.ts';
import { PartnerLines } from '../../src/db/partner-lines.ts';

const TIMEOUT_MS = 10_000;
const PARTNER = 1;

let lines: PartnerLines;
/** The names of the calls that began, in order. */
let begun: string[];

beforeEach(() => {
  vi.useFakeTimers();
  lines = new PartnerLines();
  begun = [];
});

/** Lets a call stand in line. @returns a promise of the function that ends its turn. */
function call(name: string, timeoutMs = TIMEOUT_MS, partner = PARTNER) {
  const entered = lines.enter(partner, new Deadline(timeoutMs)).then(({ leave }) => leave);
  entered.then(
    () => begun.push(name),
    () => undefined,
  );
  return entered;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('the calls of a partner', () => {
  test('run two at a time, and the others begin in the order in which they came', async () => {
    const [a, b] = [await call('a'), await call('b')];
    const [c, d, e] = [call('c'), call('d'), call('e')];
    await settle();
    expect(begun).toEqual(['a', 'b']);
    b();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    a();
    (await c)();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    (await d)();
    (await e)();
    expect(lines.size).toBe(0);
  });

  test('do not run beside the line after the deadline of their request', async () => {
    const deadline = new Deadline(TIMEOUT_MS);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    await expect(lines.enter(PARTNER, deadline)).rejects.toThrow(DatabaseUnavailable);
    expect(lines.size).toBe(0);
  });

  test('do not wait for those of another partner', async () => {
    await call('a');
    await call('b');
    await call('c', TIMEOUT_MS, 2);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('that come later do not overtake one that waits', async () => {
    const a = await call('a');
    const b = await call('b');
    call('c');
    a();
    call('d');
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    b();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('end their turn once, however often they say so', async () => {
    const a = await call('a');
    await call('b');
    call('c');
    call('d');
    a();
    a();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
  });
});

describe('a call that took long in the database', () => {
  test('leaves a place that rests nine times as long as it took beyond 50 ms', async () => {
    const [a, b] = [await call('a'), await call('b')];
    call('c');
    call('d');
    b(50);
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    a(150);
    await vi.advanceTimersByTimeAsync(899);
    expect(begun).toEqual(['a', 'b', 'c']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('makes a call that comes during the rest wait, also if none waited before', async () => {
    (await call('a'))(150);
    (await call('b'))(150);
    call('c');
    await vi.advanceTimersByTimeAsync(899);
    expect(begun).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('rests also if its place was given away at its deadline, and for ten seconds at most', async () => {
    const a = await call('a');
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    const b = await call('b');
    await call('c', 3 * TIMEOUT_MS);
    a(TIMEOUT_MS);
    b();
    call('d', 3 * TIMEOUT_MS);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(begun).toEqual(['a', 'b', 'c']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('does not hold up another partner', async () => {
    (await call('a'))(1000);
    (await call('b'))(1000);
    call('c', TIMEOUT_MS, 2);
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
  });
});

describe('a call that waits', () => {
  test('fails at its own deadline, and its place in line is not given away', async () => {
    await call('a');
    const b = await call('b');
    const failed = expect(call('c', 100)).rejects.toBeInstanceOf(QueueTimeout);
    call('d');
    await vi.advanceTimersByTimeAsync(100);
    await failed;
    b();
    await settle();
    expect(begun).toEqual(['a', 'b', 'd']);
  });

  test('whose request ended while it waited does not hold up those behind it for longer than its deadline', async () => {
    const a = await call('a', 60_000);
    const b = await call('b', 60_000);
    // Nobody continues with this one: it gets the first free place and never leaves it.
    lines.enter(PARTNER, new Deadline(TIMEOUT_MS)).catch(() => undefined);
    call('c', 60_000);
    a();
    await settle();
    expect(begun).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(begun).toEqual(['a', 'b', 'c']);
    b();
  });
});

describe('a call whose request ended without leaving the line', () => {
  test('gives its place to the next one at its deadline', async () => {
    await call('a', 1000);
    await call('b', 60_000);
    call('c', 60_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(begun).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('gives its place to one that comes after its deadline', async () => {
    await call('a', 1000);
    await call('b', 1000);
    await vi.advanceTimersByTimeAsync(1000);
    await call('c');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('does not disturb a new line if it leaves late', async () => {
    const a = await call('a', 1000);
    await call('b', 1000);
    await vi.advanceTimersByTimeAsync(1000);
    await call('c');
    await call('d');
    a();
    call('e');
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('takes no memory for ever, however many partners there are', async () => {
    for (let partner = 0; partner < 3000; partner++) {
      await call(String(partner), 1000, partner);
    }
    await vi.advanceTimersByTimeAsync(1000);
    await call('last', 1000, 5000);
    expect(lines.size).toBe(1);
  });
});

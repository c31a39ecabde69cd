import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpiringMap } from '../../src/auth/expiring-map.ts';

describe('ExpiringMap', () => {
  test('returns a value until the millisecond in which it expires', () => {
    const map = new ExpiringMap<string>(2);
    map.set('a', 'x', 1000);
    expect(map.get('a', 0)).toBe('x');
    expect(map.get('a', 999)).toBe('x');
    expect(map.get('a', 1000)).toBeUndefined();
  });

  test('drops an expired value even if the clock goes back', () => {
    const map = new ExpiringMap<string>(2);
    map.set('a', 'x', 1000);
    map.get('a', 1000);
    expect(map.get('a', 999)).toBeUndefined();
  });

  test('returns undefined for a key that was never set', () => {
    const map = new ExpiringMap<string>(2);
    expect(map.get('a', 0)).toBeUndefined();
    expect(map.get('__proto__', 0)).toBeUndefined();
    expect(map.get('constructor', 0)).toBeUndefined();
  });

  test('replaces both value and expiry when a key is set again', () => {
    const map = new ExpiringMap<string>(2);
    map.set('a', 'x', 1000);
    map.set('a', 'y', 500);
    expect(map.get('a', 499)).toBe('y');
    expect(map.get('a', 500)).toBeUndefined();
  });

  test('drops the entry that was set first when it is full', () => {
    const map = new ExpiringMap<number>(2);
    map.set('a', 1, 1000);
    map.set('b', 2, 1000);
    map.set('a', 3, 1000);
    map.set('c', 4, 1000);
    expect([map.get('a', 0), map.get('b', 0), map.get('c', 0)]).toEqual([3, undefined, 4]);
  });

  test('drops no entry when a key is set again', () => {
    const map = new ExpiringMap<number>(2);
    map.set('a', 1, 1000);
    map.set('b', 2, 1000);
    map.set('b', 3, 1000);
    expect([map.get('a', 0), map.get('b', 0)]).toEqual([1, 3]);
  });

  test('never returns an expired value or any but the last value set', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.record({ key, expiresAt: fc.nat({ max: 20 }), now: fc.nat({ max: 20 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (capacity, steps) => {
        const map = new ExpiringMap<number>(capacity);
        const last = new Map<string, { value: number; expiresAt: number }>();
        for (const [value, { key, expiresAt, now }] of steps.entries()) {
          map.set(key, value, expiresAt);
          last.set(key, { value, expiresAt });
          let kept = 0;
          for (const known of ['a', 'b', 'c', 'd']) {
            const found = map.get(known, now);
            if (found !== undefined) {
              kept += 1;
              expect(last.get(known)?.value).toBe(found);
              expect(last.get(known)?.expiresAt).toBeGreaterThan(now);
            }
          }
          expect(kept).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });
});

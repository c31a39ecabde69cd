import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_PREFERENCE_LENGTH } from '../../../src/http/requests/bounded-headers.ts';
import { parsePreferences } from '../../../src/http/requests/prefer.ts';
import { BATCHES } from '../../support/api.ts';
import { itemsOf } from '../../support/batches.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import { familyNames, growthOf, hostileValue, MAX_GROWTH } from '../../support/hostile-values.ts';

describe('parsePreferences', () => {
  test.each<[header: string, preferences: Record<string, string>]>([
    ['', {}],
    ['handling=lenient', { handling: 'lenient' }],
    ['Handling = Lenient', { handling: 'Lenient' }],
    ['handling="lenient"', { handling: 'lenient' }],
    ['handling="len\\ient"', { handling: 'lenient' }],
    ['handling="a\\"b\\\\"', { handling: 'a"b\\' }],
    ['handling', { handling: '' }],
    ['handling=', { handling: '' }],
    ['handling=""', { handling: '' }],
    [
      'respond-async, wait=100; x="a, b", handling=strict',
      { 'respond-async': '', wait: '100', handling: 'strict' },
    ],
    ['handling=lenient;foo="a;b,c"', { handling: 'lenient' }],
    // The first preference of a name counts.
    ['handling=strict, handling=lenient', { handling: 'strict' }],
    ['handling, handling=lenient', { handling: '' }],
    // What is within quotes divides nothing.
    ['note="a, handling=lenient"', { note: 'a, handling=lenient' }],
    ['note="a\\", handling=lenient"', { note: 'a", handling=lenient' }],
    // What is malformed is passed over.
    ['=lenient, handling=lenient', { handling: 'lenient' }],
    ['han dling=strict, handling=lenient', { handling: 'lenient' }],
    ['handling=str ict, handling=lenient', { handling: 'lenient' }],
    ['handling="strict" x, handling=lenient', { handling: 'lenient' }],
    ['note="a, handling=lenient', {}],
    [',, ,handling=lenient,', { handling: 'lenient' }],
  ])('%j', (header, preferences) => {
    expect(Object.fromEntries(parsePreferences(header))).toEqual(preferences);
  });

  test.each(familyNames)('takes no more than linear time for %s', async (family) => {
    const read = async (length: number) => {
      const value = hostileValue(family, length);
      parsePreferences(value);
      parsePreferences(`handling="${value}`);
      parsePreferences(`handling=lenient;${value}`);
    };
    expect(await growthOf(read)).toBeLessThanOrEqual(MAX_GROWTH);
  });
});

describe('a Prefer header', () => {
  beforeEach(makeApiAndPartner);

  const sendWith = (prefer: string) =>
    api.request('POST', BATCHES, {
      as: partner,
      headers: { prefer },
      body: { prepared_tickets: itemsOf(1) },
    });

  const ofLength = (length: number) => 'handling=lenient, note='.padEnd(length, 'x');

  test('of the documented length is followed', async () => {
    expect((await sendWith(ofLength(MAX_PREFERENCE_LENGTH))).status).toBe(200);
  });

  test('that is longer is treated as absent', async () => {
    const response = await sendWith(ofLength(MAX_PREFERENCE_LENGTH + 1));
    expect(response.status).toBe(201);
    expect(response.headers.has('preference-applied')).toBe(false);
  });
});

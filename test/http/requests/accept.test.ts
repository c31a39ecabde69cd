import { describe, expect, test } from 'vitest';
import { negotiate } from '../../../src/http/requests/accept.ts';
import { familyNames, growthOf, hostileValue, MAX_GROWTH } from '../../support/hostile-values.ts';

const [NDJSON, CSV] = ['application/x-ndjson', 'text/csv; charset=utf-8'];
const offered = [{ contentType: NDJSON }, { contentType: CSV }] as const;

describe('negotiate', () => {
  test.each<[accept: string | undefined, type: string | undefined]>([
    [undefined, NDJSON],
    ['', NDJSON],
    ['*/*', NDJSON],
    ['application/x-ndjson', NDJSON],
    ['Application/X-NDJSON', NDJSON],
    ['application/*', NDJSON],
    ['text/csv', CSV],
    ['text/*', CSV],
    ['TEXT/CSV;Charset=UTF-8', CSV],
    ['text/csv; charset="utf-8"', CSV],
    ['text/csv; charset="ut\\f-8"', CSV],
    ['text/csv;', CSV],
    ['text/csv; charset=iso-8859-1', undefined],
    ['application/json, text/plain, */*', NDJSON],
    ['application/json', undefined],
    ['image/png', undefined],
    ['text/html, image/*;q=0.8', undefined],
    // The higher quality wins, wherever it stands.
    ['application/x-ndjson;q=0.5, text/csv', CSV],
    ['text/csv;q=0.5, application/x-ndjson;q=0.6', NDJSON],
    ['text/csv;q=0.001, image/png', CSV],
    ['*/*;q=0.1, text/csv', CSV],
    ['*/*, text/csv;q=0.9', NDJSON],
    // Of equals the one that is named more exactly, then the one that is named first, then the default.
    ['*/*, text/csv', CSV],
    ['text/csv, application/x-ndjson', CSV],
    ['application/x-ndjson, text/csv', NDJSON],
    ['application/x-ndjson, text/*', NDJSON],
    ['text/*, application/*', CSV],
    ['text/csv;q=0.5, */*;q=0.5', CSV],
    // The most specific range decides about a type, also that it is not acceptable.
    ['application/x-ndjson;q=0, */*', CSV],
    ['text/csv;q=0, text/*', undefined],
    ['text/csv;q=0', undefined],
    ['*/*;q=0', undefined],
    ['*/*;q=0.000', undefined],
    ['*/*;q=0, text/csv', CSV],
    ['text/csv;charset=utf-8;q=0.2, text/csv;q=0.9, application/x-ndjson;q=0.5', NDJSON],
    ['text/csv ; q=0.2 , application/x-ndjson ; Q=0.1', CSV],
    // What is no media range is passed over.
    ['csv', undefined],
    ['*', undefined],
    ['text/csv;q=-1, application/x-ndjson', NDJSON],
    ['text/csv;q=high', undefined],
    ['"text/csv"', undefined],
    [',,text/csv,', CSV],
    ['image/png;title="a, text/csv;q=1"', undefined],
    ['image/png;title="a, text/csv', undefined],
    // A quality that is not quite one still names an acceptable type.
    ['text/csv;q=2', CSV],
    ['text/csv;q=0.1234', CSV],
    ['text/csv;q', CSV],
  ])('%j gets %s', (accept, type) => {
    expect(negotiate(accept, offered)?.contentType).toBe(type);
  });

  test.each(familyNames)('takes no more than linear time for %s', async (family) => {
    const read = async (length: number) => {
      const value = hostileValue(family, length);
      negotiate(value, offered);
      negotiate(`text/csv;charset="${value}`, offered);
      negotiate(`text/csv;${value}`, offered);
    };
    expect(await growthOf(read)).toBeLessThanOrEqual(MAX_GROWTH);
  });
});

import { describe, expect, test } from 'vitest';
import { negotiate, type OfferedType } from '../../../src/http/requests/accept.ts';

const offered: readonly [OfferedType, ...OfferedType[]] = [
  { type: 'application/x-ndjson' },
  { type: 'text/csv', parameters: { charset: 'utf-8' } },
];
const [NDJSON, CSV] = ['application/x-ndjson', 'text/csv'];

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
    // Of equals the one that is named more exactly, then the default.
    ['*/*, text/csv', CSV],
    ['text/csv, application/x-ndjson', NDJSON],
    ['application/x-ndjson, text/*', NDJSON],
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
    ['*/csv', undefined],
    ['text/csv;q=2', undefined],
    ['text/csv;q=0.1234', undefined],
    ['text/csv;q=-1, application/x-ndjson', NDJSON],
    ['text/csv;q', undefined],
    ['"text/csv"', undefined],
    [',,text/csv,', CSV],
    ['image/png;title="a, text/csv;q=1"', undefined],
  ])('%j gets %s', (accept, type) => {
    expect(negotiate(accept, offered)?.type).toBe(type);
  });

  test('a header of 8 KiB is read at once, whatever it holds', () => {
    const started = performance.now();
    for (const part of ['"', ',', ';', '\\', 'a', ' ', ';q=', '"\\', 'a/b;c="']) {
      negotiate(part.repeat(8192 / part.length), offered);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

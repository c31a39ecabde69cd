import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { partOf, pick, queryOf } from '../../../src/http/fields/object.ts';

test('queryOf sorts parameters alphabetically in the schema', () => {
  const schema = queryOf({ vin: z.string(), limit: z.string() });
  expect(Object.keys(schema.shape)).toEqual(['limit', 'vin']);
  const { error } = schema.safeParse({ limit: '1', vin: 'x', page: '2' });
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'Leave this parameter out. The reference of the operation lists those that it accepts.',
  ]);
});

test('pick returns only the named members, in the order of the names', () => {
  const picked = pick({ a: 1, b: null, c: 3 }, ['b', 'a']);
  expect(JSON.stringify(picked)).toBe('{"b":null,"a":1}');
});

test('partOf returns one part of each entry under the name of the entry', () => {
  const table = { vin: { parameter: 1, echo: 2 }, product_id: { parameter: 3, echo: 4 } };
  expect(partOf(table, 'echo')).toEqual({ vin: 2, product_id: 4 });
});

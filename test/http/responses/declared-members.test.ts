import { z } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { pickOf } from '../../../src/http/responses/declared-members.ts';

const item = z.object({ id: z.string() });
const stray = { id: 'a', secret: 's' };

describe('pickOf', () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ['an object', item, stray, { id: 'a' }],
    ['a strict object', z.strictObject({ id: z.string() }), stray, { id: 'a' }],
    ['an array', z.array(item), [stray], [{ id: 'a' }]],
    ['a tuple', z.tuple([item, z.int()]), [stray, 1], [{ id: 'a' }, 1]],
    ['the rest of a tuple', z.tuple([z.int()], item), [1, stray], [1, { id: 'a' }]],
    ['the values of a record', z.record(z.string(), item), { k: stray }, { k: { id: 'a' } }],
    ['an optional', item.optional(), stray, { id: 'a' }],
    ['a nullable', item.nullable(), stray, { id: 'a' }],
    ['a default', item.default({ id: 'b' }), stray, { id: 'a' }],
    ['a readonly', item.readonly(), stray, { id: 'a' }],
    ['a pipe', z.pipe(z.unknown(), item), stray, { id: 'a' }],
    ['a lazy schema', z.lazy(() => item), stray, { id: 'a' }],
    ['a catchall', z.object({}).catchall(item), { k: stray }, { k: { id: 'a' } }],
  ])('drops undeclared members of %s', (_kind, schema, value, expected) => {
    expect(pickOf(z.object({ member: schema }))({ member: value })).toEqual({ member: expected });
  });

  it('keeps null and absent members of an optional nullable object', () => {
    const pick = pickOf(z.object({ a: item.nullable(), b: item.optional() }));
    expect(pick({ a: null, b: undefined })).toEqual({ a: null });
  });

  it('keeps scalars unchanged', () => {
    const schema = z.object({
      text: z.uuid(),
      number: z.int(),
      flag: z.boolean(),
      nothing: z.null(),
      literal: z.literal('x'),
      choice: z.enum(['a', 'b']),
      template: z.templateLiteral(['v', z.int()]),
    });
    const value = {
      text: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
      number: 1,
      flag: false,
      nothing: null,
      literal: 'x',
      choice: 'b',
      template: 'v1',
    };
    expect(pickOf(schema)(value)).toEqual(value);
  });

  it('drops the members of a record whose keys are not declared', () => {
    const pick = pickOf(z.partialRecord(z.enum(['a', 'b']), item));
    expect(pick({ a: stray, c: stray })).toEqual({ a: { id: 'a' } });
  });

  it('applies the option of a discriminated union that the discriminator names', () => {
    const cat = z.object({ kind: z.literal('cat'), lives: z.int() });
    const dog = z.object({ kind: z.enum(['dog', 'wolf']), name: z.string() });
    const pick = pickOf(z.discriminatedUnion('kind', [cat, dog]));
    expect(pick({ kind: 'cat', lives: 9, name: 'x' })).toEqual({ kind: 'cat', lives: 9 });
    expect(pick({ kind: 'wolf', lives: 9, name: 'x' })).toEqual({ kind: 'wolf', name: 'x' });
  });

  it.each([
    ['object', z.object],
    ['strictObject', z.strictObject],
  ])('applies the first option of a union of %s that accepts the value', (_name, object) => {
    const pick = pickOf(
      z.union([z.string(), z.array(item), object({ a: z.int() }), object({ b: object({}) })]),
    );
    expect(pick('text')).toBe('text');
    expect(pick([stray])).toEqual([{ id: 'a' }]);
    expect(pick({ a: 1, secret: 's' })).toEqual({ a: 1 });
    expect(pick({ b: { secret: 's' }, secret: 's' })).toEqual({ b: {} });
  });

  it('applies the matching option of a union within a union', () => {
    const inner = z.union([z.int(), z.strictObject({ id: z.string() })]);
    const pick = pickOf(z.union([z.string(), z.object({ inner })]));
    expect(pick({ inner: stray })).toEqual({ inner: { id: 'a' } });
  });

  it('throws for a value that no option of a union accepts', () => {
    const pick = pickOf(z.union([item, z.object({ name: z.string() })]));
    expect(() => pick({ secret: 's' })).toThrow('no option');
  });

  it('supports a schema that contains itself', () => {
    const node = z.object({
      id: z.string(),
      get children(): z.ZodArray<typeof node> {
        return z.array(node);
      },
    });
    const pick = pickOf(node);
    expect(pick({ ...stray, children: [{ ...stray, children: [] }] })).toEqual({
      id: 'a',
      children: [{ id: 'a', children: [] }],
    });
  });

  it.each<[string, z.ZodType]>([
    ['any', z.any()],
    ['unknown', z.unknown()],
    ['custom', z.custom()],
    ['transform', z.string().transform((text) => ({ text }))],
    ['intersection', z.intersection(item, z.object({ name: z.string() }))],
    ['map', z.map(z.string(), item)],
    ['date', z.date()],
    ['unknown', z.looseObject({ id: z.string() })],
  ])('throws for the kind %s at any depth of a schema', (kind, schema) => {
    for (const around of [
      schema,
      z.array(schema),
      z.object({ schema }),
      z.union([z.string(), schema]),
      z.record(z.string(), schema),
      z.lazy(() => schema.optional()),
    ]) {
      expect(() => pickOf(around)).toThrow(`kind ${kind}`);
      // The second call must also throw, and not find a partly built entry in the cache.
      expect(() => pickOf(around)).toThrow(`kind ${kind}`);
    }
  });
});

import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inlined } from '../../../scripts/partner/inlined-sql.ts';

type Value = string | number | null;

const selection = (values: readonly Value[]) =>
  inlined(
    sql`SELECT ${sql.join(
      values.map((value, at) => sql`${value} AS ${sql.identifier(`v${at}`)}`),
      sql`, `,
    )}`,
  );

test.each<Value>([
  '',
  "it's",
  `"'; DROP TABLE partners; --`,
  '? ?1 :name @name $name',
  'x\\',
  'Größe 🚗',
  0,
  -1,
  Number.MAX_SAFE_INTEGER,
  null,
])('D1 returns the inlined value %j unchanged', async (value) => {
  expect(await env.DB.prepare(selection([value])).first()).toEqual({ v0: value });
});

test('D1 returns any inlined text unchanged, and the SQL contains no text in clear', async () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), {
    minLength: 10,
    maxLength: 50,
  });
  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      const text = selection(values);
      expect(text).toMatch(/^SELECT (?:CAST\(x'[0-9a-f]*' AS TEXT\) AS "v\d+"(?:, |$))+$/);
      const row = await env.DB.prepare(text).first();
      expect(Object.values(row as object)).toEqual(values);
    }),
    { numRuns: 8 },
  );
});

test('inlines the values of nested SQL', () => {
  const part = sql`id = ${1} OR id IN (${sql.join([sql`${2}`, sql`${3}`], sql`, `)})`;
  expect(inlined(sql`DELETE FROM t WHERE ${part}`)).toBe(
    'DELETE FROM t WHERE id = 1 OR id IN (2, 3)',
  );
});

test('rejects a placeholder without a value', () => {
  expect(() => inlined(sql`SELECT ${sql.placeholder('later')}`)).toThrow('no value');
});

import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { migrationFaults } from '../support/migration-lint.ts';

test.each(env.MIGRATIONS)('migration $name passes the lint', ({ queries }) => {
  expect(migrationFaults(queries)).toEqual([]);
});

const rebuild = [
  'PRAGMA defer_foreign_keys = on;',
  'CREATE TABLE `__old_t` AS SELECT * FROM `t`;',
  'DROP TABLE `t`;',
  'CREATE TABLE `t` (`id` integer PRIMARY KEY, `a` text);',
  'INSERT INTO `t`("id", "a") SELECT "id", coalesce("a", \'DROP TABLE x\') FROM `__old_t`;',
  'DROP TABLE `__old_t`;',
];
const counting = [
  'CREATE TABLE `__old_sequence` AS SELECT * FROM sqlite_sequence;',
  ...rebuild.with(3, 'CREATE TABLE `t` (`id` integer PRIMARY KEY AUTOINCREMENT, `a` text);'),
  "UPDATE sqlite_sequence SET seq = (SELECT seq FROM `__old_sequence` WHERE name = 't') WHERE name = 't';",
  'DROP TABLE `__old_sequence`;',
];
const moved = ['INSERT INTO `u` ("id", "kind") SELECT "id", \'t\' FROM `t`;', 'DROP TABLE `t`;'];
/** The rebuild that drizzle-kit generates. */
const renamed = [
  'PRAGMA foreign_keys=OFF;',
  'CREATE TABLE `__new_t` (`id` integer PRIMARY KEY, `a` text);',
  'INSERT INTO `__new_t`("id", "a") SELECT "id", "a" FROM `t`;',
  'DROP TABLE `t`;',
  'ALTER TABLE `__new_t` RENAME TO `t`;',
];

describe('the migration lint accepts', () => {
  test.each<[string, string[]]>([
    ['the reviewed rebuild', rebuild],
    ['the reviewed rebuild of a table with AUTOINCREMENT', counting],
    ['a rebuild in a single text, as wrangler reads it', [rebuild.join('\n')]],
    [
      'a rebuild in lower case with other quotes',
      rebuild.map((sql) => sql.toLowerCase().replaceAll('`', '"')),
    ],
    ['two rebuilds', [...rebuild, ...rebuild.slice(1).map((sql) => sql.replaceAll('t`', 'u`'))]],
    ['a dropped table whose rows were moved to another', moved],
    [
      'dropped and created indexes',
      ['DROP INDEX `a`', 'CREATE INDEX `a` ON `t` (`trigger_count`)'],
    ],
    [
      'keywords in a string or a comment',
      ["INSERT INTO t VALUES ('drop table t; create trigger')", '-- on delete cascade'],
    ],
  ])('%s', (_what, queries) => {
    expect(migrationFaults(queries)).toEqual([]);
  });
});

const [TRIGGER, CASCADE, REBUILD] = [/trigger/, /cascades/, /reviewed rebuild/];
const insert = (rest: string) => rebuild.with(4, `INSERT INTO \`t\`("id") SELECT "id" ${rest};`);

describe('the migration lint rejects', () => {
  test.each<[string, string[], RegExp]>([
    ['a trigger', ['CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END'], TRIGGER],
    [
      'a trigger in lower case',
      ['create temp\n trigger t after delete on a begin select 1; end'],
      TRIGGER,
    ],
    [
      'a cascade on delete',
      ['CREATE TABLE a (b integer REFERENCES c(d) ON DELETE CASCADE)'],
      CASCADE,
    ],
    [
      'a cascade on update',
      ['CREATE TABLE a (b integer REFERENCES c(d) on update\n\tcascade)'],
      CASCADE,
    ],
    [
      'a cascade after a comment',
      ['CREATE TABLE a (b REFERENCES c(d) ON DELETE /* */ CASCADE)'],
      CASCADE,
    ],
    ['a dropped table', ['DROP TABLE `t`'], REBUILD],
    ['a table dropped with IF EXISTS', ['drop  table\nif exists t;'], REBUILD],
    ['a table dropped in another schema', ['DROP TABLE main.t'], REBUILD],
    ['a table dropped after another statement', ['SELECT 1; DROP TABLE t'], REBUILD],
    [
      'a dropped copy that was never restored',
      ['CREATE TABLE __old_t AS SELECT * FROM t', 'DROP TABLE __old_t'],
      REBUILD,
    ],
    ['a dropped sequence copy that was never restored', ['DROP TABLE __old_sequence'], REBUILD],
    ['a move of some rows', moved.with(0, 'INSERT INTO u (id) SELECT id FROM t LIMIT 9'), REBUILD],
    [
      'a move with a condition',
      moved.with(0, 'INSERT INTO u (id) SELECT id FROM t WHERE 0'),
      REBUILD,
    ],
    ['a move of a join', moved.with(0, 'INSERT INTO u (id) SELECT t.id FROM t, v'), REBUILD],
    ['a move of another table', moved.with(0, 'INSERT INTO u (id) SELECT id FROM v'), REBUILD],
    ['a move into itself', moved.with(0, 'INSERT INTO t (id) SELECT id FROM t'), REBUILD],
    ['a move with a statement between', moved.toSpliced(1, 0, 'DELETE FROM u'), REBUILD],
    ["drizzle-kit's rebuild", renamed, REBUILD],
    ["drizzle-kit's rebuild with deferred keys", renamed.with(0, rebuild[0] as string), REBUILD],
    ['a rebuild without deferred foreign keys', rebuild.slice(1), REBUILD],
    ["a rebuild with drizzle-kit's pragma", rebuild.with(0, renamed[0] as string), REBUILD],
    [
      'a rebuild that copies only some rows',
      rebuild.with(1, 'CREATE TABLE `__old_t` AS SELECT * FROM `t` LIMIT 9'),
      REBUILD,
    ],
    ['a rebuild that restores no rows', rebuild.toSpliced(4, 1), REBUILD],
    ['a rebuild that restores only some rows', insert('FROM `__old_t` WHERE "id" > 5'), REBUILD],
    ['a rebuild that restores with a limit', insert('FROM `__old_t` LIMIT 5'), REBUILD],
    ['a rebuild that restores another table', insert('FROM `__old_u`'), REBUILD],
    ['a rebuild that drops another table', rebuild.with(2, 'DROP TABLE `u`;'), REBUILD],
    [
      'a rebuild that drops before it copies',
      [0, 2, 1, 3, 4, 5].map((i) => rebuild[i] as string),
      REBUILD,
    ],
    [
      'a rebuild with a statement between',
      rebuild.toSpliced(4, 0, 'DELETE FROM `__old_t`;'),
      REBUILD,
    ],
    [
      'a rebuild with AUTOINCREMENT that does not save the sequence',
      counting.slice(1, -2),
      REBUILD,
    ],
    [
      'a rebuild with AUTOINCREMENT that does not restore the sequence',
      counting.toSpliced(-2, 1),
      REBUILD,
    ],
  ])('%s', (_what, queries, fault) => {
    const faults = migrationFaults(queries);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.every((text) => fault.test(text))).toBe(true);
  });
});

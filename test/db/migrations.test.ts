import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../support/api.ts';
import { allRows } from '../support/d1.ts';
import { makePartner } from '../support/partners.ts';
import { tables } from '../support/tables.ts';
import { createTicket, PRODUCT, putLine } from '../support/tickets.ts';

async function rows<T>(sql: string): Promise<T[]> {
  return (await env.DB.prepare(sql).all<T>()).results;
}

interface Definition {
  type: string;
  name: string;
  sql: string;
}

/** Returns the definitions that the migrations created, without internal tables of D1 and SQLite. */
const definitions = () =>
  rows<Definition>(
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB '_cf_*' AND name NOT IN ('d1_migrations', 'sqlite_sequence')",
  );

test('the fresh database has every migration of drizzle/, in order', async () => {
  const applied = await rows<{ name: string }>('SELECT name FROM d1_migrations ORDER BY id');
  expect(applied.map(({ name }) => name)).toEqual(env.MIGRATIONS.map(({ name }) => name));
  expect(applied.length).toBeGreaterThan(0);
});

test('applying the migrations again changes nothing', async () => {
  const api = new TestApi();
  const partner = await makePartner();
  await createTicket(api, partner);
  const before = [await definitions(), await allRows()];
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  expect([await definitions(), await allRows()]).toEqual(before);
});

test('the migrations create the tables of the schema, and no triggers or views', async () => {
  const made = await definitions();
  const names = (type: string) =>
    made
      .filter((definition) => definition.type === type)
      .map(({ name }) => name)
      .sort();
  expect(names('table')).toEqual(tables.map(({ name }) => name).sort());
  expect(names('trigger')).toEqual([]);
  expect(names('view')).toEqual([]);
});

describe.each(tables)('$name', (table) => {
  test('has the columns of the schema', async () => {
    const primary = new Set([
      ...table.columns.filter((column) => column.primary).map(({ name }) => name),
      ...table.primaryKeys.flatMap(({ columns }) => columns.map(({ name }) => name)),
    ]);
    const made = await rows<{ name: string; type: string; notnull: number; pk: number }>(
      // `PRAGMA table_info` omits generated columns.
      `PRAGMA table_xinfo("${table.name}")`,
    );
    expect(
      made.map(({ name, type, notnull, pk }) => ({
        name,
        type: type.toLowerCase(),
        notNull: notnull === 1,
        primary: pk > 0,
      })),
    ).toEqual(
      table.columns.map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        notNull: column.notNull,
        primary: primary.has(column.name),
      })),
    );
  });

  test('has the indexes of the schema', async () => {
    const made = await rows<{ name: string; unique: number; origin: string }>(
      `PRAGMA index_list("${table.name}")`,
    );
    const found = await Promise.all(
      made
        .filter(({ origin }) => origin === 'c')
        .map(async ({ name, unique }) => ({
          name,
          unique: unique === 1,
          columns: (await rows<{ name: string }>(`PRAGMA index_info("${name}")`)).map(
            (column) => column.name,
          ),
        })),
    );
    const declared = table.indexes.map(({ config }) => ({
      name: config.name,
      unique: config.unique,
      columns: config.columns.map((column) => (is(column, SQLiteColumn) ? column.name : null)),
    }));
    const unique = table.columns
      .filter((column) => column.isUnique)
      .map((column) => ({ name: column.uniqueName, unique: true, columns: [column.name] }));
    const byName = (a: { name?: string }, b: { name?: string }) =>
      String(a.name).localeCompare(String(b.name));
    expect(found.sort(byName)).toEqual([...declared, ...unique].sort(byName));
  });

  test('has the foreign keys of the schema, without actions', async () => {
    const made = await rows<Record<'table' | 'from' | 'to' | 'on_delete' | 'on_update', string>>(
      `PRAGMA foreign_key_list("${table.name}")`,
    );
    const declared = table.foreignKeys.flatMap((key) => {
      const { columns, foreignTable, foreignColumns } = key.reference();
      return columns.map((column, i) => ({
        table: getTableConfig(foreignTable).name,
        from: column.name,
        to: foreignColumns[i]?.name,
        on_delete: 'NO ACTION',
        on_update: 'NO ACTION',
      }));
    });
    const keys = made.map(({ table, from, to, on_delete, on_update }) => ({
      table,
      from,
      to,
      on_delete,
      on_update,
    }));
    const byColumn = (a: { from?: string }, b: { from?: string }) =>
      String(a.from).localeCompare(String(b.from));
    expect(keys.sort(byColumn)).toEqual(declared.sort(byColumn));
  });
});

describe('the database rejects', () => {
  let ticketNumber: number;
  let partnerId: number;

  beforeEach(async () => {
    const api = new TestApi();
    const partner = await makePartner();
    const ticket = await createTicket(api, partner);
    await putLine(api, partner, ticket.id, PRODUCT);
    ticketNumber = ticket.ticket_number;
    partnerId = partner.partnerId;
  });

  test.each([
    [
      'a ticket without a partner',
      () => `UPDATE prepared_tickets SET partner_id = ${partnerId + 999}`,
    ],
    [
      'a product line without a ticket',
      () => `UPDATE product_lines SET ticket_number = ${ticketNumber + 999}`,
    ],
    ['a product line with quantity 0', () => 'UPDATE product_lines SET quantity = 0'],
    ['the deletion of a ticket with product lines', () => 'DELETE FROM prepared_tickets'],
    ['the deletion of a partner with tickets', () => 'DELETE FROM partners'],
  ])('%s', async (_name, sql) => {
    const before = await allRows();
    await expect(env.DB.prepare(sql()).run()).rejects.toThrow(/constraint failed/);
    expect(await allRows()).toEqual(before);
    expect(await rows('PRAGMA foreign_key_check')).toEqual([]);
  });
});

test.each([
  ['ticket_numbers', 'partner_id'],
  ['prepared_tickets', 'partner_id, ticket_number'],
  ['product_lines', 'partner_id, ticket_number, product_id'],
  ['tickets', 'partner_id, ticket_number'],
  ['ticket_lines', 'partner_id, ticket_number, product_id'],
])('%s has the key %s and no rowid', async (name, key) => {
  const [made] = await rows<Definition>(`SELECT * FROM sqlite_schema WHERE name = '${name}'`);
  expect(made?.sql).toMatch(/\) WITHOUT ROWID$/);
  const columns = await rows<{ name: string }>(
    `SELECT name FROM pragma_table_info('${name}') WHERE pk > 0 ORDER BY pk`,
  );
  expect(columns.map((column) => column.name).join(', ')).toBe(key);
});

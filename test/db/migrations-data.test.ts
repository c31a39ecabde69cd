import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { migrationFaults } from '../support/migration-lint.ts';
import { expectExactCounts } from '../support/naive-list.ts';

const db = env.DB_FRESH;
const DAY = 86_400_000;

/**
 * The statements that insert valid rows after each migration, for the tables and columns that it added.
 * Each new migration needs an entry, so that the next migration is tested to keep these rows.
 * A migration that only adds indexes needs none.
 */
const seeds: Record<string, string[]> = {
  '0000_initial.sql': [
    "INSERT INTO partners (id, name, created_at) VALUES (1, 'one', 5), (2, 'two', 6)",
    `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at)
     VALUES ('c1', 1, 'shop', 'ab12', 'prepared-tickets:read', 7), ('c2', 2, 'crm', 'cd34', '', 8)`,
    "INSERT INTO api_keys (sha256, partner_id, created_at) VALUES ('ef56', 1, 9), ('0078', 2, 10)",
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
     INSERT INTO prepared_tickets (ticket_number, id, partner_id, created_at, customer_id,
       vehicle_model_id, vin, voucher_code, preparer_external_reference)
     SELECT i * 3, 'ticket ' || i, 1 + i % 2, 1772000000000 + i * ${DAY / 7}, 'customer ' || (i % 5),
       9007199254740991 - i, iif(i % 3 = 0, NULL, 'VIN' || i), iif(i % 2 = 0, NULL, 'CODE' || i),
       iif(i % 4 = 0, '', char(128663) || ' "quoted''' || i) FROM n`,
    `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
     SELECT ticket_number, 'product ' || (ticket_number % 4), partner_id, created_at, 2147483647
     FROM prepared_tickets WHERE ticket_number % 2 = 0`,
    // AUTOINCREMENT continues after the highest number ever used, which is this deleted one.
    'DELETE FROM product_lines WHERE ticket_number = 900',
    'DELETE FROM prepared_tickets WHERE ticket_number = 900',
  ],
  '0001_day_counts.sql': [
    // The application wrote the counts of rows that were inserted after the migration.
    `INSERT OR IGNORE INTO day_counts (partner_id, facet, day, tickets)
     SELECT partner_id, 'all', created_at / ${DAY}, count(*) FROM prepared_tickets GROUP BY 1, 3
     UNION ALL SELECT partner_id, 'customer:' || customer_id, created_at / ${DAY}, count(*) FROM prepared_tickets GROUP BY 1, 2, 3
     UNION ALL SELECT partner_id, 'no-vin', created_at / ${DAY}, count(*) FROM prepared_tickets WHERE vin IS NULL GROUP BY 1, 3
     UNION ALL SELECT partner_id, 'product:' || product_id, created_at / ${DAY}, count(*) FROM product_lines GROUP BY 1, 2, 3`,
  ],
  '0002_idempotency_and_versions.sql': [
    'UPDATE prepared_tickets SET version = ticket_number',
    'UPDATE product_lines SET version = 7',
    `INSERT INTO idempotency_keys (partner_id, key, fingerprint, ticket_id, ticket_number, created_at)
     SELECT partner_id, 'key ' || id, 'print', id, ticket_number, created_at FROM prepared_tickets`,
  ],
  '0003_credentials.sql': [
    "UPDATE clients SET last_used_at = 11, expires_at = 12, version = 3 WHERE id = 'c1'",
    "UPDATE clients SET disabled_at = 13 WHERE id = 'c2'",
    "UPDATE api_keys SET id = 'k' || partner_id, name = 'key', last_used_at = 14, version = 4",
    `INSERT INTO retired_secrets (sha256, client_id, api_key_id, retired_at, expires_at)
     VALUES ('9abc', 'c1', NULL, 15, 16), ('def0', NULL, 'k2', 17, 18)`,
    `INSERT INTO credential_idempotency_keys (partner_id, key, fingerprint, credential_id, created_at)
     VALUES (1, 'key', 'print', 'c1', 19), (1, 'key ticket 2', 'print', 'c1', 20)`,
    // Leaked secrets had a marker in the hash column then. These are current and retired ones.
    `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at, disabled_at)
     VALUES ('c3', 1, 'leaked', 'leaked aa01', '', 21, 22), ('c4', 1, 'leaked', 'leaked aa02', '', 21, 23),
       ('c5', 2, 'leaked, and enabled since', 'leaked aa03', '', 21, NULL)`,
    `INSERT INTO api_keys (sha256, partner_id, created_at, id, disabled_at)
     VALUES ('leaked bb01', 2, 24, 'k3', 25)`,
    `INSERT INTO retired_secrets (sha256, client_id, api_key_id, retired_at, expires_at)
     VALUES ('leaked cc01', 'c1', NULL, 26, 27), ('leaked cc02', NULL, 'k2', 28, 29)`,
  ],
  '0004_partner_state.sql': ['UPDATE partners SET disabled_at = 20 WHERE id = 2'],
  '0005_leaked_secrets.sql': [
    "INSERT INTO leaked_secrets (sha256, client_id, api_key_id, leaked_at) VALUES ('dd01', 'c2', NULL, 30)",
  ],
  '0006_idempotency.sql': [
    `INSERT INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
     VALUES (2, 'tickets', 'new', 'print', '{}', 31)`,
  ],
  '0007_ticket_buckets.sql': [],
  '0008_events_and_tickets.sql': [
    `INSERT INTO events (partner_id, sequence, id, type, created_at, client_id, subject_id,
       prepared_ticket_id, ticket_number, version)
     VALUES (1, 1, 'e1', 'product_line.put', 30, 'c1', 'product 1', 'ticket 2', 6, 7),
       (1, 2, 'e2', 'client.updated', 31, NULL, 'c1', NULL, NULL, 3)`,
    `INSERT INTO tickets (ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin,
       voucher_code, preparer_external_reference, picked_up_at, version)
     VALUES (900, 'ticket 300', 1, 32, 'customer 1', 5, 'VIN', NULL, '', 33, 2)`,
    "INSERT INTO ticket_lines (ticket_number, product_id, quantity) VALUES (900, 'product 1', 4)",
    `INSERT INTO picked_up_counts (partner_id, facet, begun_at, part_0, begun_1, begun_2, begun_3, created, newest_at)
     VALUES (1, 'all', 33, 1, NULL, NULL, NULL, 1, 33), (1, 'customer:customer 1', 33, 1, NULL, NULL, NULL, NULL, NULL)`,
  ],
  '0009_webhooks.sql': [
    `INSERT INTO webhook_endpoints (id, partner_id, created_at, url, description, event_types, disabled_at,
       disabled_reason, version, secret, retired_secret, retired_expires_at, position, replays,
       failed_attempts, attempted_sequence, next_attempt_at, newest_delivery, removed_delivery)
     VALUES ('w1', 1, 34, 'https://hooks.garage.example', '', NULL, NULL, NULL, 1, 'k.n.s', NULL, NULL, 2, 0, 0, NULL, NULL, 0, 0),
       ('w2', 1, 35, 'https://hooks.garage.example/2', 'ERP', '["client.updated"]', 36, 'gone', 5, 'k.n.t', 'k.n.u', 37, 1, 3, 4, 2, 38, 7, 6)`,
    `INSERT INTO webhook_deliveries (endpoint_id, number, event_id, event_type, sequence, attempt,
       attempted_at, duration_ms, status, error)
     VALUES ('w2', 7, 'e2', 'client.updated', 2, 1, 39, 40, 410, NULL)`,
  ],
  '0010_quotas_and_scanner_keys.sql': [
    'UPDATE partners SET max_prepared_tickets = 41, full_at = 42 WHERE id = 1',
    `INSERT INTO scanner_keys (url, document, fetched_at) VALUES ('https://keys.example', '{}', 43)`,
  ],
  '0011_consent_of_receivers.sql': [
    `UPDATE webhook_endpoints SET consented_url = url, secret_sha256 = 'ee01', retired_sha256 = 'ee02'
     WHERE id = 'w2'`,
    "UPDATE webhook_deliveries SET response_text = 'Gone' WHERE endpoint_id = 'w2'",
    "INSERT INTO denied_hosts (host, created_at) VALUES ('victim.example', 44)",
    "INSERT INTO leaked_secrets (sha256, webhook_endpoint_id, leaked_at) VALUES ('ee03', 'w2', 45)",
  ],
  '0012_home.sql': ["INSERT INTO home (number, name) VALUES (46, 'eu')"],
  '0013_numbers_of_the_partner.sql': [
    // The partners have the same numbers, as they can since then.
    'UPDATE prepared_tickets SET ticket_number = ticket_number + 3 WHERE partner_id = 2',
    `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
     SELECT ticket_number, 'product 2', partner_id, created_at, 47 FROM prepared_tickets
     WHERE partner_id = 2 AND ticket_number = 6`,
    `INSERT INTO ticket_counts (partner_id, facet, begun_at, part_0)
     SELECT partner_id, 'product:product 2', begun_at, 1 FROM ticket_counts WHERE partner_id = 2 AND facet = 'all'`,
    `INSERT INTO tickets (ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin,
       voucher_code, preparer_external_reference, picked_up_at)
     VALUES (900, 'ticket of two', 2, 48, 'customer 1', 5, 'VIN', NULL, '', 49)`,
    "INSERT INTO ticket_lines (partner_id, ticket_number, product_id, quantity) VALUES (2, 900, 'product 1', 50)",
    `INSERT INTO picked_up_counts (partner_id, facet, begun_at, part_0, created, newest_at)
     VALUES (2, 'all', 49, 1, 1, 49), (2, 'customer:customer 1', 49, 1, NULL, NULL)`,
    'UPDATE ticket_numbers SET newest = 901 WHERE partner_id = 2',
  ],
  '0014_reference_of_events.sql': [
    "UPDATE events SET preparer_external_reference = 'reference 51' WHERE ticket_number IS NOT NULL",
  ],
  '0015_product_line_quota.sql': [
    'UPDATE partners SET max_product_lines = 52, lines_full_at = 53 WHERE id = 1',
  ],
};

/** How many migrations came before that of the numbers of each partner. */
const BEFORE_NUMBERS = env.MIGRATIONS.findIndex(
  ({ name }) => name === '0013_numbers_of_the_partner.sql',
);

type Row = Record<string, unknown>;
type Rows = Record<string, Row[]>;

const hasLeaked = (digest: unknown) => String(digest).startsWith('leaked ');
const digestOf = (mark: unknown) => String(mark).slice('leaked '.length);

/** Completes a row with the values that the migration generated, after a check of their form. */
function withGenerated(row: Row, all: Row[] = [], forms: Record<string, RegExp>): Row {
  const isTheRow = (other: Row) =>
    Object.keys(row).every((name) => name in forms || other[name] === row[name]);
  const found = all.find(isTheRow) ?? {};
  const values = Object.entries(forms).map(([name, form]) => {
    expect(String(found[name]), name).toMatch(form);
    return [name, found[name]];
  });
  return { ...row, ...Object.fromEntries(values) };
}

/** Functions that return the expected rows after a migration that changes existing rows. */
const expectedAfter: Record<string, (before: Rows, after: Rows) => Rows> = {
  '0005_leaked_secrets.sql': (before, after) => {
    const { clients = [], api_keys = [], retired_secrets = [], ...others } = before;
    const replaced = (table: string, column: string) =>
      (before[table] ?? []).map((row) =>
        hasLeaked(row[column])
          ? withGenerated(row, after[table], { [column]: /^[0-9a-f]{64}$/ })
          : row,
      );
    const leaked = (sha256: unknown, leaked_at: unknown, owner: Row): Row[] =>
      hasLeaked(sha256)
        ? [{ sha256: digestOf(sha256), client_id: null, api_key_id: null, ...owner, leaked_at }]
        : [];
    const atMigration = (row: Row) =>
      row.leaked_at === null
        ? withGenerated(row, after.leaked_secrets, { leaked_at: /^\d{13}$/ })
        : row;
    return {
      ...others,
      clients: replaced('clients', 'secret_sha256'),
      api_keys: replaced('api_keys', 'sha256'),
      retired_secrets: retired_secrets.filter(({ sha256 }) => !hasLeaked(sha256)),
      leaked_secrets: [
        ...clients.flatMap(({ secret_sha256, id, disabled_at }) =>
          leaked(secret_sha256, disabled_at, { client_id: id }),
        ),
        ...api_keys.flatMap(({ sha256, id, disabled_at }) =>
          leaked(sha256, disabled_at, { api_key_id: id }),
        ),
        ...retired_secrets.flatMap(({ sha256, client_id, api_key_id, expires_at }) =>
          leaked(sha256, expires_at, { client_id, api_key_id }),
        ),
      ].map(atMigration),
    };
  },
  '0006_idempotency.sql': ({
    idempotency_keys = [],
    credential_idempotency_keys = [],
    ...others
  }) => {
    const kept = (space: string, { partner_id, key, fingerprint, created_at }: Row, made: Row) => ({
      ...{ partner_id, space, key, fingerprint },
      result: JSON.stringify({ ...made, created_at }),
      expires_at: (created_at as number) + DAY,
    });
    return {
      ...others,
      idempotency_keys: [
        ...idempotency_keys.map(({ ticket_id: id, ticket_number, ...row }) =>
          kept('tickets', row, { id, ticket_number }),
        ),
        ...credential_idempotency_keys.map(({ credential_id: id, ...row }) =>
          kept('credentials', row, { id }),
        ),
      ],
    };
  },
  // The counts are made anew in another form: what they must be is held beside.
  '0007_ticket_buckets.sql': ({ day_counts: _dayCounts, ...others }) => others,
  // The one counter becomes that of each partner, and a line names the partner of its ticket.
  '0013_numbers_of_the_partner.sql': ({ sequence = [], ticket_lines = [], ...others }) => ({
    ...others,
    ticket_lines: ticket_lines.map((line) => ({ ...line, partner_id: 1 })),
    ticket_numbers: [1, 2].map((partner_id) => ({ partner_id, newest: sequence[0]?.seq })),
  }),
};

async function all(sql: string): Promise<Row[]> {
  return (await db.prepare(sql).all<Row>()).results;
}

async function tables(): Promise<string[]> {
  const found = await all(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*' AND name <> 'd1_migrations' ORDER BY name",
  );
  return found.map(({ name }) => name as string);
}

/** Returns every row by table, and what AUTOINCREMENT keeps, if it keeps anything. */
async function rows(): Promise<Rows> {
  const names = await tables();
  const counters = "sqlite_sequence WHERE name <> 'd1_migrations'";
  const found = await db.batch<Row>(
    [...names, counters].map((name) => db.prepare(`SELECT * FROM ${name}`)),
  );
  const all = [...names, 'sequence'].map((name, i) => [name, found[i]?.results ?? []] as const);
  return Object.fromEntries(all.filter(([name, { length }]) => name !== 'sequence' || length > 0));
}

beforeEach(async () => {
  const drops = [...(await tables()), 'd1_migrations'].map(
    (name) => `DROP TABLE IF EXISTS ${name}`,
  );
  await db.batch(['PRAGMA defer_foreign_keys = on', ...drops].map((sql) => db.prepare(sql)));
});

/** Applies the first `count` migrations, and inserts the rows of each one after it. */
async function applyAndSeed(count: number): Promise<void> {
  for (const [i, { name, queries }] of env.MIGRATIONS.slice(0, count).entries()) {
    await applyD1Migrations(db, env.MIGRATIONS.slice(0, i + 1));
    const onlyAddsIndexes = queries.every((query) => /^\s*CREATE (UNIQUE )?INDEX /i.test(query));
    expect(
      onlyAddsIndexes || name in seeds,
      `seeds has rows for the tables and columns of ${name}`,
    ).toBe(true);
    for (const sql of seeds[name] ?? []) {
      await db.prepare(sql).run();
    }
  }
}

/** Expects every given row to exist with the same value in each column. */
async function expectKept(expectedRows: Rows): Promise<void> {
  const after = await rows();
  for (const [table, expected] of Object.entries(expectedRows)) {
    expect(expected.length, `${table} had rows`).toBeGreaterThan(0);
    const columns = Object.keys(after[table]?.[0] ?? {});
    const kept = Object.keys(expected[0] ?? {}).filter((name) => columns.includes(name));
    expect(kept, `the columns of ${table}`).toEqual(Object.keys(expected[0] ?? {}));
    const ofKept = (all: Row[] = []) =>
      all.map((row) => JSON.stringify(kept.map((name) => row[name]))).sort();
    expect(ofKept(after[table]), table).toEqual(ofKept(expected));
  }
  expect(await all('PRAGMA foreign_key_check')).toEqual([]);
}

describe('a migration keeps every row', () => {
  test.each(env.MIGRATIONS.slice(1).map(({ name }, i) => [name, i + 1] as const))(
    '%s',
    async (name, index) => {
      await applyAndSeed(index);
      const before = await rows();
      await applyD1Migrations(db, env.MIGRATIONS.slice(0, index + 1));
      await expectKept(expectedAfter[name]?.(before, await rows()) ?? before);
      // The counts are those of the last migration, which may count by more facets than this one.
      await applyD1Migrations(db, env.MIGRATIONS);
      await expectExactCounts(db);
    },
  );

  test('existing tickets and product lines get version 1', async () => {
    await applyAndSeed(2);
    await applyD1Migrations(db, env.MIGRATIONS);
    for (const table of ['prepared_tickets', 'product_lines']) {
      expect(await all(`SELECT DISTINCT version FROM ${table}`)).toEqual([{ version: 1 }]);
    }
  });

  test('existing API keys get a UUID each', async () => {
    await applyAndSeed(3);
    await applyD1Migrations(db, env.MIGRATIONS);
    const ids = (await all('SELECT id FROM api_keys')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  test('an API key that the previous version of the app inserts gets an id too', async () => {
    await applyAndSeed(3);
    await applyD1Migrations(db, env.MIGRATIONS);
    await db
      .prepare("INSERT INTO api_keys (sha256, partner_id, created_at) VALUES ('new', 1, 20)")
      .run();
    const [made] = await all("SELECT id, name, version FROM api_keys WHERE sha256 = 'new'");
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'API key',
      version: 1,
    });
  });

  test('existing clients stay valid without an expiry', async () => {
    await applyAndSeed(3);
    await applyD1Migrations(db, env.MIGRATIONS);
    const [{ end }] = (await all('SELECT min(valid_until) AS end FROM clients')) as [Row];
    expect(end).toBe(Number.MAX_SAFE_INTEGER);
  });

  const forget = 'DELETE FROM sqlite_sequence';
  const forgetPickedUp = ['DELETE FROM ticket_lines', 'DELETE FROM tickets'];
  const recordNumber = `INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id, ticket_number)
    VALUES (2, 1, 'e3', 'prepared_ticket.deleted', 51, 'ticket 301', 903)`;

  test.each<[string, string[], number]>([
    ['the newest ticket ever, which was deleted', forgetPickedUp, 900],
    ['the newest prepared ticket, if the counter is lost', [forget, ...forgetPickedUp], 897],
    ['the newest picked-up ticket, if the counter is lost', [forget], 900],
    ['the newest ticket of an event, if the counter is lost', [forget, recordNumber], 903],
  ])('the numbers of every partner continue after %s', async (_what, changes, newest) => {
    await applyAndSeed(BEFORE_NUMBERS);
    await db.batch(changes.map((sql) => db.prepare(sql)));
    await applyD1Migrations(db, env.MIGRATIONS);
    const numbers = [1, 2].map((partner_id) => ({ partner_id, newest }));
    expect(await all('SELECT * FROM ticket_numbers ORDER BY partner_id')).toEqual(numbers);
  });

  test('the numbers of partners begin with 1 if there never was a ticket', async () => {
    await applyD1Migrations(db, env.MIGRATIONS.slice(0, BEFORE_NUMBERS));
    await db.prepare("INSERT INTO partners (id, name, created_at) VALUES (1, 'one', 5)").run();
    await applyD1Migrations(db, env.MIGRATIONS);
    expect(await all('SELECT * FROM ticket_numbers')).toEqual([]);
  });
});

test('the reviewed rebuild keeps every row and every row that refers to it', async () => {
  await applyAndSeed(env.MIGRATIONS.length);
  const before = await rows();
  const made = await all("SELECT sql FROM sqlite_schema WHERE name = 'prepared_tickets'");
  const columns = Object.keys(before.prepared_tickets?.[0] ?? {}).join(', ');
  const queries = [
    'PRAGMA defer_foreign_keys = on',
    'CREATE TABLE __old_prepared_tickets AS SELECT * FROM prepared_tickets',
    'DROP TABLE prepared_tickets',
    String(made[0]?.sql),
    `INSERT INTO prepared_tickets (${columns}) SELECT ${columns} FROM __old_prepared_tickets`,
    'DROP TABLE __old_prepared_tickets',
  ];
  expect(migrationFaults(queries)).toEqual([]);
  await applyD1Migrations(db, [...env.MIGRATIONS, { name: '9999_rebuild.sql', queries }]);
  await expectKept(before);
});

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { overloaded, WatchedD1 } from '../../support/d1.ts';
import { captureLog } from '../../support/faults.ts';
import { eu, main, nameDatabase, twoHomes, useEu } from '../../support/homes.ts';

const READY = '/health/ready';

let d1: WatchedD1;
let api: TestApi;

/** Lists every migration as applied, in order. The databases are those of the tests that follow, too. */
async function restoreMigrations(database: D1Database): Promise<void> {
  const insert = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)');
  await database.batch([
    database.prepare('DELETE FROM d1_migrations'),
    ...env.MIGRATIONS.map(({ name }) => insert.bind(name)),
  ]);
}

beforeEach(() => {
  d1 = new WatchedD1(main.database);
  api = new TestApi({ HOMES: '[]', [main.binding]: d1.db });
});

async function expectPass(response: Response) {
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/health+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({ status: 'pass' });
}

async function expectNotReady(response: Response) {
  expect(response.status).toBe(503);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(await response.text()).not.toMatch(/migration|\.sql|D1|SQL/);
}

describe('/health', () => {
  test('passes without credentials and without a query to D1, even if D1 fails', async () => {
    d1.fault = new Error('asked');
    await expectPass(await api.get('/health'));
    expect(d1.calls).toBe(0);
  });

  test('returns the same headers for HEAD', async () => {
    const response = await api.request('HEAD', '/health');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/health+json');
  });
});

describe('/health/ready', () => {
  // A replica can wait for a made-up bookmark in vain, and the bad answer would be that of everyone for five seconds.
  test('asks the primary, whatever bookmark was sent', async () => {
    const begun: (string | undefined)[] = [];
    const recorded = new Proxy(d1.db, {
      get: (database, name) =>
        name === 'withSession'
          ? (from?: string) => {
              begun.push(from);
              return database.withSession(from);
            }
          : Reflect.get(database, name),
    });
    api = new TestApi({ HOMES: '[]', [main.binding]: recorded });
    const made = main.database.withSession('first-primary');
    await made.prepare('SELECT 1').all();
    const headers = { 'x-d1-bookmark': `0.1.${made.getBookmark()}` };
    await expectPass(await api.request('GET', READY, { headers }));
    expect(begun.at(-1)).toBe('first-primary');
  });

  test('passes with one query to D1 if every migration is applied', async () => {
    expect(await d1.cost(async () => expectPass(await api.get(READY)))).toBe(1);
  });

  test('returns 503 while D1 is overloaded', async () => {
    captureLog();
    d1.fault = overloaded();
    await expectNotReady(await api.get(READY));
  });

  test('returns 503 if no migration was ever applied', async () => {
    captureLog();
    d1.fault = new Error('D1_ERROR: no such table: d1_migrations: SQLITE_ERROR');
    await expectNotReady(await api.get(READY));
  });

  test.each(env.MIGRATIONS.map(({ name }) => name))(
    'returns 503 if the migration %s is missing',
    async (name) => {
      const log = captureLog();
      await main.database.prepare('DELETE FROM d1_migrations WHERE name = ?').bind(name).run();
      try {
        await expectNotReady(await api.get(READY));
        expect(log.text()).toContain(name);
      } finally {
        await restoreMigrations(main.database);
      }
      api.now += 5000;
      await expectPass(await api.get(READY));
    },
  );

  test('passes with a later migration, because a deployment applies migrations before it replaces the Worker', async () => {
    await main.database.prepare("INSERT INTO d1_migrations (name) VALUES ('9999_later.sql')").run();
    try {
      await expectPass(await api.get(READY));
    } finally {
      await main.database.prepare("DELETE FROM d1_migrations WHERE name = '9999_later.sql'").run();
    }
  });
});

describe('/health/ready with two homes', () => {
  useEu();
  let european: WatchedD1;

  beforeEach(() => {
    european = new WatchedD1(eu.database);
    api = new TestApi({ ...twoHomes, [main.binding]: d1.db, [eu.binding]: european.db });
  });

  const statusOf = async (response: Response) => {
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/health+json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    return response.json();
  };
  const warnings = () => api.log.filter(({ event }) => event === 'warning');

  test('passes with one query to each of them', async () => {
    await expectPass(await api.get(READY));
    expect([d1.calls, european.calls]).toEqual([1, 1]);
    expect(warnings()).toEqual([]);
  });

  test.each(['main', 'eu'])(
    'warns while %s does not answer, and only the log names it',
    async (silent) => {
      (silent === 'main' ? d1 : european).fault = overloaded();
      expect(await statusOf(await api.get(READY))).toEqual({ status: 'warn' });
      expect(warnings()).toMatchObject([{ home: silent, error: 'DatabaseUnavailable' }]);
      expect((await api.get('/health')).status).toBe(200);
    },
  );

  test('warns while a home has no row, and while it lacks a migration', async () => {
    await nameDatabase(eu.database);
    expect(await statusOf(await api.get(READY))).toEqual({ status: 'warn' });
    await nameDatabase(eu.database, eu);
    api.now += 5000;
    const [first] = env.MIGRATIONS.map(({ name }) => name);
    await eu.database.prepare('DELETE FROM d1_migrations WHERE name = ?').bind(first).run();
    try {
      expect(await statusOf(await api.get(READY))).toEqual({ status: 'warn' });
    } finally {
      await restoreMigrations(eu.database);
    }
    expect(warnings().map(({ message }) => message)).toEqual([
      expect.stringContaining('table home'),
      expect.stringContaining(`${first}`),
    ]);
    api.now += 5000;
    await expectPass(await api.get(READY));
  });

  test('returns 503 while none answers', async () => {
    captureLog();
    d1.fault = overloaded();
    european.fault = overloaded();
    await expectNotReady(await api.get(READY));
    expect(warnings()).toEqual([]);
  });

  test('asks each of them at most once in five seconds, also one that does not answer', async () => {
    european.fault = overloaded();
    for (let i = 0; i < 5; i++) {
      expect(await statusOf(await api.get(READY))).toEqual({ status: 'warn' });
    }
    expect([d1.calls, european.calls]).toEqual([1, 1]);
    european.fault = undefined;
    api.now += 5000;
    await expectPass(await api.get(READY));
  });
});

describe('/health/ready asks the database at most once in five seconds', () => {
  test('for requests one after the other, by the clock of the API', async () => {
    const ask = () => d1.cost(async () => expectPass(await api.get(READY)));
    expect([await ask(), await ask()]).toEqual([1, 0]);
    api.now += 4999;
    expect(await ask()).toBe(0);
    api.now += 1;
    expect(await ask()).toBe(1);
  });

  test('for requests at the same time, which share the answer', async () => {
    const cost = await d1.cost(() =>
      Promise.all(Array.from({ length: 50 }, async () => expectPass(await api.get(READY)))),
    );
    expect(cost).toBe(1);
  });

  test('after a bad answer too, which all requests get until then', async () => {
    captureLog();
    d1.fault = overloaded();
    const cost = await d1.cost(async () => {
      await Promise.all(
        Array.from({ length: 9 }, async () => expectNotReady(await api.get(READY))),
      );
      d1.fault = undefined;
      api.now += 4999;
      await expectNotReady(await api.get(READY));
    });
    expect(cost).toBe(1);
    api.now += 1;
    await expectPass(await api.get(READY));
  });

  test('and does not wait for an answer that never comes longer than that', async () => {
    captureLog();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    d1.hangs = true;
    const first = api.get(READY);
    const second = api.get(READY);
    await vi.waitFor(() => expect(d1.calls).toBe(1));
    await vi.advanceTimersByTimeAsync(5000);
    api.now += 5000;
    // A request that the runtime ends while it asks leaves the question open.
    await expectNotReady(await second);
    d1.hangs = false;
    await expectPass(await api.get(READY));
    await vi.advanceTimersByTimeAsync(10_000);
    await expectNotReady(await first);
  });
});

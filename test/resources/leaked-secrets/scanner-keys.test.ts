import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../../src/context.ts';
import { DAY_MS, START, TestApi } from '../../support/api.ts';
import { runCron } from '../../support/cron.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { stillWorld } from '../../support/dependencies.ts';
import { captureLog } from '../../support/faults.ts';
import { main } from '../../support/homes.ts';
import { REPORT_PATH } from '../../support/leak-reports.ts';
import { MeteredD1 } from '../../support/metered-d1.ts';
import { KEYS_URL, scannerKeys, signedBy } from '../../support/scanner.ts';

const TOKEN = 'github_pat_11ABCDEFG0secret';

/** The server of the scanner, which answers as a test wants. */
let answer: () => Response | Promise<Response>;
let requests: { url: string; headers: Headers; redirect?: string }[];

const fetchKeys = async (url: string, init: RequestInit): Promise<Response> => {
  const { redirect } = init;
  requests.push({ url, headers: new Headers(init.headers), redirect });
  return answer();
};
const publish = (keys: unknown = scannerKeys) => {
  answer = () => Response.json(keys);
};
const refuse = (status = 403) => {
  answer = () => new Response('rate limit exceeded', { status });
};

beforeEach(() => {
  requests = [];
  publish();
});

/** Returns a new isolate, whose memory contains no keys. */
function isolate(now = START, bindings: ConstructorParameters<typeof TestApi>[0] = {}): TestApi {
  const api = new TestApi(bindings);
  api.now = now;
  api.fetch = fetchKeys;
  return api;
}

/** Sends a report that contains no secret. @returns the status. */
async function statusOf(api: TestApi, headers?: Record<string, string>): Promise<number> {
  const signed = headers ?? (await signedBy('[]'));
  return (await api.request('POST', REPORT_PATH, { body: '[]', headers: signed })).status;
}

const keptKeys = async () =>
  (
    await main.database.prepare('SELECT * FROM scanner_keys').all<{
      url: string;
      document: string;
      fetched_at: number;
    }>()
  ).results;

/** Lets an isolate keep a copy in the database that was fetched at a time. */
async function keepAt(time: number): Promise<void> {
  publish();
  expect(await statusOf(isolate(time))).toBe(200);
  expect(await keptKeys()).toMatchObject([{ url: KEYS_URL, fetched_at: time }]);
  requests = [];
}

describe('the copy of the keys in the database', () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ['403', () => new Response('rate limit exceeded', { status: 403 })],
    ['429', () => new Response(null, { status: 429 })],
    ['500', () => new Response(null, { status: 500 })],
    ['no connection', () => Promise.reject(new TypeError('out of reach'))],
    ['a document of another form', () => Response.json({ public_keys: 'none' })],
  ])('verifies a report in a new isolate that gets %s', async (_what, refusal) => {
    await keepAt(START);
    answer = refusal;
    expect(await statusOf(isolate(START + DAY_MS))).toBe(200);
    expect(requests).toHaveLength(1);
  });

  test('verifies a report if the scanner does not answer in time', async () => {
    await keepAt(START);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    answer = () => {
      queueMicrotask(() => vi.advanceTimersByTime(5000));
      return new Promise(() => {});
    };
    expect(await statusOf(isolate(START + DAY_MS))).toBe(200);
  });

  test('is trusted for 7 days, in the database and in memory', async () => {
    captureLog();
    await keepAt(START);
    refuse();
    const warm = isolate(START + 7 * DAY_MS - 1);
    expect(await statusOf(warm)).toBe(200);
    warm.now += 1;
    expect(await statusOf(warm)).toBe(503);
    expect(await statusOf(isolate(START + 7 * DAY_MS))).toBe(503);
  });

  test('makes an isolate learn what another one has fetched meanwhile', async () => {
    const old = { public_keys: [{ ...scannerKeys.public_keys[1] }] };
    publish(old);
    const first = isolate();
    expect(await statusOf(first)).toBe(403);
    await keepAt(START + DAY_MS);
    refuse();
    first.now = START + 2 * DAY_MS;
    expect(await statusOf(first)).toBe(200);
  });

  test('is replaced by the keys that the scanner publishes later', async () => {
    await keepAt(START);
    const withdrawn = { public_keys: [scannerKeys.public_keys[1]] };
    publish(withdrawn);
    expect(await statusOf(isolate(START + 1))).toBe(403);
  });

  test('that is damaged is not used', async () => {
    captureLog();
    await keepAt(START);
    refuse();
    for (const document of ['{', '{}', 'null']) {
      await main.database.prepare('UPDATE scanner_keys SET document = ?').bind(document).run();
      expect(await statusOf(isolate())).toBe(503);
    }
  });

  test('of another URL is not used', async () => {
    captureLog();
    await keepAt(START);
    refuse();
    const other = { SCANNER_KEYS: 'https://scanner.example.com/keys' };
    expect(await statusOf(isolate(START, other))).toBe(503);
  });

  test('that cannot be read leads to 503, and to 200 while the scanner returns its keys', async () => {
    captureLog();
    const d1 = new WatchedD1(main.database);
    d1.fault = new Error('D1_ERROR: no such table: scanner_keys: SQLITE_ERROR');
    expect(await statusOf(isolate(START, { [main.binding]: d1.db }))).toBe(200);
    refuse();
    expect(await statusOf(isolate(START, { [main.binding]: d1.db }))).toBe(503);
  });
});

describe('a report', () => {
  test('with a wrong signature causes no write, whatever the scanner publishes', async () => {
    const wrong = await signedBy('other');
    const unknown = { ...wrong, 'github-public-key-identifier': 'made up' };
    const d1 = new MeteredD1(main.database);
    const written = await d1.writtenBy(async () => {
      for (const headers of [wrong, unknown]) {
        expect(await statusOf(isolate(START, { [main.binding]: d1.db }), headers)).toBe(403);
      }
    });
    expect(written).toBe(0);
    expect(requests).toHaveLength(2);
    expect(await keptKeys()).toEqual([]);
  });

  test('with a valid one writes the copy once, again when the keys change, and once a day', async () => {
    const d1 = new MeteredD1(main.database);
    const writes = (now: number) =>
      d1.writtenBy(async () =>
        expect(await statusOf(isolate(now, { [main.binding]: d1.db }))).toBe(200),
      );
    expect(await writes(START)).toBeGreaterThan(0);
    expect(await writes(START + DAY_MS - 1)).toBe(0);
    expect(await writes(START + DAY_MS)).toBeGreaterThan(0);
    publish({ public_keys: scannerKeys.public_keys.slice(0, 1) });
    expect(await writes(START + DAY_MS + 1)).toBeGreaterThan(0);
    // An isolate whose fetch began earlier does not restore what was replaced.
    publish();
    expect(await writes(START + DAY_MS)).toBe(0);
    expect(JSON.parse((await keptKeys())[0]?.document ?? '').public_keys).toHaveLength(1);
  });

  test('makes no D1 call while the isolate has the keys', async () => {
    const d1 = new WatchedD1(main.database);
    const api = isolate(START, { [main.binding]: d1.db });
    expect(await d1.cost(() => statusOf(api)), 'the first one keeps the copy').toBe(1);
    for (let minute = 1; minute < 10; minute++) {
      api.now = START + minute * 60_000;
      expect(await d1.cost(() => statusOf(api))).toBe(0);
    }
    expect(requests).toHaveLength(1);
  });

  test('reads the copy at most once in 30 seconds while there is none', async () => {
    captureLog();
    refuse();
    const d1 = new WatchedD1(main.database);
    const api = isolate(START, { [main.binding]: d1.db });
    const twice = async () => {
      expect(await statusOf(api)).toBe(503);
      expect(await statusOf(api)).toBe(503);
    };
    expect(await d1.cost(twice)).toBe(1);
    api.now += 30_000;
    expect(await d1.cost(twice)).toBe(1);
  });

  test('reads the copy once for all reports that come during a fetch', async () => {
    captureLog();
    const { promise, resolve } = Promise.withResolvers<Response>();
    answer = () => promise;
    const d1 = new WatchedD1(main.database);
    const api = isolate(START, { [main.binding]: d1.db });
    const reports = Array.from({ length: 20 }, () => statusOf(api));
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    const cost = await d1.cost(async () => {
      resolve(new Response(null, { status: 403 }));
      expect(await Promise.all(reports)).toEqual(Array(20).fill(503));
    });
    expect(cost).toBe(1);
  });
});

describe('SCANNER_TOKEN', () => {
  test('authenticates the request for the keys, and appears in no log line', async () => {
    const { lines } = captureLog();
    const api = isolate(START, { SCANNER_TOKEN: TOKEN });
    expect(await statusOf(api)).toBe(200);
    refuse(401);
    expect(await statusOf(isolate(START + 8 * DAY_MS, { SCANNER_TOKEN: TOKEN }))).toBe(503);
    expect(requests.map(({ url }) => url)).toEqual([KEYS_URL, KEYS_URL]);
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual(
      Array(2).fill(`Bearer ${TOKEN}`),
    );
    expect(lines.join() + JSON.stringify(api.log)).not.toContain(TOKEN);
  });

  test('is not sent on to the target of a redirect', async () => {
    captureLog();
    answer = () => Response.redirect('https://elsewhere.example.com/', 302);
    expect(await statusOf(isolate(START, { SCANNER_TOKEN: TOKEN }))).toBe(503);
    expect(requests).toMatchObject([{ url: KEYS_URL, redirect: 'manual' }]);
  });

  test('is optional: without it, the request has no credentials', async () => {
    expect(await statusOf(isolate())).toBe(200);
    expect(requests[0]?.headers.has('authorization')).toBe(false);
  });
});

describe('the cron trigger', () => {
  /** Runs its tasks at a time. @returns the log line about the keys, and whether the run failed. */
  async function renew(now: number, bindings: object = {}) {
    const lines: LogLine[] = [];
    const isFailed = await runCron(
      {
        ...stillWorld,
        now: () => now,
        fetch: fetchKeys,
        log: (line) => lines.push(line),
      },
      bindings,
    ).then(
      () => false,
      () => true,
    );
    return { line: lines.find(({ task }) => task === 'scanner-keys'), isFailed };
  }

  test('renews a copy that is a day old, with the token', async () => {
    await keepAt(START);
    expect((await renew(START + DAY_MS - 1)).line).toMatchObject({ removed: 0 });
    expect(requests).toEqual([]);
    const { line } = await renew(START + DAY_MS, { SCANNER_TOKEN: TOKEN });
    expect(line).toEqual({ event: 'scheduled', home: 'main', task: 'scanner-keys', removed: 1 });
    expect(requests[0]?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(await keptKeys()).toMatchObject([{ fetched_at: START + DAY_MS }]);
  });

  test('keeps the copy while the scanner refuses, and fails when it is too old to be used', async () => {
    await keepAt(START);
    refuse();
    const before = await keptKeys();
    expect(await renew(START + 7 * DAY_MS - 1)).toMatchObject({
      ...{ line: { event: 'scheduled', removed: 0 }, isFailed: false },
    });
    expect(await renew(START + 7 * DAY_MS)).toMatchObject({
      ...{ line: { event: 'fault', message: 'api.github.com: status 403' }, isFailed: true },
    });
    expect(await keptKeys()).toEqual(before);
  });

  test('fetches nothing before the first valid report', async () => {
    expect((await renew(START)).line).toMatchObject({ removed: 0 });
    expect(requests).toEqual([]);
  });

  test('lets a report a month later be verified while the scanner refuses', async () => {
    await keepAt(START);
    for (let day = 1; day <= 30; day++) {
      await renew(START + day * DAY_MS);
    }
    refuse();
    expect(await statusOf(isolate(START + 31 * DAY_MS))).toBe(200);
  });
});

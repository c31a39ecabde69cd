import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BATCHES, TestApi } from './support/api.ts';
import { operations } from './support/document.ts';
import { resetRows, type Scenario, scenariosOf, stateOfRows } from './support/fault-scenarios.ts';
import { captureLog } from './support/faults.ts';
import { type FaultKind, FaultyD1, type Plan } from './support/faulty-d1.ts';
import { keptCounts, naiveCounts } from './support/naive-list.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { ticketPath } from './support/tickets.ts';

/** How long the app believes what D1 said of credentials: past it, they are asked for again. */
const TRUST = 60_000;
/** Runs of one batch, the first included. */
const ATTEMPTS = 3;

let d1: FaultyD1;
let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  captureLog();
  // No waiting between runs.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  d1 = new FaultyD1();
  api = new TestApi({ DB: d1.db });
  // Used so lately that no use is noted, however far the clock moves.
  partner = await makePartner({ lastUsedAt: Date.parse('2100-01-01') });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly etag: string | null;
  readonly location: string | null;
  /** The tables once the request is answered and nothing is under way any more. */
  readonly state: string;
  readonly calls: number;
}

/** Sends the request under a plan of faults. */
async function send({ method, path, body, headers = {} }: Scenario, plan?: Plan): Promise<Outcome> {
  api.now += TRUST;
  const credentials = headers.authorization ? {} : await partner.headers(api);
  d1.plan(plan);
  const response = await api.request(method, path, {
    body,
    headers: { ...credentials, ...headers },
  });
  const { calls } = d1;
  d1.plan();
  await d1.settle();
  const state = method === 'GET' ? '' : await stateOfRows();
  if (method !== 'GET' && path.startsWith('/v2/tickets/')) {
    expect(await keptCounts(), 'counts agree with rows').toEqual(await naiveCounts());
  }
  return {
    status: response.status,
    text: await response.text(),
    etag: response.headers.get('etag'),
    location: response.headers.get('location'),
    state,
    calls,
  };
}

interface FaultPlan {
  readonly what: string;
  readonly plan: Plan;
  /** For one fault alone: whether it can be got over by trying again. */
  readonly passes?: boolean;
  /** Calls that there must be, where that can be told. */
  readonly calls?: number;
}

const sequences: [FaultKind, FaultKind][] = [
  ['before', 'after'],
  ['before', 'overloaded'],
  ['after', 'before'],
  ['after', 'after'],
  ['after', 'late'],
];

/** Each kind of fault at one call. */
function faultsAt(at: number): FaultPlan[] {
  return [
    ...(['before', 'after'] as const).map((kind) => ({
      what: `${kind} at ${at}`,
      plan: (call: number) => (call === at ? kind : undefined),
      passes: true,
    })),
    ...(['slow', 'late', 'overloaded'] as const).map((kind) => ({
      what: `${kind} at ${at}`,
      plan: (call: number) => (call === at ? kind : undefined),
      passes: false,
      calls: at,
    })),
  ];
}

/** Faults from one call on: two in a row, and no end of them. */
function faultsFrom(at: number): FaultPlan[] {
  return [
    ...sequences.map(([first, second]) => ({
      what: `${first} at ${at}, then ${second}`,
      plan: (call: number) => (call === at ? first : call === at + 1 ? second : undefined),
    })),
    {
      what: `before from ${at} on`,
      plan: (call: number) => (call >= at ? ('before' as const) : undefined),
      passes: false,
      calls: at - 1 + ATTEMPTS,
    },
    {
      what: `after from ${at} on`,
      plan: (call: number) => (call >= at ? ('after' as const) : undefined),
    },
  ];
}

/** Each call in turn meets each fault; the last one, which does the work, meets more. */
function plansFor(calls: number, { path }: Scenario): FaultPlan[] {
  // Before the last one credentials are asked for, which is the same for every operation of a kind.
  const first = path.startsWith('/v2/system/') ? calls : 1;
  const each = Array.from({ length: calls }, (_, i) => i + 1).filter((at) => at >= first);
  return calls === 0 ? [] : [...each.flatMap(faultsAt), ...faultsFrom(calls)];
}

/** Each ticket that a batch answered with is there now. */
async function expectTickets({ text }: Outcome) {
  const { result } = JSON.parse(text) as {
    result: { prepared_ticket?: object; status?: number }[];
  };
  for (const item of result) {
    const ticket = (item.status === undefined ? item : item.prepared_ticket) as
      | { id: string }
      | undefined;
    if (ticket !== undefined) {
      expect(await (await api.get(ticketPath(ticket.id), partner)).json()).toEqual(ticket);
    }
  }
}

/** What a write answered is what is there now. */
async function expectRead({ method, path, right }: Scenario, outcome: Outcome) {
  if (path === BATCHES) {
    await expectTickets(outcome);
    return;
  }
  const read = outcome.location ?? path.replace(/\/secrets$/, '');
  if (right >= 300 || !['POST', 'PUT'].includes(method) || !read.includes('/v2/')) {
    return;
  }
  const now = await api.get(read, partner);
  const { client_secret: _secret, api_key: _key, ...answered } = JSON.parse(outcome.text);
  expect([now.headers.get('etag'), await now.json()]).toEqual([outcome.etag, answered]);
}

async function drive(scenario: Scenario): Promise<void> {
  await resetRows(partner, scenario);
  const before = scenario.method === 'GET' ? '' : await stateOfRows();
  const good = await send(scenario);
  expect(good.status, scenario.name).toBe(scenario.right);
  const plans = plansFor(good.calls, scenario);
  for (const { what, plan, passes, calls } of plans) {
    if (scenario.method !== 'GET') {
      await resetRows(partner, scenario);
    }
    const outcome = await send(scenario, plan);
    const told = `${what}: ${outcome.status}`;
    expect([scenario.right, 503], told).toContain(outcome.status);
    if (passes === false || (passes && scenario.method === 'GET')) {
      expect(outcome.status, told).toBe(passes ? scenario.right : 503);
    }
    if (outcome.status === 503) {
      expect([before, good.state], `${told}, all or nothing`).toContain(outcome.state);
    } else {
      expect(outcome.state, `${told}, once`).toBe(good.state);
      await expectRead(scenario, outcome);
    }
    if (scenario.again) {
      const again = await send(scenario);
      expect(scenario.again, `${told}, then again ${again.status}`).toContain(again.status);
      expect(again.state, `${told}, then again`).toBe(good.state);
    }
    expect(outcome.calls, told).toBeLessThanOrEqual(calls ?? good.calls + 2 * ATTEMPTS);
    expect(outcome.calls, told).toBeGreaterThanOrEqual(calls ?? 0);
  }
}

const names = scenariosOf({ clientId: '', clientSecret: '' } as TestPartner).map(
  ({ name }) => name,
);

describe('under any fault, the right answer or a 503, and all or nothing', () => {
  test.each(names)('%s', async (name) => {
    const scenario = scenariosOf(partner).find((candidate) => candidate.name === name) as Scenario;
    await drive(scenario);
  });

  test('every operation of the document is among them', () => {
    expect(names).toEqual(expect.arrayContaining(operations.map(({ operationId }) => operationId)));
  });
});

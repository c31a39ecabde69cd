import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DatabaseFault } from '../src/db/errors.ts';
import { BATCHES, SYNCS, TestApi } from './support/api.ts';
import { operations } from './support/document.ts';
import { api, makePartnerOf, partner } from './support/each-test.ts';
import { EXPORT, TICKET_EXPORT } from './support/exports.ts';
import { resetRows, type Scenario, scenariosOf, stateOfRows } from './support/fault-scenarios.ts';
import { captureLog } from './support/faults.ts';
import { type FaultKind, FaultyD1, type Plan } from './support/faulty-d1.ts';
import { homes } from './support/homes.ts';
import { allCounts } from './support/naive-list.ts';
import type { TestPartner } from './support/partners.ts';
import { textOf } from './support/texts.ts';
import { isThorough } from './support/thorough.ts';
import { ticketPath } from './support/tickets.ts';

/** How long the app trusts a confirmed caller. After it, reads need the gate again. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;
/** The maximum number of attempts of a D1 call, including the first. */
const MAX_ATTEMPTS = 3;

let d1: FaultyD1;

beforeEach(async () => {
  captureLog();
  // Retries do not wait.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  d1 = new FaultyD1();
  // The last use is in the future, so no use is recorded when the clock advances.
  await makePartnerOf(new TestApi({ DB: d1.db }), { lastUsedAt: Date.parse('2100-01-01') });
});

/** The start of the current half hour. Tokens last longer, and signing one costs as much as a request. */
const tokenTime = () => api.now - (api.now % 1_800_000);

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly etag: string | null;
  /** The URL of what the body represents. */
  readonly location: string | null;
  /** The rows of all tables after the request and its background work. */
  readonly state: Awaited<ReturnType<typeof stateOfRows>>;
  readonly calls: number;
}

/** The state around a request that writes nothing. */
const unread = { contents: '', changes: '' };

/**
 * Stands for a streamed body that a fault interrupted: its status was sent before, so the body ends with an
 * error. No other operation may end so.
 */
function interruptedStream(path: string, error: Error): Response {
  const isExport = [EXPORT, TICKET_EXPORT].some((each) => path.startsWith(each));
  if (!isExport || !(error instanceof DatabaseFault)) {
    throw error;
  }
  return new Response(null, { status: 503 });
}

/** Sends the request of a scenario while D1 fails as planned. */
async function send({ method, path, body, headers = {} }: Scenario, plan?: Plan): Promise<Outcome> {
  api.now += CREDENTIAL_CACHE_TTL_MS;
  const credentials = headers.authorization ? {} : await partner.headers({ now: tokenTime() });
  d1.plan(plan);
  const response = await api
    .request(method, path, { body, headers: { ...credentials, ...headers } })
    .catch((error: Error) => interruptedStream(path, error));
  const { calls } = d1;
  d1.plan();
  await d1.settle();
  const state = method === 'GET' ? unread : await stateOfRows();
  if (method !== 'GET' && path.startsWith('/v2/tickets/')) {
    const { kept, actual } = await allCounts();
    expect(kept, 'counts agree with rows').toEqual(actual);
  }
  return {
    status: response.status,
    text: await textOf(response),
    etag: response.headers.get('etag'),
    location: response.headers.get('content-location') ?? response.headers.get('location'),
    state,
    calls,
  };
}

interface FaultPlan {
  readonly what: string;
  readonly plan: Plan;
  /** Whether a retry overcomes the fault; undefined for more than one fault. */
  readonly isTransient?: boolean;
  /** Whether the fault comes after the response. */
  readonly isHarmless?: boolean;
  /** The exact number of D1 calls, if it is known. */
  readonly calls?: number;
}

/** Two faults in a row. A run that is not thorough has the first two. */
const allSequences: [FaultKind, FaultKind][] = [
  ['before', 'after'],
  ['after', 'after'],
  ['before', 'overloaded'],
  ['after', 'before'],
  ['after', 'late'],
];
const sequences = isThorough ? allSequences : allSequences.slice(0, 2);

/** The faults of which a request does not recover. A run that is not thorough has the one whose write takes effect after the response. */
const failures: readonly FaultKind[] = isThorough ? ['slow', 'late', 'overloaded'] : ['late'];

/** Returns a plan for each kind of fault at one call. */
function faultsAt(at: number): FaultPlan[] {
  return [
    ...(['before', 'after'] as const).map((kind) => ({
      what: `${kind} at ${at}`,
      plan: (call: number) => (call === at ? kind : undefined),
      isTransient: true,
    })),
    ...failures.map((kind) => ({
      what: `${kind} at ${at}`,
      plan: (call: number) => (call === at ? kind : undefined),
      isTransient: false,
      calls: at,
    })),
  ];
}

/** Returns plans with two faults in a row, and with a fault at every call from one on. */
function faultsFrom(at: number): FaultPlan[] {
  return [
    ...sequences.map(([first, second]) => ({
      what: `${first} at ${at}, then ${second}`,
      plan: (call: number) => (call === at ? first : call === at + 1 ? second : undefined),
    })),
    {
      what: `before from ${at} on`,
      plan: (call: number) => (call >= at ? ('before' as const) : undefined),
      isTransient: false,
      calls: at - 1 + MAX_ATTEMPTS,
    },
    {
      what: `after from ${at} on`,
      plan: (call: number) => (call >= at ? ('after' as const) : undefined),
    },
  ];
}

/**
 * Returns how many of the D1 calls of a request follow its response: a write looks up the endpoints to wake, and
 * a test delivery looks at the denied hosts and records its attempt.
 */
function callsAfterResponse({ name, method, path, right }: Scenario): number {
  if (method === 'GET' || right >= 300 || !path.startsWith('/v2/')) {
    return 0;
  }
  return name === 'sendTestWebhook' ? 3 : 1;
}

/**
 * Returns plans in which each call meets each kind of fault, and the last call before the response, which does
 * the work, several.
 */
function plansFor(calls: number, { isVariant }: Scenario): FaultPlan[] {
  // Unless the run is thorough, the calls that all variants of an operation share meet faults only once.
  const first = isVariant && !isThorough ? calls : 1;
  const each = Array.from({ length: calls }, (_, i) => i + 1).filter((at) => at >= first);
  return calls === 0 ? [] : [...each.flatMap(faultsAt), ...faultsFrom(calls)];
}

/** Returns plans in which each of the last calls, which follow the response, meets a fault. */
function faultsAfterResponse(calls: number, later: number): FaultPlan[] {
  const all: FaultKind[] = ['after', 'broken', 'before', 'slow', 'overloaded'];
  const kinds = isThorough ? all : all.slice(0, 2);
  return Array.from({ length: later }, (_, i) => calls - i).flatMap((at) =>
    kinds.map((kind) => ({
      what: `${kind} at ${at}, after the response`,
      plan: (call: number) => (call === at ? kind : undefined),
      isHarmless: true,
    })),
  );
}

/** Expects that each ticket in the response to a batch or a sync matches a later read. */
async function expectTickets({ text }: Outcome) {
  const { result } = JSON.parse(text) as {
    result: { prepared_ticket?: object; status?: number }[];
  };
  for (const item of result) {
    const ticket = (item.status === undefined ? item : item.prepared_ticket) as
      | { id: string; product_lines?: object[] }
      | undefined;
    if (ticket !== undefined) {
      const { product_lines: _lines, ...own } = ticket;
      expect(await (await api.get(ticketPath(ticket.id), partner)).json()).toEqual(own);
    }
  }
}

/** Expects that the response of a write matches a later read. */
async function expectRead({ method, path, right }: Scenario, outcome: Outcome) {
  if (path === BATCHES || path === SYNCS) {
    await expectTickets(outcome);
    return;
  }
  const read = outcome.location ?? path.replace(/\/(?:secrets|replays|attempts)$/, '');
  const isOfOne = ['POST', 'PUT'].includes(method) && !path.endsWith('/test-deliveries');
  if (right >= 300 || !isOfOne || !read.includes('/v2/')) {
    return;
  }
  const now = await api.get(read, partner);
  const { secret: _secret, ...returned } = JSON.parse(outcome.text);
  expect([now.headers.get('etag'), await now.json()]).toEqual([outcome.etag, returned]);
}

async function drive(scenario: Scenario): Promise<void> {
  await resetRows(partner, scenario);
  const before = scenario.method === 'GET' ? unread : await stateOfRows();
  const good = await send(scenario);
  expect(good.status, scenario.name).toBe(scenario.right);
  const later = callsAfterResponse(scenario);
  const plans = [
    ...plansFor(good.calls - later, scenario),
    ...(scenario.isVariant && !isThorough ? [] : faultsAfterResponse(good.calls, later)),
  ];
  for (const { what, plan, isTransient, isHarmless, calls } of plans) {
    if (scenario.method !== 'GET') {
      await resetRows(partner, scenario);
    }
    const outcome = await send(scenario, plan);
    const label = `${what}: ${outcome.status}`;
    expect([scenario.right, 503], label).toContain(outcome.status);
    if (isTransient === false || (isTransient && scenario.method === 'GET')) {
      expect(outcome.status, label).toBe(isTransient ? scenario.right : 503);
    }
    if (isHarmless) {
      expect(outcome.status, label).toBe(scenario.right);
    }
    if (outcome.status === 503) {
      expect([before, good.state], `${label}, all or nothing`).toContainEqual(outcome.state);
    } else {
      expect(outcome.state, `${label}, once`).toEqual(good.state);
      await expectRead(scenario, outcome);
    }
    // A client repeats what failed. What succeeded is repeated only in a thorough run.
    if (scenario.again && (isThorough || outcome.status === 503)) {
      const again = await send(scenario);
      expect(scenario.again, `${label}, then again ${again.status}`).toContain(again.status);
      // The repetition by the client is a change of its own, so only the content must be the same.
      expect(again.state.contents, `${label}, then again`).toBe(good.state.contents);
    }
    expect(outcome.calls, label).toBeLessThanOrEqual(calls ?? good.calls + 2 * MAX_ATTEMPTS);
    expect(outcome.calls, label).toBeGreaterThanOrEqual(calls ?? 0);
  }
}

const names = scenariosOf({ clientId: '', clientSecret: '' } as TestPartner).map(
  ({ name }) => name,
);

/**
 * The names of the scenarios that a fault of one home can make fail. While another home answers, the API stays ready,
 * which test/resources/health/health.test.ts covers.
 */
const faulted = names.filter((name) => name !== 'getReadiness' || homes.length === 1);

describe('under every fault of D1, the right response or a 503, and all or nothing is written', () => {
  test.each(faulted)('%s', async (name) => {
    const scenario = scenariosOf(partner).find((candidate) => candidate.name === name) as Scenario;
    await drive(scenario);
  });

  test('the scenarios cover every operation of the document', () => {
    expect(names).toEqual(expect.arrayContaining(operations.map(({ operationId }) => operationId)));
  });
});

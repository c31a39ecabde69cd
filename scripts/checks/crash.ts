import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoAccess } from '../dev/demo-access.ts';
import {
  type LocalServer,
  type RunningServer,
  startLocalServer,
  withState,
} from '../dev/local-server.ts';
import { finished } from '../process/finished.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
/** The number of concurrent requests under load. */
const WRITERS = 8;
/** The number of tickets that must be created before the crash. */
const MIN_CREATED = 200;
/** The longest time that the load may take to create them. */
const LOAD_TIMEOUT_MS = 15_000;
/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 10_000;

/** A POST request that was sent before the crash. Its key is also the reference of the ticket. */
interface Sent {
  readonly key: string;
  /** The ticket of a 201 response; undefined if no response arrived. */
  ticket?: { readonly id: string; readonly ticket_number: number };
}

type Headers = Readonly<Record<string, string>>;

function post({ origin }: LocalServer, headers: Headers, key: string): Promise<Response> {
  return fetch(origin + TICKETS, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
    body: JSON.stringify({
      customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
      vehicle_model_id: 1,
      vin: null,
      preparer_external_reference: key,
    }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}

/** Creates tickets one after the other until the server is killed. */
async function write(server: LocalServer, headers: Headers, sent: Sent[], isOver: () => boolean) {
  while (!isOver()) {
    const one: Sent = { key: crypto.randomUUID() };
    sent.push(one);
    try {
      const response = await post(server, headers, one.key);
      const body = await response.text();
      if (response.status !== 201) {
        throw new Error(`POST returned ${response.status} under load: ${body}`);
      }
      one.ticket = JSON.parse(body);
    } catch (error) {
      // The crash is expected to interrupt requests. A failure before it is a fault.
      if (!isOver()) {
        throw error;
      }
    }
  }
}

/** Kills the server under load. Returns the requests in the order in which they were sent. */
async function crashUnderLoad(server: RunningServer): Promise<Sent[]> {
  const { headers } = await demoAccess(server);
  const sent: Sent[] = [];
  let over = false;
  const load = Promise.all(
    Array.from({ length: WRITERS }, () => write(server, headers, sent, () => over)),
  );
  const countCreated = () => sent.filter(({ ticket }) => ticket !== undefined).length;
  const started = Date.now();
  const watch = async () => {
    while (countCreated() < MIN_CREATED && Date.now() - started < LOAD_TIMEOUT_MS) {
      await sleep(20);
    }
    over = true;
    await server.crash();
  };
  await Promise.all([load, watch()]);
  return sent;
}

interface List {
  readonly total: number;
  readonly result: readonly { id: string; ticket_number: number }[];
}

/**
 * Checks one POST request after the crash: a ticket of a 201 response exists exactly once, and a retry
 * returns the one ticket that exists.
 */
async function faultsOf(server: LocalServer, headers: Headers, { key, ticket }: Sent) {
  const query = `${server.origin}${TICKETS}?preparer_external_reference=${key}`;
  const list = async () => (await (await fetch(query, { headers })).json()) as List;
  const before = await list();
  const faults: string[] = [];
  if (ticket !== undefined) {
    const [found] = before.result;
    if (before.total !== 1 || found?.id !== ticket.id) {
      faults.push(
        `The POST of ${ticket.id} returned 201, but the ticket exists ${before.total} times.`,
      );
    }
  } else if (before.total > 1) {
    faults.push(`A POST without a response created ${before.total} tickets.`);
  }
  const retry = await post(server, headers, key);
  const replayed = (await retry.json()) as { id?: string };
  const after = await list();
  if (retry.status !== 201 || after.total !== 1 || after.result[0]?.id !== replayed.id) {
    faults.push(`A retry returned ${retry.status}, and ${after.total} tickets exist after it.`);
  }
  if ((retry.headers.get('idempotent-replayed') === 'true') !== (before.total === 1)) {
    faults.push('The Idempotent-Replayed header of a retry is wrong.');
  }
  return faults;
}

/** Compares the database with the responses that arrived before the crash. */
async function faultsAfter(server: LocalServer, sent: readonly Sent[]): Promise<string[]> {
  const { headers } = await demoAccess(server);
  const left = sent.values();
  const faults: string[] = [];
  const reader = async () => {
    for (const one of left) {
      faults.push(...(await faultsOf(server, headers, one)));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, reader));
  return faults;
}

async function countFaults(environment: LocalServer['environment']): Promise<string[]> {
  const { code, stdout, stderr } = await finished(
    spawn(process.execPath, ['scripts/operate/counts-check.ts'], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  return code === 0 ? [] : [`counts:check found differences:\n${stdout}${stderr}`];
}

/** The longest time that the whole check may take. */
const CHECK_TIMEOUT_MS = 60_000;

/** Runs the check. Starts its servers with `start`, so that the caller can stop them. */
async function check(start: () => Promise<RunningServer>): Promise<string[]> {
  const sent = await crashUnderLoad(await start());
  const created = sent.filter(({ ticket }) => ticket !== undefined).length;
  if (created < MIN_CREATED) {
    return [`Only ${created} tickets were created before the crash.`];
  }
  if (created === sent.length) {
    return ['No request was in flight when the server was killed.'];
  }
  const server = await start();
  const faults = await faultsAfter(server, sent);
  return [...faults, ...(await countFaults(server.environment))];
}

/**
 * Checks that a crash loses no ticket. Kills the local runtime with `kill -9` under a write load, restarts
 * it on the same database, and looks for each ticket of a 201 response, which must exist exactly once.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export function checkCrash(): Promise<string[]> {
  return withState(async (state) => {
    const servers: RunningServer[] = [];
    const start = async () => {
      const server = await startLocalServer(state);
      servers.push(server);
      return server;
    };
    const over = new AbortController();
    const late = sleep(
      CHECK_TIMEOUT_MS,
      [`It took more than ${CHECK_TIMEOUT_MS / 1000} seconds.`],
      over,
    );
    try {
      return await Promise.race([check(start), late]);
    } finally {
      over.abort();
      late.catch(() => {});
      await Promise.all(servers.map((server) => server.crash()));
    }
  });
}

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
/** Requests under way at any time of the load. */
const WRITERS = 8;
/** Tickets that must be answered before the crash, and milliseconds that the load may take for them. */
const [ENOUGH, PATIENCE] = [200, 15_000];
/** Milliseconds that one request may take. */
const TIMEOUT = 10_000;

/** A POST that was sent before the crash: under its own key, and with a reference that is its own. */
interface Sent {
  readonly key: string;
  /** The ticket, once it was answered with 201. */
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
    signal: AbortSignal.timeout(TIMEOUT),
  });
}

/** Creates tickets without a pause until the server dies. */
async function write(server: LocalServer, headers: Headers, sent: Sent[], isOver: () => boolean) {
  while (!isOver()) {
    const one: Sent = { key: crypto.randomUUID() };
    sent.push(one);
    try {
      const response = await post(server, headers, one.key);
      const answer = await response.text();
      if (response.status !== 201) {
        throw new Error(`POST answered ${response.status} under the load: ${answer}`);
      }
      one.ticket = JSON.parse(answer);
    } catch (error) {
      // Answers that the crash cut off are what this check is about; any other failure is one.
      if (!isOver()) {
        throw error;
      }
    }
  }
}

/** Kills the server in the middle of a load. Gives what was sent to it, in the order of sending. */
async function crashUnderLoad(server: RunningServer): Promise<Sent[]> {
  const { headers } = await demoAccess(server);
  const sent: Sent[] = [];
  let over = false;
  const load = Promise.all(
    Array.from({ length: WRITERS }, () => write(server, headers, sent, () => over)),
  );
  const answered = () => sent.filter(({ ticket }) => ticket !== undefined).length;
  const started = Date.now();
  const watch = async () => {
    while (answered() < ENOUGH && Date.now() - started < PATIENCE) {
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

/** What became of one POST, as faults. Its retry must answer with the one ticket that there is. */
async function faultsOf(server: LocalServer, headers: Headers, { key, ticket }: Sent) {
  const query = `${server.origin}${TICKETS}?preparer_external_reference=${key}`;
  const list = async () => (await (await fetch(query, { headers })).json()) as List;
  const before = await list();
  const faults: string[] = [];
  if (ticket !== undefined) {
    const [found] = before.result;
    if (before.total !== 1 || found?.id !== ticket.id) {
      faults.push(`${ticket.id} was answered with 201, and is there ${before.total} times.`);
    }
  } else if (before.total > 1) {
    faults.push(`A POST without an answer made ${before.total} tickets.`);
  }
  const retry = await post(server, headers, key);
  const answer = (await retry.json()) as { id?: string };
  const after = await list();
  if (retry.status !== 201 || after.total !== 1 || after.result[0]?.id !== answer.id) {
    faults.push(`A retry answered ${retry.status}, and left ${after.total} tickets.`);
  }
  if ((retry.headers.get('idempotent-replayed') === 'true') !== (before.total === 1)) {
    faults.push('A retry did not say truly whether it made the ticket.');
  }
  return faults;
}

/** Holds the database to what was answered before the crash. */
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

/** Milliseconds that the whole check may take. */
const LIMIT = 60_000;

/** The check; each server that it starts goes through `start`. */
async function check(start: () => Promise<RunningServer>): Promise<string[]> {
  const sent = await crashUnderLoad(await start());
  const answered = sent.filter(({ ticket }) => ticket !== undefined).length;
  if (answered < ENOUGH) {
    return [`Only ${answered} tickets were made before the crash.`];
  }
  if (answered === sent.length) {
    return ['No request was under way when the server died.'];
  }
  const server = await start();
  const faults = await faultsAfter(server, sent);
  return [...faults, ...(await countFaults(server.environment))];
}

/**
 * Ends the local runtime by `kill -9` in the middle of a write load, starts it again on the same
 * database, and looks for each ticket that was answered with 201: it must be there, once.
 *
 * @returns what is wrong, a sentence each.
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
    const late = sleep(LIMIT, [`It took more than ${LIMIT / 1000} seconds.`], over);
    try {
      return await Promise.race([check(start), late]);
    } finally {
      over.abort();
      late.catch(() => {});
      await Promise.all(servers.map((server) => server.crash()));
    }
  });
}

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
const BATCHES = '/v2/tickets/prepared-ticket-batches';
/** Tickets of a batch, each with one line, so that a batch is long enough to be cut off. */
const BATCH = 100;
const PRODUCT = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';
/** Requests under way at any time of the load. */
const WRITERS = 8;
/** Requests of each kind that must be answered before the crash, and milliseconds that the load may take for them. */
const [ENOUGH, PATIENCE] = [{ tickets: 50, batches: 20 }, 30_000];
/** Milliseconds that one request may take. */
const TIMEOUT = 10_000;

/** A POST that was sent before the crash: under its own key, which is the reference of its tickets. */
interface Sent {
  readonly key: string;
  /** How many tickets it creates: one, or those of a batch. */
  readonly size: number;
  /** The ids of its tickets, once it was answered with 201. */
  ids?: readonly string[];
}

type Headers = Readonly<Record<string, string>>;

function post({ origin }: LocalServer, headers: Headers, { key, size }: Sent): Promise<Response> {
  const ticket = {
    customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
    vehicle_model_id: 1,
    vin: null,
    preparer_external_reference: key,
  };
  const item = { ...ticket, product_lines: [{ product_id: PRODUCT, quantity: 1 }] };
  return fetch(origin + (size === 1 ? TICKETS : BATCHES), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
    body: JSON.stringify(size === 1 ? ticket : { prepared_tickets: Array(size).fill(item) }),
    signal: AbortSignal.timeout(TIMEOUT),
  });
}

/** The ids of the tickets that a POST was answered with. */
function idsOf(answer: string): readonly string[] {
  const body = JSON.parse(answer) as { id: string; result?: readonly { id: string }[] };
  return (body.result ?? [body]).map(({ id }) => id);
}

/** Creates tickets without a pause until the server dies. */
async function write(
  server: LocalServer,
  headers: Headers,
  size: number,
  sent: Sent[],
  isOver: () => boolean,
) {
  while (!isOver()) {
    const one: Sent = { key: crypto.randomUUID(), size };
    sent.push(one);
    try {
      const response = await post(server, headers, one);
      const answer = await response.text();
      if (response.status !== 201) {
        throw new Error(`POST answered ${response.status} under the load: ${answer}`);
      }
      one.ids = idsOf(answer);
    } catch (error) {
      // Answers that the crash cut off are what this check is about; any other failure is one.
      if (!isOver()) {
        throw error;
      }
    }
  }
}

/** Whether enough requests of each kind were answered. */
function isEnough(sent: readonly Sent[]): boolean {
  const answered = sent.filter(({ ids }) => ids !== undefined);
  const tickets = answered.filter(({ size }) => size === 1).length;
  return tickets >= ENOUGH.tickets && answered.length - tickets >= ENOUGH.batches;
}

/** Kills the server in the middle of a load. Gives what was sent to it, in the order of sending. */
async function crashUnderLoad(server: RunningServer): Promise<Sent[]> {
  const { headers } = await demoAccess(server);
  const sent: Sent[] = [];
  let over = false;
  const load = Promise.all(
    Array.from({ length: WRITERS }, (_, i) =>
      write(server, headers, i % 2 === 0 ? 1 : BATCH, sent, () => over),
    ),
  );
  const started = Date.now();
  const watch = async () => {
    while (!isEnough(sent) && Date.now() - started < PATIENCE) {
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

/** What became of one POST, as faults. Its retry must answer with the tickets that there are. */
async function faultsOf(server: LocalServer, headers: Headers, sent: Sent) {
  const { key, size, ids } = sent;
  const url = `${server.origin}${TICKETS}?preparer_external_reference=${key}&limit=${size}`;
  const list = async (query = '') => (await (await fetch(url + query, { headers })).json()) as List;
  // Numbers rise in the order of the request, and the list begins with the newest.
  const idsIn = ({ result }: List) => result.map(({ id }) => id).reverse();
  const isSame = (found: List, expected: readonly string[]) =>
    found.total === expected.length && String(idsIn(found)) === String(expected);
  const before = await list();
  const faults: string[] = [];
  if (ids !== undefined && !isSame(before, ids)) {
    faults.push(`${ids.length} tickets were answered with 201, and ${before.total} are there.`);
  }
  if (before.total !== 0 && before.total !== size) {
    faults.push(`A POST of ${size} tickets left ${before.total}.`);
  }
  const retry = await post(server, headers, sent);
  const answer = await retry.text();
  const after = await list();
  if (retry.status !== 201 || !isSame(after, idsOf(answer)) || after.total !== size) {
    faults.push(`A retry answered ${retry.status}, and left ${after.total} tickets.`);
  }
  if (size > 1 && (await list(`&product_id=${PRODUCT}`)).total !== size) {
    faults.push('A batch left tickets without their lines.');
  }
  if ((retry.headers.get('idempotent-replayed') === 'true') !== (before.total === size)) {
    faults.push('A retry did not say truly whether it made the tickets.');
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
const LIMIT = 180_000;

/** The check; each server that it starts goes through `start`. */
async function check(start: () => Promise<RunningServer>): Promise<string[]> {
  const sent = await crashUnderLoad(await start());
  const answered = sent.filter(({ ids }) => ids !== undefined).length;
  if (!isEnough(sent)) {
    return [`Only ${answered} requests were answered before the crash.`];
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
 * database, and looks for the tickets of each request: those that were answered with 201 must be there,
 * once, and a batch without an answer must be there as a whole or not at all.
 *
 * @returns what is wrong, a sentence each.
 */
export function checkCrash(): Promise<string[]> {
  return withState(async (state) => {
    const servers: RunningServer[] = [];
    const over = new AbortController();
    const start = async () => {
      const server = await startLocalServer(state);
      servers.push(server);
      // A start that outlasts the limit would leave a server that nobody stops.
      if (over.signal.aborted) {
        await server.crash();
      }
      return server;
    };
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

import { demoAccess } from '../dev/demo-access.ts';
import { type LocalServer, type RunningServer, withKillableServers } from '../dev/local-server.ts';
import { failureOf, run } from '../process/command.ts';
import { until } from '../process/until.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
const BATCHES = '/v2/tickets/prepared-ticket-batches';
/** The number of tickets of a batch, each with one line. A crash must be able to interrupt a batch. */
const BATCH = 100;
const PRODUCT = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';
/** The number of concurrent requests under load. */
const WRITERS = 8;
/** The number of requests of each kind that must succeed before the crash. */
const MIN_RESPONSES = { tickets: 50, batches: 20 };
/** The longest time that the load may take for them. */
const LOAD_TIMEOUT_MS = 30_000;
/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 10_000;

/** A POST request that was sent before the crash. Its key is also the reference of its tickets. */
interface Sent {
  readonly key: string;
  /** The number of tickets that it creates. */
  readonly size: number;
  /** The ids of the tickets of a 201 response; undefined if no response arrived. */
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
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}

/** Returns the ids of the tickets in the body of a 201 response. */
function idsOf(answer: string): readonly string[] {
  const body = JSON.parse(answer) as { id: string; result?: readonly { id: string }[] };
  return (body.result ?? [body]).map(({ id }) => id);
}

/** Returns whether enough requests of each kind have succeeded. */
function isEnough(sent: readonly Sent[]): boolean {
  const answered = sent.filter(({ ids }) => ids !== undefined);
  const tickets = answered.filter(({ size }) => size === 1).length;
  return tickets >= MIN_RESPONSES.tickets && answered.length - tickets >= MIN_RESPONSES.batches;
}

/** Kills the server under load. Returns the requests in the order in which they were sent. */
async function crashUnderLoad(server: RunningServer): Promise<Sent[]> {
  const { headers } = await demoAccess(server);
  const sent: Sent[] = [];
  let isOver = false;
  const write = async (size: number) => {
    while (!isOver) {
      const one: Sent = { key: crypto.randomUUID(), size };
      sent.push(one);
      try {
        const response = await post(server, headers, one);
        const answer = await response.text();
        if (response.status !== 201) {
          throw new Error(`POST returned ${response.status} under load: ${answer}`);
        }
        one.ids = idsOf(answer);
      } catch (error) {
        // The crash is expected to interrupt requests. A failure before it is a fault.
        if (!isOver) {
          throw error;
        }
      }
    }
  };
  const watch = async () => {
    await until(() => isEnough(sent), LOAD_TIMEOUT_MS, 20);
    isOver = true;
    await server.crash();
  };
  const writers = Array.from({ length: WRITERS }, (_, i) => write(i % 2 === 0 ? 1 : BATCH));
  await Promise.all([...writers, watch()]);
  return sent;
}

interface List {
  readonly total: number;
  readonly result: readonly { id: string; ticket_number: number }[];
}

/**
 * Checks one POST request after the crash: the tickets of a 201 response exist exactly once, a request
 * without a response created all of its tickets or none, and a retry returns the tickets that exist.
 */
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
    faults.push(`A POST returned 201 with ${ids.length} tickets, but ${before.total} exist.`);
  }
  if (before.total !== 0 && before.total !== size) {
    faults.push(`A POST of ${size} tickets created ${before.total}.`);
  }
  const retry = await post(server, headers, sent);
  const answer = await retry.text();
  const after = await list();
  if (retry.status !== 201 || !isSame(after, idsOf(answer)) || after.total !== size) {
    faults.push(`A retry returned ${retry.status}, and ${after.total} tickets exist after it.`);
  }
  if (size > 1 && (await list(`&product_id=${PRODUCT}`)).total !== size) {
    faults.push('A batch created tickets without their lines.');
  }
  if ((retry.headers.get('idempotent-replayed') === 'true') !== (before.total === size)) {
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

/** The longest time that the whole check may take. */
const CHECK_TIMEOUT_MS = 180_000;

/** Runs the check. Starts its servers with `start`, so that the caller can stop them. */
async function check(start: () => Promise<RunningServer>): Promise<string[]> {
  const sent = await crashUnderLoad(await start());
  const answered = sent.filter(({ ids }) => ids !== undefined).length;
  if (!isEnough(sent)) {
    return [`Only ${answered} requests succeeded before the crash.`];
  }
  if (answered === sent.length) {
    return ['No request was in flight when the server was killed.'];
  }
  const server = await start();
  const faults = await faultsAfter(server, sent);
  const { environment } = server;
  const counts = await run(process.execPath, ['scripts/operate/counts-check.ts'], { environment });
  return [...faults, ...failureOf('counts:check', counts)];
}

/**
 * Checks that a crash loses no ticket and divides no batch. Kills the local runtime with `kill -9` under a
 * write load, restarts it on the same database, and looks for the tickets of each request: those of a 201
 * response must exist exactly once, and a batch without a response must exist as a whole or not at all.
 */
export function checkCrash(): Promise<string[]> {
  return withKillableServers(CHECK_TIMEOUT_MS, check);
}

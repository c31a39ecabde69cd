/**
 * `npm run bench:export [-- --tickets N]` exports all tickets of a partner while others are created and
 * deleted. It fails when a ticket that existed throughout is missing, when any ticket appears twice, or
 * when the memory of workerd grows by more than 64 MiB from the first tenth of the export to the last. With
 * fewer than 100,000 tickets the export ends before the memory has been sampled often enough to judge it.
 */
import { Command } from 'commander';
import { API, type World, withWorld } from '../scripts/runtime/world.ts';
import { fill, idOf } from './dataset.ts';
import { startWrites, type Writes } from './export-writes.ts';
import { multipleOf } from './options.ts';
import { median } from './statistics.ts';
import { residentMib, workerdProcess } from './workerd-memory.ts';

const MAX_GROWTH_MIB = 64;
/** The number of tickets from which on the growth of the memory is judged. */
const MIN_TICKETS_FOR_MEMORY = 100_000;
/**
 * Exports before the measured one. The heap of V8, the allocator and the cache of the database, which runs
 * in the same process, settle during the first ones: each makes the process grow by less than the one
 * before it. A leak would make all of them grow it alike.
 */
const WARM_UP_EXPORTS = 4;
const INTERVAL_MS = 50;
const TOKEN_RENEWAL_MS = 600_000;

/** What an export gave, by id: how often each ticket appeared. */
interface Exported {
  readonly appearances: ReadonlyMap<string, number>;
  /** Tickets that were read, and resident memory in MiB, at each interval. */
  readonly memory: readonly (readonly [tickets: number, mib: number])[];
  readonly seconds: number;
  readonly pages: number;
}

/** Headers of the big partner that are renewed before the token expires. */
async function freshHeaders(world: World) {
  let current = await world.headers('big');
  const timer = setInterval(async () => {
    current = await world.headers('big');
  }, TOKEN_RENEWAL_MS);
  return { get: () => current, stop: () => clearInterval(timer) };
}

/** Reads the ids of a page, line by line as they come. @returns the URL of the following page. */
async function readPage(url: string, headers: HeadersInit, onId: (id: string) => void) {
  const response = await fetch(url, { headers });
  if (!response.ok || response.body === null) {
    throw new Error(`The export answered ${response.status}: ${await response.text()}`);
  }
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      onId((JSON.parse(line) as { id: string }).id);
    }
  }
  if (rest !== '') {
    throw new Error('The export ended within a line.');
  }
  return /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
}

async function exportAll(origin: string, headers: () => HeadersInit): Promise<Exported> {
  const appearances = new Map<string, number>();
  const memory: [number, number][] = [];
  const pid = workerdProcess();
  let [tickets, pages] = [0, 0];
  const timer = setInterval(() => memory.push([tickets, residentMib(pid)]), INTERVAL_MS);
  const started = performance.now();
  try {
    let url: string | undefined = `${origin}/v2/tickets/prepared-ticket-export`;
    while (url !== undefined) {
      url = await readPage(url, headers(), (id) => {
        tickets += 1;
        appearances.set(id, (appearances.get(id) ?? 0) + 1);
      });
      pages += 1;
    }
  } finally {
    clearInterval(timer);
  }
  return { appearances, memory, pages, seconds: (performance.now() - started) / 1000 };
}

function summary(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `min ${least.toFixed(0)}, median ${median(values).toFixed(0)}, max ${most.toFixed(0)} MiB`;
}

/** Prints the memory by tenths of the export. @returns by how many MiB the median grew between the ends. */
function reportMemory({ memory, appearances }: Exported): number {
  const total = appearances.size;
  const tenths = Array.from({ length: 10 }, (_, i) =>
    memory
      .filter(([tickets]) => Math.min(9, Math.floor((10 * tickets) / total)) === i)
      .map(([, mib]) => mib),
  );
  for (const [i, values] of tenths.entries()) {
    console.log(
      `resident memory of workerd, tenth ${i + 1}: ${values.length === 0 ? 'not sampled' : summary(values)}`,
    );
  }
  const [first = [], last = []] = [tenths[0], tenths[9]];
  return first.length === 0 || last.length === 0 ? Number.NaN : median(last) - median(first);
}

/** @returns what is wrong with the tickets, a sentence each. */
function faultsOf(
  { appearances }: Exported,
  { deleted, created }: Writes,
  idsBefore: readonly string[],
  deletedIds: ReadonlySet<string>,
): string[] {
  const missing = idsBefore.filter((id) => !deletedIds.has(id) && !appearances.has(id)).length;
  const doubled = [...appearances.values()].filter((times) => times > 1).length;
  const known = new Set([...idsBefore, ...created]);
  const unknown = [...appearances.keys()].filter((id) => !known.has(id)).length;
  const seen = [...created].filter((id) => appearances.has(id)).length;
  console.log(
    `${appearances.size} tickets exported, ${created.size} created meanwhile (${seen} of them exported), ${deleted.size} deleted`,
  );
  return [
    ...(missing > 0 ? [`${missing} tickets that existed throughout are missing.`] : []),
    ...(doubled > 0 ? [`${doubled} tickets appear more than once.`] : []),
    ...(unknown > 0 ? [`${unknown} tickets never existed.`] : []),
    ...(created.size === 0 || deleted.size === 0 ? ['Nothing was written meanwhile.'] : []),
  ];
}

async function run(world: World, tickets: number): Promise<string[]> {
  await fill(world.database, tickets, 1);
  const origin = await world.origin(API);
  const headers = await freshHeaders(world);
  try {
    for (let i = 0; i < WARM_UP_EXPORTS; i++) {
      await exportAll(origin, headers.get);
    }
    const stop = startWrites(world, tickets, headers.get);
    const exported = await exportAll(origin, headers.get);
    const writes = await stop();
    const before = Array.from({ length: tickets }, (_, n) => idOf.ticket(n));
    const deletedIds = new Set([...writes.deleted].map(idOf.ticket));
    const faults = faultsOf(exported, writes, before, deletedIds);
    const { appearances, seconds, pages } = exported;
    console.log(
      `${pages} pages in ${seconds.toFixed(0)} s: ${(appearances.size / seconds).toFixed(0)} tickets a second`,
    );
    if (tickets < MIN_TICKETS_FOR_MEMORY) {
      return faults;
    }
    const growth = reportMemory(exported);
    console.log(`growth from the first tenth to the last: ${growth.toFixed(0)} MiB`);
    return growth <= MAX_GROWTH_MIB
      ? faults
      : [...faults, `The memory grew by more than ${MAX_GROWTH_MIB} MiB, or was not sampled.`];
  } finally {
    headers.stop();
  }
}

const { tickets } = new Command('npm run bench:export --')
  .description('Exports all tickets of a partner during writes, and watches the memory.')
  .option('--tickets <NUMBER>', 'tickets of the partner', multipleOf(1000), 1_000_000)
  .parse()
  .opts<{ tickets: number }>();

const read = { tickets: 0, rows: 0 };

/** Adds up what the log tells of each page, once its body has ended. */
function addPage(line: string): void {
  if (line.includes('"event":"export"')) {
    const page = JSON.parse(line) as { tickets: number; rows_read: number };
    read.tickets += page.tickets;
    read.rows += page.rows_read;
  }
}

const faults = await withWorld([], {}, (world) => run(world, tickets), addPage);
console.log(`${(read.rows / read.tickets).toFixed(2)} rows read for each ticket with one line`);
for (const fault of faults) {
  console.error(fault);
}
process.exitCode = faults.length > 0 ? 1 : 0;

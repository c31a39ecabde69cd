/** `npm run budgets` holds the sizes of bundle and document and the start-up's CPU time to their budgets. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runWrangler } from '../scripts/process/wrangler.ts';
import { bundle, temporaryFolder } from '../scripts/runtime/bundle.ts';
import { median } from './statistics.ts';

const MAX_KIB = 160;
const MAX_STARTUP_MS = 50;
/** Of the whole document as it is served, uncompressed, for each of its operations. */
const MAX_KIB_FOR_EACH_OPERATION = 8;
/** One start-up is a few dozen samples of a profiler; the median of some is steadier. */
const STARTUPS = 5;

/** A V8 CPU profile, as far as it is read here. Times are in microseconds. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Milliseconds in which the profiled isolate did anything. */
function activeTime({ nodes, samples, timeDeltas }: Profile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  const active = timeDeltas.filter((_, i) => !idle.has(samples[i] as number));
  return active.reduce((sum, delta) => sum + delta, 0) / 1000;
}

async function startupTime(folder: string): Promise<number> {
  const outfile = join(folder, 'startup.cpuprofile');
  const { code, stdout, stderr } = await runWrangler(['check', 'startup', '--outfile', outfile]);
  if (code !== 0) {
    throw new Error(`The start-up could not be profiled:\n${stdout}${stderr}`);
  }
  return activeTime(JSON.parse(readFileSync(outfile, 'utf8')));
}

/** KiB of the document for each operation. The build that bundles the Worker writes the document. */
function documentSize(): number {
  const text = readFileSync('.assets/openapi.json');
  const { paths } = JSON.parse(text.toString()) as { paths: Record<string, object> };
  const operations = Object.values(paths).flatMap((item) => Object.keys(item));
  return text.byteLength / 1024 / operations.length;
}

function report(what: string, value: number, unit: string, budget: number): void {
  const over = value > budget;
  console.log(
    `${over ? 'OVER' : 'ok  '}  ${what}: ${value.toFixed(1)} ${unit}, budget ${budget} ${unit}`,
  );
  if (over) {
    process.exitCode = 1;
  }
}

const folder = temporaryFolder();
try {
  const { gzipKib } = await bundle(folder);
  report('Worker bundle, gzip', gzipKib, 'KiB', MAX_KIB);
  report('/openapi.json for each operation', documentSize(), 'KiB', MAX_KIB_FOR_EACH_OPERATION);
  const times: number[] = [];
  for (let i = 0; i < STARTUPS; i++) {
    times.push(await startupTime(folder));
  }
  report(`start-up CPU, median of ${STARTUPS}`, median(times), 'ms', MAX_STARTUP_MS);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * `npm run budgets [-- --startups N]` compares the sizes of the bundle and the document, and the CPU time of the
 * start, with their budgets. The times of fewer starts than without options are printed, and not judged.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { runWrangler } from '../scripts/process/wrangler.ts';
import { bundle, temporaryFolder } from '../scripts/runtime/bundle.ts';
import { multipleOf } from './options.ts';
import { median } from './statistics.ts';

/** The limit of the Worker bundle after gzip. It is an alarm and no goal: the platform takes 10 MB on the paid plan. */
const MAX_BUNDLE_KIB = 256;
/** A Worker that only imports the packages of the API. */
const PACKAGES_WORKER = 'bench/startup/worker.ts';
/**
 * The limit of the CPU time of a start of the API, as a multiple of that of the Worker above. The quotient depends less
 * on the machine than the time.
 */
const MAX_STARTUP_RATIO = 3.5;
/**
 * The limit of the uncompressed document, divided by the number of its operations. Its webhooks are in the size, and
 * not in the number.
 */
const MAX_DOCUMENT_KIB_PER_OPERATION = 10;
/**
 * The number of measured starts of each Worker without options. One start has only a few dozen profiler samples, so
 * the median is more stable.
 */
const FULL_STARTUPS = 5;

/** The part of a V8 CPU profile that is read here. Times are in microseconds. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Returns the milliseconds in which the profiled isolate was not idle. */
function activeTimeMs({ nodes, samples, timeDeltas }: Profile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  const active = timeDeltas.filter((_, i) => !idle.has(samples[i] as number));
  return active.reduce((sum, delta) => sum + delta, 0) / 1000;
}

/** Profiles one start of a bundled Worker. Returns its CPU time in milliseconds. */
async function startupTimeMs(folder: string, upload: string): Promise<number> {
  const outfile = join(folder, 'startup.cpuprofile');
  const command = ['check', 'startup', '--worker', upload, '--outfile', outfile];
  const { code, stdout, stderr } = await runWrangler(command);
  if (code !== 0) {
    throw new Error(`The start could not be profiled:\n${stdout}${stderr}`);
  }
  return activeTimeMs(JSON.parse(readFileSync(outfile, 'utf8')));
}

/**
 * Returns the size of the document in KiB, divided by the number of its operations. The build that bundles
 * the Worker writes the document.
 */
function documentKibPerOperation(): number {
  const text = readFileSync('.assets/openapi.json');
  const { paths } = JSON.parse(text.toString()) as { paths: Record<string, object> };
  const operations = Object.values(paths).flatMap((item) => Object.keys(item));
  return text.byteLength / 1024 / operations.length;
}

/** Prints a value with its budget in the same unit. Makes the script fail if the value exceeds it. */
function report(what: string, value: number, unit: string, budget: number): void {
  const over = value > budget;
  console.log(
    `${over ? 'OVER' : 'ok  '}  ${what}: ${value.toFixed(1)}${unit}, budget ${budget}${unit}`,
  );
  if (over) {
    process.exitCode = 1;
  }
}

const { startups } = new Command('npm run budgets --')
  .description('Compares sizes and the CPU time of the start with their budgets.')
  .option('--startups <NUMBER>', 'measured starts of each Worker', multipleOf(1), FULL_STARTUPS)
  .parse()
  .opts<{ startups: number }>();

const folder = temporaryFolder();
try {
  const { gzipKib, upload } = await bundle(folder);
  report('Worker bundle, gzip', gzipKib, ' KiB', MAX_BUNDLE_KIB);
  report(
    '/openapi.json for each operation',
    documentKibPerOperation(),
    ' KiB',
    MAX_DOCUMENT_KIB_PER_OPERATION,
  );
  const packages = await bundle(join(folder, 'packages'), PACKAGES_WORKER);
  const api: number[] = [];
  const alone: number[] = [];
  // Alternating starts meet the same load of the machine.
  for (let i = 0; i < startups; i++) {
    api.push(await startupTimeMs(folder, upload));
    alone.push(await startupTimeMs(folder, packages.upload));
  }
  const times = `${median(api).toFixed(1)} ms against ${median(alone).toFixed(1)} ms of the packages alone`;
  const what = `CPU time of the start, medians of ${startups}, ${times}`;
  const ratio = median(api) / median(alone);
  if (startups < FULL_STARTUPS) {
    console.log(`short ${what}: ${ratio.toFixed(1)} times`);
  } else {
    report(what, ratio, ' times', MAX_STARTUP_RATIO);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

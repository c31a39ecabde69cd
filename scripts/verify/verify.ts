/**
 * `npm run verify` runs all static checks at the same time, and prints the output of those that fail. Each of them
 * mostly keeps one core busy, so together they take half as long.
 */
import { run } from '../process/command.ts';

const checks = [
  'tsc -p .',
  'tsc -p scripts',
  'knip',
  'biome check --error-on-warnings',
  'node scripts/verify/expressions.ts',
  'wrangler types --strict-vars=false --check',
];
/** The number of checks that run at the same time. More than the cores of a small machine only share them. */
const CONCURRENCY = 3;

const left = checks.values();

async function runSome(): Promise<void> {
  for (const command of left) {
    const started = performance.now();
    // npm has put the folder of these commands into PATH. On Windows they are scripts, which need the shell.
    const { code, stdout, stderr } = await run(command, [], { shell: true });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${seconds} s ${command}`);
    if (code !== 0) {
      console.error(`${stdout}${stderr}`);
      process.exitCode = 1;
    }
  }
}

await Promise.all(Array.from({ length: CONCURRENCY }, runSome));

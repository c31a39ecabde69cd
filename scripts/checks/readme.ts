import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { LocalServer } from '../dev/local-server.ts';
import { finished } from '../process/finished.ts';

const README = 'README.md';
const ORIGIN = 'http://localhost:8787';
/** A block of shell with this comment right above it is a promise that it works as printed. */
const BLOCK = /^<!-- runs in CI -->\n+```sh\n([\s\S]*?)^```$/gm;

/**
 * Runs the README's marked blocks word for word, but for the port, each in a bash that stops at the
 * first failure.
 *
 * @returns what is wrong, a sentence each.
 */
export async function checkReadme({ origin, environment }: LocalServer): Promise<string[]> {
  const text = readFileSync(README, 'utf8').replaceAll('\r\n', '\n');
  const blocks = Array.from(text.matchAll(BLOCK), ([, block]) => block as string);
  if (blocks.length === 0) {
    return [`${README} has no block of shell under "<!-- runs in CI -->".`];
  }
  const faults: string[] = [];
  for (const block of blocks) {
    // Commands and both outputs in their order, so that one sees which command it was.
    const traced = `exec 2>&1; set -x\n${block.replaceAll(ORIGIN, origin)}`;
    const bash = spawn('bash', ['-euo', 'pipefail', '-c', traced], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const { code, stdout } = await finished(bash);
    if (code !== 0) {
      faults.push(`A block of ${README} ended with ${code ?? 'a time-out'}:\n${stdout}`);
    }
  }
  return faults;
}

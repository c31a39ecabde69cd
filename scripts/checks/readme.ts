import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { LocalServer } from '../dev/local-server.ts';
import { finished } from '../process/finished.ts';

const README = 'README.md';
/** The README must stay short enough to read at once. Longer explanations belong in docs/. */
const MAX_README_BYTES = 8192;
const ORIGIN = 'http://localhost:8787';
/** Matches a shell block directly below this comment. It must work as it is printed. */
const BLOCK = /^<!-- runs in CI -->\n+```sh\n([\s\S]*?)^```$/gm;

/**
 * Checks the size of the README and runs its marked blocks as they are printed, except for the port.
 * Each block runs in a bash that stops at the first failure.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkReadme({ origin, environment }: LocalServer): Promise<string[]> {
  const text = readFileSync(README, 'utf8').replaceAll('\r\n', '\n');
  const blocks = Array.from(text.matchAll(BLOCK), ([, block]) => block as string);
  if (blocks.length === 0) {
    return [`${README} has no shell block under "<!-- runs in CI -->".`];
  }
  const faults: string[] = [];
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_README_BYTES) {
    faults.push(`${README} has ${bytes} bytes. The limit is ${MAX_README_BYTES}.`);
  }
  for (const block of blocks) {
    // `set -x` prints the commands between their outputs, so that a failure shows its command.
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

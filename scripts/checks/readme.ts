import { readFileSync } from 'node:fs';
import type { LocalServer } from '../dev/local-server.ts';
import { freePort } from '../dev/ports.ts';
import { type Finished, run } from '../process/command.ts';

const README = 'README.md';
/** The README must stay short enough to read at once. Longer explanations belong in docs/. */
const MAX_README_BYTES = 8192;
/** Matches a shell block directly below this comment. It must work as it is printed. */
const BLOCK = /^<!-- runs in CI -->\n+```sh\n([\s\S]*?)^```$/gm;

/**
 * The shells into which a reader may paste a block, each with the options that make it stop at the first failure and
 * print the commands between their outputs. zsh must read the block like an interactive one, which knows no comments.
 */
const SHELLS = {
  bash: ['bash', '-euxo', 'pipefail', '-s'],
  zsh: ['zsh', '-f', '-i', '+m', '-ex', '-o', 'pipefail', '-s'],
} as const;
const BLOCK_TIMEOUT_MS = 120_000;

/** Runs a block in a shell, with the standard error output of the shell in its standard output. */
function runBlock(
  shell: keyof typeof SHELLS,
  block: string,
  environment: Readonly<Record<string, string>>,
): Promise<Finished> {
  const [command, ...args] = SHELLS[shell];
  return run(command, args, {
    environment: { ...environment, PS1: '', PS2: '' },
    input: `exec 2>&1\n${block}`,
    timeout: BLOCK_TIMEOUT_MS,
  });
}

/** Checks that a block says in one sentence that the API does not answer. */
async function faultsWithoutApi(block: string): Promise<string[]> {
  const { stdout } = await runBlock('bash', `set +x\n${block}`, { PORT: String(await freePort()) });
  const [sentence, ...others] = stdout.split('\n').filter((line) => !/^\++ /.test(line) && line);
  return sentence?.startsWith('The API does not answer at') && others.length === 0
    ? []
    : [`Without an API, a block of ${README} prints:\n${stdout}`];
}

/** Checks the size of the README and runs its marked blocks as they are printed, with PORT set, in each shell. */
export async function checkReadme({ environment }: LocalServer): Promise<string[]> {
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
    faults.push(...(await faultsWithoutApi(block)));
    for (const shell of ['bash', 'zsh'] as const) {
      const { code, stdout } = await runBlock(shell, block, environment);
      if (code !== 0) {
        faults.push(
          `A block of ${README} ended in ${shell} with ${code ?? 'a time-out'}:\n${stdout}`,
        );
      }
    }
  }
  return faults;
}

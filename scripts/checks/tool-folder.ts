import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, finished } from '../process/finished.ts';

/** Milliseconds that an installation or a tool may take on a busy machine. */
const TOOL_TIMEOUT_MS = 120_000;

/** Tools that only checks need, in a folder of `scripts` with a lock file of its own. */
export class ToolFolder {
  readonly path: string;

  constructor(name: 'lint' | 'consumers') {
    this.path = join(import.meta.dirname, name);
  }

  /**
   * Installs the tools as their lock file says, unless that was done since it changed.
   *
   * @throws Error with npm's output when it fails.
   */
  async install(): Promise<void> {
    const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
      (name) => join(this.path, name),
    ) as [string, string];
    if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) {
      return;
    }
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, stdout, stderr } = await runTool('npm', ['ci', '--prefix', this.path, ...quiet]);
    if (code !== 0) {
      const told = `npm ci of ${this.path} ended with ${code ?? 'a time-out'}`;
      throw new Error(`${told}:\n${stdout}${stderr}`);
    }
  }

  /** Returns the path of a tool's executable. */
  bin(tool: string): string {
    return join(this.path, 'node_modules/.bin', tool);
  }
}

/** Where a tool runs, and with what in its environment. */
interface ToolOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, whatever its exit code: many tools have one for findings. */
export function runTool(
  command: string,
  parameters: readonly string[],
  { cwd, environment = {} }: ToolOptions = {},
): Promise<Finished> {
  return finished(
    spawn(command, parameters, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TOOL_TIMEOUT_MS,
    }),
  );
}

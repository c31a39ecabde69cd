import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, type Finished, failureOf, run } from '../process/command.ts';

/** The longest time that an installation or a tool may take on a busy machine. */
const TOOL_TIMEOUT_MS = 120_000;

/** A folder with tools that only checks need. It has a separate lock file. */
export class ToolFolder {
  readonly path: string;

  constructor(name: 'lint' | 'consumers') {
    this.path = join(import.meta.dirname, name);
  }

  /**
   * Installs the tools of the lock file, unless they were installed since it changed.
   *
   * @throws Error with the output of npm if the installation fails.
   */
  async install(): Promise<void> {
    const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
      (name) => join(this.path, name),
    ) as [string, string];
    if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) {
      return;
    }
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const end = await runTool('npm', ['ci', '--prefix', this.path, ...quiet]);
    for (const fault of failureOf(`npm ci of ${this.path}`, end)) {
      throw new Error(fault);
    }
  }

  /** Returns the path of a tool's executable. */
  bin(tool: string): string {
    return join(this.path, 'node_modules/.bin', tool);
  }
}

/** Runs a command until it ends. Does not throw for a non-zero exit code, which many tools use for findings. */
export function runTool(
  command: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  return run(command, parameters, { ...options, timeout: TOOL_TIMEOUT_MS });
}

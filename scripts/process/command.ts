import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { until } from './until.ts';

/** A process whose output is piped. */
export type Piped = ChildProcessByStdio<null, Readable, Readable>;

/** The result of a command that ended. */
export interface Finished {
  /** The exit code; null if a signal ended the command, for example after a time-out. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a command runs. */
export interface CommandOptions extends SpawnOptions {
  /** Environment variables in addition to those of this process. It loses those that are undefined here. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What the command reads. */
  readonly input?: string;
}

/** Gives a command a process group of its own, which `signalGroup` needs. */
export const OWN_GROUP = { detached: process.platform !== 'win32' };

/** Starts a command with its output piped. An `env` replaces the environment of this process. */
export function start(
  command: string,
  args: readonly string[],
  { environment, input, ...options }: CommandOptions = {},
): Piped {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    ...options,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  return child as Piped;
}

/** A command that was started, with what it has printed so far. */
export class Running {
  readonly child: Piped;
  stdout = '';
  stderr = '';
  /** Both outputs in the order in which they arrived. */
  output = '';
  hasEnded = false;
  /** The result. Rejects with the error of the operating system if the command could not be started. */
  readonly end: Promise<Finished>;

  constructor(child: Piped) {
    this.child = child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        this[name] += chunk;
        this.output += chunk;
      });
    }
    this.end = new Promise<Finished>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    }).finally(() => {
      this.hasEnded = true;
    });
    // Code that only starts and stops the command does not look at its result.
    this.end.catch(() => {});
  }

  /** Waits for an output. @throws Error with the output until then if the command ends before or takes too long. */
  async untilOutput(holds: (output: string) => boolean, waitMs: number, fault: string) {
    if (!(await until(() => holds(this.output) || this.hasEnded, waitMs)) || this.hasEnded) {
      throw new Error(`${fault}:\n${this.output}`);
    }
  }

  /** Kills the command and its child processes unless it has ended. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.signalGroup('SIGKILL');
    }
    await this.end;
  }

  /** Sends a signal to the command and to its child processes. */
  signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid !== undefined && process.platform !== 'win32') {
      process.kill(-pid, signal);
    } else {
      this.child.kill(signal);
    }
  }
}

/** Runs a command until it ends, with any exit code. @throws the error of the operating system if it cannot start. */
export function run(
  command: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<Finished> {
  return new Running(start(command, args, options)).end;
}

/** Returns a sentence with the output if a command failed. */
export function failureOf(what: string, { code, stdout, stderr }: Finished): string[] {
  return code === 0 ? [] : [`${what} ended with ${code ?? 'a time-out'}:\n${stdout}${stderr}`];
}

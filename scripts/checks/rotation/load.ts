import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator, Rotated } from './operator.ts';
import { Program } from './program.ts';
import { Traffic } from './traffic.ts';

const PROGRAMS = 8;

/** The programs of a partner at work. */
export class Load {
  readonly traffic: Traffic;
  readonly #operator: Operator;
  readonly #programs: readonly Program[];
  readonly #work: Promise<unknown>;
  #over = false;

  /** Sets the programs to work. @param origins of what is deployed. */
  constructor(operator: Operator, origins: readonly string[]) {
    this.#operator = operator;
    this.traffic = new Traffic(origins);
    this.#programs = Array.from(
      { length: PROGRAMS },
      () => new Program(this.traffic, operator.newest),
    );
    this.#work = Promise.all(this.#programs.map((program) => program.work(() => this.#over)));
    // An answer that no program can read is told by stop, not by a crash of the check.
    this.#work.catch(() => {});
  }

  /**
   * Lets each program learn what is newest at some time of its own, as systems that people set up anew.
   *
   * @param latest milliseconds that the slowest takes.
   */
  announce(what: Rotated, latest: number): void {
    for (const [i, program] of this.#programs.entries()) {
      // A part of the time for each, so that there are quick ones and slow ones in every run.
      const delay = ((i + Math.random()) / PROGRAMS) * latest;
      setTimeout(() => program.learn(what, this.#operator.newest), delay);
    }
  }

  /** Goes on for some time with other deployments, at least until each program has had a new token. */
  async during(phase: string, origins: readonly string[], milliseconds: number): Promise<void> {
    this.traffic.phase = phase;
    this.traffic.origins = origins;
    const start = performance.now();
    await sleep(milliseconds);
    while (!this.#over && this.#programs.some(({ renewedAt }) => renewedAt < start)) {
      await sleep(20);
    }
  }

  /** Lets the programs finish what they do. */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#work;
  }

  /** How many requests there were, and how many of them for a token. */
  figures() {
    const tokens = this.#programs.reduce((sum, { renewals }) => sum + renewals, 0);
    return { requests: this.traffic.requests, tokens };
  }

  /** Compares the tickets that there are with those that were answered. Gives faults, a sentence each. */
  async ticketFaults(): Promise<string[]> {
    const faults: string[] = [];
    for (const program of this.#programs) {
      const { total, ids } = await program.listed();
      const found = new Set(ids);
      const isSame = found.size === total && ids.every((id) => program.tickets.has(id));
      if (total !== program.tickets.size || !isSame) {
        faults.push(
          `${total} tickets are listed, and not just the ${program.tickets.size} kept ones.`,
        );
      }
    }
    return faults;
  }
}

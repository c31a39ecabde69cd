import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../process/until.ts';
import type { Operator, Rotated } from './operator.ts';
import { Program } from './program.ts';
import { Traffic } from './traffic.ts';

const PROGRAMS = 8;

/** The load of several concurrent programs of a partner. */
export class Load {
  readonly traffic: Traffic;
  readonly #operator: Operator;
  readonly #programs: readonly Program[];
  readonly #work: Promise<unknown>;
  #over = false;

  /** Starts the programs. @param origins the addresses of the current deployments. */
  constructor(operator: Operator, origins: readonly string[]) {
    this.#operator = operator;
    this.traffic = new Traffic(origins);
    this.#programs = Array.from(
      { length: PROGRAMS },
      () => new Program(this.traffic, operator.newest),
    );
    this.#work = Promise.all(this.#programs.map((program) => program.work(() => this.#over)));
    // `stop` reports an error of a program. Without this handler the error would end the check.
    this.#work.catch(() => {});
  }

  /**
   * Gives the new secret to each program at a different time, like systems that are reconfigured by hand.
   *
   * @param slowestMs milliseconds until the last program has the new secret.
   */
  announce(what: Rotated, slowestMs: number): void {
    for (const [i, program] of this.#programs.entries()) {
      // Each program gets its own part of the time, so that every run has fast and slow programs.
      const delay = ((i + Math.random()) / PROGRAMS) * slowestMs;
      setTimeout(() => program.learn(what, this.#operator.newest), delay);
    }
  }

  /** Continues the load with other deployments for some time, at least until each program has a new token. */
  async during(phase: string, origins: readonly string[], milliseconds: number): Promise<void> {
    this.traffic.phase = phase;
    this.traffic.origins = origins;
    const start = performance.now();
    await sleep(milliseconds);
    const isRenewed = () => this.#programs.every(({ renewedAt }) => renewedAt >= start);
    await until(() => this.#over || isRenewed(), Number.POSITIVE_INFINITY, 20);
  }

  /** Stops the programs and waits for their requests in flight. */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#work;
  }

  /** Returns the number of requests, and how many of them were token requests. */
  figures() {
    const tokens = this.#programs.reduce((sum, { renewals }) => sum + renewals, 0);
    return { requests: this.traffic.requests, tokens };
  }

  /** Compares the stored tickets with the responses. */
  async ticketFaults(): Promise<string[]> {
    const faults: string[] = [];
    for (const program of this.#programs) {
      const { total, ids } = await program.listed();
      const found = new Set(ids);
      const isSame = found.size === total && ids.every((id) => program.tickets.has(id));
      if (total !== program.tickets.size || !isSame) {
        faults.push(
          `The list has ${total} tickets instead of exactly the ${program.tickets.size} that were kept.`,
        );
      }
    }
    return faults;
  }
}

/** Characters of the bar. */
const WIDTH = 30;

/** Draws how much is done on one line of a terminal; where the output is no terminal it draws nothing. */
export class Progress {
  readonly #title: string;
  readonly #total: number;
  #done = 0;

  /** @param total what there is to do, in the units that `add` counts. */
  constructor(title: string, total: number) {
    this.#title = title;
    this.#total = total;
  }

  /** Adds to what is done, and draws the line again. */
  add(done: number): void {
    this.#done += done;
    if (process.stdout.isTTY) {
      const filled = Math.round((this.#done / this.#total) * WIDTH);
      const bar = '█'.repeat(filled).padEnd(WIDTH, '░');
      const end = this.#done < this.#total ? '' : '\n';
      process.stdout.write(`\r${this.#title} ${bar} ${this.#done} of ${this.#total}${end}`);
    }
  }
}

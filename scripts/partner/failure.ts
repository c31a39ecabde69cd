/** The reason why a command failed, in sentences for the person who typed it. */
export abstract class Failure extends Error {
  abstract readonly exitCode: number;
}

/** The command line is wrong. */
export class WrongUse extends Failure {
  override readonly name = 'WrongUse';
  override readonly exitCode = 2;
  /** The help text of the command, or an empty string. */
  readonly help: string;

  constructor(message: string, help = '') {
    super(message);
    this.help = help;
  }
}

/** The command cannot be carried out, and nothing was changed. */
export class NotPossible extends Failure {
  override readonly name = 'NotPossible';
  override readonly exitCode = 3;

  constructor(why: string) {
    super(`${why} Nothing was changed.`);
  }
}

/** The database could not be reached, or returned an error. */
export class DatabaseFailed extends Failure {
  override readonly name = 'DatabaseFailed';
  override readonly exitCode = 1;
}

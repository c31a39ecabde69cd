/** Why a command ends without having done its work, in sentences for the person who typed it. */
export abstract class Failure extends Error {
  abstract readonly exitCode: number;
}

/** The command is not written as it must be. */
export class WrongUse extends Failure {
  override readonly name = 'WrongUse';
  override readonly exitCode = 2;
}

/** What is asked for cannot be done, and nothing was changed. */
export class NotPossible extends Failure {
  override readonly name = 'NotPossible';
  override readonly exitCode = 3;

  constructor(why: string) {
    super(`${why} Nothing was changed.`);
  }
}

/** The database could not be asked, or did not answer. */
export class DatabaseFailed extends Failure {
  override readonly name = 'DatabaseFailed';
  override readonly exitCode = 1;
}

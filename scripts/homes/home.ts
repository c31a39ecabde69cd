/** A home as the scripts use it. */
export interface Home {
  readonly name: string;
  readonly number: number;
  /** The name of the D1 binding. */
  readonly binding: string;
}

export const IDS_PER_HOME = 1_000_000;
export const MAIN: Home = { name: 'main', number: 0, binding: 'DB' };

/** Executes statements in a database as one batch, which is one transaction. Returns the rows of each. */
export type Batch = (statements: readonly string[]) => Promise<unknown[][]>;

import type { GateReason } from './errors.ts';
import type { CompiledStatement, OwnedStatement } from './statements.ts';

/**
 * Decides about the caller of a request in the D1 call that the request makes anyway. The statement runs first in the
 * same transaction. If the caller may not make the request, it fails, and so nothing after it runs.
 */
export interface Gate<Row = unknown> {
  /** Returns a statement that selects one row, or fails with a `GateReason` as the path. */
  statement(): CompiledStatement<Row> & OwnedStatement;
  /** Receives the row of a statement that held. */
  confirm(row: Row): void;
  /** Throws the error of a request whose caller may not make it. */
  refuse(reason: GateReason): Promise<never>;
}

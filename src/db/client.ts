import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { faultOf } from './errors.ts';

type Statements = [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]];

/**
 * The database of one request. Statements are built with `query` and run with `batch`: one round
 * trip and one transaction, all or nothing.
 */
export class Database {
  readonly query: DrizzleD1Database;

  constructor(d1: D1Database) {
    this.query = drizzle(d1);
  }

  /**
   * Runs the statements in order, in one transaction and one round trip.
   *
   * @throws DatabaseUnavailable when D1 cannot answer just now, DatabaseFault for any other fault.
   */
  async batch<const S extends Statements>(statements: S): Promise<BatchResponse<S>> {
    try {
      return await this.query.batch(statements as never);
    } catch (error) {
      throw faultOf(error);
    }
  }
}

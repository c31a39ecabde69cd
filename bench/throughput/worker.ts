/**
 * The bare Worker that the API is compared with. It runs the same D1 queries with the same SQL and
 * parameters in a session and returns JSON, but it has no authentication, validation, framework or headers
 * of its own.
 */

interface Statement {
  bind(...params: unknown[]): Statement;
  all(): Promise<{ results: unknown[] }>;
}

interface Session {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<{ results: unknown[] }[]>;
}

interface Env {
  readonly DB: { withSession(constraint: string): Session };
  /** The queries of each path as JSON; see `Reads`. */
  readonly READS: string;
}

/** The queries of each path. */
export type Reads = Record<string, readonly { sql: string; params: readonly unknown[] }[]>;

let reads: Reads | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    reads ??= JSON.parse(env.READS) as Reads;
    const session = env.DB.withSession('first-primary');
    const statements = (reads[new URL(request.url).pathname] ?? []).map(({ sql, params }) =>
      session.prepare(sql).bind(...params),
    );
    if (statements.length === 1) {
      const { results } = await (statements[0] as Statement).all();
      return Response.json(results[0]);
    }
    const [rows, total] = await session.batch(statements);
    return Response.json({ result: rows?.results, total: total?.results });
  },
};

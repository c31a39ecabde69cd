import { env } from 'cloudflare:workers';
import { expect } from 'vitest';

interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** The real D1, which remembers the statements that it was given, with their values. */
export class ListeningD1 {
  readonly statements: Statement[] = [];
  readonly db: D1Database = this.#listening(env.DB);

  #listening<T extends D1Database | D1DatabaseSession>(target: T): T {
    return new Proxy(target, {
      get: (_target, name) => {
        if (name === 'withSession') {
          return (constraint?: string) =>
            this.#listening((target as D1Database).withSession(constraint));
        }
        if (name === 'prepare') {
          return (sql: string) => {
            const statement = target.prepare(sql);
            const bind = statement.bind.bind(statement);
            return Object.assign(statement, {
              bind: (...values: unknown[]) => {
                this.statements.push({ sql, values });
                return bind(...values);
              },
            });
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}

/** The steps of the plans of these statements. */
async function plansOf(statements: readonly Statement[]): Promise<string[]> {
  const explained = await env.DB.batch<{ detail: string }>(
    statements.map(({ sql, values }) =>
      env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...values),
    ),
  );
  return explained.flatMap(({ results }) => results.map(({ detail }) => detail));
}

/** What may be read from end to end: what a statement has itself made. */
const OWN_SCAN =
  /^SCAN (?:entry|match|page|found|bucket|part|start|ends|choice|known|\(subquery-\d+\)|\d* ?CONSTANT ROWS?)(?= |$)/;

/** A search in a table of ours, by its name or as a line of a ticket. */
const OUR_SEARCH =
  /^SEARCH (?:prepared_tickets|product_lines|ticket_counts|tickets|ticket_lines|picked_up_counts|own|bucket|line)\b/;

/**
 * Expects that the plans of these statements read no table of ours from end to end and search each by an
 * index. `what` names the request in failures.
 *
 * @returns the steps that search and those that sort.
 */
export async function expectSearches(statements: readonly Statement[], what: string) {
  const steps = await plansOf(statements);
  for (const step of steps.filter((each) => each.startsWith('SCAN'))) {
    expect(step, what).toMatch(OWN_SCAN);
  }
  const searches = steps.filter((each) => OUR_SEARCH.test(each));
  for (const step of searches) {
    expect(step, what).toMatch(/ USING (?:(?:COVERING )?INDEX|(?:INTEGER )?PRIMARY KEY)/);
  }
  return { searches, sorts: steps.filter((each) => each.includes('TEMP B-TREE')) };
}

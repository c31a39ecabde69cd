import { env } from 'cloudflare:workers';

/** Runs in place of each call of a binding. `execute` makes the call with the statements of these texts. */
type Call = <R extends D1Result | D1Result[]>(
  execute: () => Promise<R>,
  texts: readonly string[],
) => Promise<R>;

/**
 * Returns a D1 binding whose calls another function makes, in the ways in which the app makes them.
 *
 * @param onSession receives the constraint or bookmark of each new session.
 */
export function wrapD1(
  call: Call,
  onSession: (constraint?: string) => void = () => undefined,
  real: D1Database = env.DB,
): D1Database {
  const textOf = new WeakMap<D1PreparedStatement, string>();
  /** Changes the statement itself, because a batch accepts no other object. */
  const statement = (target: D1PreparedStatement, text: string): D1PreparedStatement => {
    const bind = target.bind.bind(target);
    const all = target.all.bind(target);
    textOf.set(target, text);
    return Object.assign(target, {
      bind: (...values: unknown[]) => statement(bind(...values), text),
      all: () => call(() => all(), [text]),
    });
  };
  const wrap = <T extends D1Database | D1DatabaseSession>(target: T): T =>
    new Proxy(target, {
      get: (_target, name) => {
        if (name === 'batch') {
          return (statements: D1PreparedStatement[]) =>
            call(
              () => target.batch(statements),
              statements.map((each) => textOf.get(each) as string),
            );
        }
        if (name === 'prepare') {
          return (query: string) => statement(target.prepare(query), query);
        }
        if (name === 'withSession') {
          return (constraint?: string) => {
            onSession(constraint);
            return wrap((target as D1Database).withSession(constraint));
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return wrap(real);
}
